/** The process of a site: settings, port, pictures, signals. What it prints is for whoever typed its command. */
import { openSite, type Site } from './opening.ts';
import { readSettings, SettingsError } from './settings.ts';

export async function runSite(site: Site): Promise<void> {
  const closing = new AbortController();
  // More than one may come: a terminal sends Ctrl-C to the whole group, and tsx passes it on.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => closing.abort());
  try {
    await openSite(site, readSettings(process.env), closing.signal, (line) => console.log(line));
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    console.error(error.message); // one line is enough for what its reader can fix, and a stack would hide it
    process.exitCode = 1;
  }
}
