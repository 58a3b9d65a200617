import { readFileSync } from 'node:fs';

/**
 * Calls this when the user or the system first asks the process to end: on SIGINT, on SIGTERM, and on SIGHUP unless that is
 * ignored. A second signal ends the process at once, as without a handler.
 */
export function onFirstSignal(interrupt: (received: NodeJS.Signals) => void): void {
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];
  if (isHangupIgnored()) process.on('SIGHUP', () => undefined);
  else signals.push('SIGHUP');
  const first = (received: NodeJS.Signals) => {
    for (const signal of signals) process.removeListener(signal, first);
    interrupt(received);
  };
  for (const signal of signals) process.on(signal, first);
}

/**
 * Whether the process was started with SIGHUP ignored, as below `nohup helm`. Node sets each signal back to its default when it
 * starts, so this process cannot tell any more; its parent, from which it has that, still ignores it. Where that cannot be seen,
 * it counts as not ignored, as for Node.
 */
function isHangupIgnored(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const status = readFileSync(`/proc/${process.ppid}/status`, 'latin1');
    const [, ignored = '0'] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status) ?? [];
    return (BigInt(`0x${ignored}`) & 1n) === 1n; // the first bit is of signal 1
  } catch {
    return false;
  }
}
