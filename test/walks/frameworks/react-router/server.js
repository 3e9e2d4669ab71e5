import express from 'express';
import { app } from './build/server/index.js';

const site = express();
site.use(express.static('build/client'));
site.use(app);
site.listen(process.env.PORT, '127.0.0.1');
