import { readdir, readFile } from 'node:fs/promises';

/** The command lines of all running processes that name `text`; reads /proc, so for Linux only. */
export async function commandLinesWith(text: string): Promise<string[]> {
  const processes = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name));
  const commandLines = await Promise.all(
    processes.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')),
  );
  return commandLines.map((line) => line.replaceAll('\0', ' ')).filter((line) => line.includes(text));
}
