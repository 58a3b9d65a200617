import { readFileSync } from 'node:fs';
import { platform, ppid } from 'node:process';

/**
 * Whether this process was started with SIGHUP ignored, as below `nohup helm`. Node sets each signal back to its default when it
 * starts, so this process cannot tell any more; its parent, from which it has that, still ignores it. Where that cannot be seen,
 * it counts as not ignored, as for Node.
 */
export function isHangupIgnored(): boolean {
  if (platform !== 'linux') return false;
  try {
    const status = readFileSync(`/proc/${ppid}/status`, 'latin1');
    const [, ignored = '0'] = /^SigIgn:\s*([0-9a-f]+)$/m.exec(status) ?? [];
    return (BigInt(`0x${ignored}`) & 1n) === 1n; // the first bit is of signal 1
  } catch {
    return false;
  }
}
