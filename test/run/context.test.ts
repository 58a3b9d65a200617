import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { bundle, endOf, RUNTIME, startNode, type Ended } from '../support/own-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** What becomes of a process that runs this, and is sent a signal when it says so. */
async function ending(
  program: string,
  signals: readonly NodeJS.Signals[] = ['SIGINT'],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended & { signal: NodeJS.Signals | null }> {
  const file = await bundle(
    `import { leave, processContext } from './src/run/context.ts'; ${program}`,
    await temporaryDirectory(),
  );
  const child = startNode(file, [], env);
  const left = [...signals];
  child.stdout.on('data', () => {
    const signal = left.shift();
    if (signal) child.kill(signal);
  });
  const ended = await endOf(child);
  return { ...ended, signal: child.signalCode };
}

/**
 * The lines that such a process says below a shell that does something first. It says its PID first, and gets the first signal; `SIGUSR2`
 * comes right after the one before, and each other one when it has answered.
 */
async function below(first: string, program: string, signals: readonly NodeJS.Signals[]): Promise<string[]> {
  const file = await bundle(
    `import { processContext } from './src/run/context.ts'; ${program}`,
    await temporaryDirectory(),
  );
  const script = `${first}; "$0" "$1"; :`;
  const shell = spawn('sh', ['-c', script, RUNTIME[0], file]);
  onTestFinished(() => void shell.kill('SIGKILL'));
  let said = '';
  const left = [...signals];
  shell.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    const pid = Number(said.split('\n', 1)[0]);
    do {
      const signal = left.shift();
      if (signal !== undefined) process.kill(pid, signal);
    } while (left[0] === 'SIGUSR2');
  });
  await once(shell, 'close');
  return said.trim().split('\n').slice(1);
}

describe('a process ends,', () => {
  const forever = 'setInterval(() => undefined, 1000);';

  test.each([
    ['SIGINT', 'SIGTERM'],
    ['SIGTERM', 'SIGINT'],
    ['SIGINT', 'SIGINT'],
    ['SIGHUP', 'SIGINT'],
    ['SIGTERM', 'SIGHUP'],
  ] as const)('after a first signal, %s, interrupted it, by any second one: %s', async (first, second) => {
    const program = `const { interrupted, takeTime } = processContext(); takeTime(); ${forever} console.log('ready');
      interrupted.addEventListener('abort', () => console.log('interrupted'));`;
    expect(await ending(program, [first, second])).toMatchObject({
      signal: second,
      stdout: 'ready\ninterrupted\n',
    });
  });

  test('but not by a hangup that its parent ignores, as below nohup; another signal interrupts it', async () => {
    const program = `const { interrupted, takeTime } = processContext(); takeTime(); ${forever} 
      process.on('SIGUSR2', () => console.log('goes on'));
      interrupted.addEventListener('abort', () => { console.log('interrupted'); process.exit(0); });
      console.log(process.pid);`;
    const ran = await below('trap "" HUP', program, ['SIGHUP', 'SIGUSR2', 'SIGTERM']);
    expect(ran).toEqual(['goes on', 'interrupted']);
  });

  test('by a hangup that its parent does not ignore', async () => {
    const program = `const { interrupted } = processContext(); ${forever}
      interrupted.addEventListener('abort', () => { console.log('interrupted'); process.exit(0); });
      console.log(process.pid);`;
    expect(await below(':', program, ['SIGHUP'])).toEqual(['interrupted']);
  });

  test('when it is interrupted, whatever does not react to that', async () => {
    expect(await ending(`processContext(); ${forever} console.log('ready');`)).toMatchObject({
      signal: 'SIGINT',
    });
  });

  test('but not before a command has done what it takes time for', async () => {
    const late = 'setTimeout(() => { console.log("done"); process.exit(0); }, 2500)';
    const program = `const context = processContext(); context.takeTime();
      context.interrupted.addEventListener('abort', () => ${late}); ${forever} console.log('ready');`;
    expect(await ending(program)).toMatchObject({ status: 0, stdout: 'ready\ndone\n' });
  });

  test('nor when what takes time says so only after the interruption', async () => {
    const late = 'context.takeTime(); setTimeout(() => { console.log("done"); process.exit(0); }, 2500)';
    const program = `const context = processContext();
      context.interrupted.addEventListener('abort', () => { ${late} }); ${forever} console.log('ready');`;
    expect(await ending(program)).toMatchObject({ status: 0, stdout: 'ready\ndone\n' });
  });

  test('with its status when all is said, whatever is still under way', async () => {
    const program = `${forever} process.stdout.write('x'.repeat(1 << 20)); leave(5);`;
    const { status, stdout } = await ending(program, []);
    expect({ status, length: stdout.length }).toEqual({ status: 5, length: 1 << 20 });
  });
});

test('a name service that does not answer is given up in seconds, unless the user says otherwise', async () => {
  const program = `processContext(); process.stdout.write(process.env.RES_OPTIONS);`;
  expect(await ending(program, [])).toMatchObject({ stdout: 'timeout:1 attempts:2' });
  expect(await ending(program, [], { RES_OPTIONS: 'rotate' })).toMatchObject({ stdout: 'rotate' });
});
