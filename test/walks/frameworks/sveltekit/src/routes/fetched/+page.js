export const load = async ({ fetch }) => ({ urls: await (await fetch('/photos')).json() });
