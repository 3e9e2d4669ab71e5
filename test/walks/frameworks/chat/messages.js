/** The database: a file. It begins with what was stored a year ago, when tokens were stored as well. */
import { readFile, writeFile } from 'node:fs/promises';

const file = `messages-${process.env.PORT}.json`;

export const loadChat = async () =>
  JSON.parse(await readFile(file, 'utf8').catch(() => process.env.MESSAGES));

export const saveChat = (messages) => writeFile(file, JSON.stringify(messages));
