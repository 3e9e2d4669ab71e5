import { writeVectors } from './vectors.ts';

await writeVectors();
