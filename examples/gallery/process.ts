/** The process of a site: settings, port, pictures, signals. It prints for the person who typed the command. */
import { openSite, type Site } from './opening.ts';
import { readSettings, SettingsError } from './settings.ts';

export async function runSite(site: Site): Promise<void> {
  const closing = new AbortController();
  // There can be several: a terminal sends Ctrl-C to the whole process group, and tsx forwards it.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => closing.abort());
  try {
    await openSite(site, readSettings(process.env), closing.signal, (line) => console.log(line));
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    console.error(error.message); // the reader can fix this, and a stack trace would hide the message
    process.exitCode = 1;
  }
}
