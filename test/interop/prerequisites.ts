import { spawnSync } from 'node:child_process';

/** Programs, and the Debian packages that have them. */
export type Programs = Readonly<Record<string, string>>;

/** What the stack consists of or is made with. */
const STACK: Programs = {
  go: 'golang 1.25.11 or later',
  gpg: 'gnupg',
  setpriv: 'util-linux',
  mariadbd: 'mariadb-server',
  'mariadb-install-db': 'mariadb-server',
  'redis-server': 'redis-server',
};

/** The environment in which they run: servers are not on everybody's path. */
export const SERVER_ENVIRONMENT = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };

/** What this machine lacks, in words; undefined when it lacks nothing. */
export function missingPrograms(programs: Programs = STACK): string | undefined {
  const missing = Object.entries(programs).filter(([program]) => !isThere(program));
  if (missing.length === 0) return undefined;
  const packages = new Set(missing.map(([, name]) => name));
  return `${missing.map(([program]) => program).join(', ')} (Debian: ${[...packages].join(', ')})`;
}

function isThere(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`], { env: SERVER_ENVIRONMENT }).status === 0;
}
