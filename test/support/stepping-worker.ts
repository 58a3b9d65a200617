import { createRequire, syncBuiltinESMExports } from 'node:module';
import process, { argv, pid } from 'node:process';
import { messageOf } from '../../src/errors.ts';

// A process that does one thing to the directory of a log, and is killed (SIGKILL) before its step STEP: a step is a call that
// changes a file or makes it durable. It ends with 0 when it needs fewer steps. Arguments: STEP VERB ARGUMENT…
const [, , limit = '', verb = '', ...rest] = argv;
const fs = createRequire(import.meta.url)('node:fs/promises') as Record<string, Call>;

type Call = (...args: unknown[]) => Promise<unknown>;

let steps = 0;
const step = () => {
  if (steps++ === Number(limit)) process.kill(pid, 'SIGKILL');
};
const stepBefore = (owner: Record<string, Call>, name: string) => {
  const call = owner[name];
  if (call === undefined) throw new Error(`no ${name}`);
  owner[name] = async function stepping(this: unknown, ...args) {
    step();
    return await call.apply(this, args);
  };
};
const probe = (await fs['open']?.(argv[1], 'r')) as object & { close: () => Promise<void> };
const handle = Object.getPrototypeOf(probe) as Record<string, Call>;
await probe.close();
for (const name of ['rename', 'link', 'rm', 'rmdir', 'mkdir', 'mkdtemp']) stepBefore(fs, name);
for (const name of ['appendFile', 'writeFile', 'write', 'truncate', 'sync', 'datasync'])
  stepBefore(handle, name);
const { open } = fs;
fs['open'] = async (...args) => {
  // Whoever only reads changes nothing.
  if (args[1] !== 'r' && typeof args[1] === 'string') step();
  return await open?.(...args);
};
syncBuiltinESMExports();

try {
  const { STEPS } = await import('./stepped-work.ts');
  const work = STEPS[verb];
  if (work === undefined) throw new Error(`no ${verb}`);
  await work(...rest);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 3;
}
