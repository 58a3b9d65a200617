import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { kill, pid } from 'node:process';

/**
 * Identifies a process, usually this one, so that another can later see whether it has ended:
 * `PID@PLACE@STARTED`. The place is the running kernel and the PID namespace, because a PID means nothing in
 * another container, on another host or after a reboot.
 */
export async function describeProcess(process = pid): Promise<string> {
  return `${process}@${await place()}@${(await startOf(process)) ?? ''}`;
}

/**
 * Whether the process that this text begins with has certainly ended. For a process in another place that is
 * never certain.
 */
export async function hasEnded(word: string): Promise<boolean> {
  const state = await processState(word);
  // No present version writes an unknown one: it is from an older version, or damaged.
  return state === 'ended' || state === 'unknown';
}

/**
 * What is certain of the process that this text begins with: that it has ended, that it runs, or that it is in another place,
 * where it cannot be seen. Unknown: the text names none.
 */
export async function processState(word: string): Promise<'ended' | 'running' | 'elsewhere' | 'unknown'> {
  const [, number, where, started] = /^([1-9][0-9]{0,9})@([^\s@]+)@([0-9]*)\s/.exec(word) ?? [];
  if (number === undefined) return 'unknown';
  if (where !== (await place())) return 'elsewhere';
  if (!isAlive(Number(number))) return 'ended';
  const now = await startOf(Number(number));
  // Another process may have the same PID by now.
  return started !== '' && now !== undefined && started !== now ? 'ended' : 'running';
}

let known: Promise<string> | undefined;

async function place(): Promise<string> {
  known ??= Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => hostname()),
    readlink('/proc/self/ns/pid').catch(() => ''),
  ]).then((parts) => parts.join('/').replaceAll(/[\s@]/g, ''));
  return await known;
}

/** When a process started, in ticks of its kernel; undefined where that cannot be seen. */
async function startOf(process: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${process}/stat`, 'latin1').catch(() => '');
  // The second field is the program's name in brackets, which may hold anything; the twenty-second is the start.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
}

function isAlive(process: number): boolean {
  try {
    return kill(process, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
