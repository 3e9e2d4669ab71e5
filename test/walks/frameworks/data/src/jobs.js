/** A queue that keeps its jobs in a file, and mail that is kept. */
import { readFile, writeFile } from 'node:fs/promises';

const file = new URL('./jobs.json', import.meta.url);

export const mails = [];

export const addJob = (name, data) => writeFile(file, JSON.stringify({ name, data }));
export const readJobs = () => readFile(file, 'utf8');

export async function sendMail(to, html) {
  mails.push({ to, html });
}
