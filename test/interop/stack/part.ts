import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { SERVER_ENVIRONMENT } from '../prerequisites.ts';

/** What a part of the stack is started with. */
export interface PartOptions {
  readonly command: string;
  readonly argv: readonly string[];
  /** Gets the file NAME.log, with all that it printed. */
  readonly directory: string;
  readonly name: string;
  /** Of 127.0.0.1; it is ready when somebody listens there. */
  readonly port: number;
}

const READY_TIMEOUT = 60_000;

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A running part of the stack: one process, which ends with the one that started it, however that ends. */
export class Part {
  private readonly ended: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    running.add(child);
    this.ended = once(child, 'exit').finally(() => running.delete(child));
  }

  /** Starts it and waits until it listens. @throws with what it printed, when it does not */
  static async start({ command, argv, directory, name, port }: PartOptions): Promise<Part> {
    const file = path.join(directory, `${name}.log`);
    const output = openSync(file, 'a');
    // The kernel ends it when we were killed: no test run leaves a database behind.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', command, ...argv], {
      stdio: ['ignore', output, output],
      env: SERVER_ENVIRONMENT,
    });
    closeSync(output);
    const part = new Part(child);
    const end = Date.now() + READY_TIMEOUT;
    while (running.has(child) && Date.now() < end) {
      if (await listens(port)) return part;
      await wait(20);
    }
    await part.kill();
    throw new Error(`${name} does not start; it printed: ${(await readFile(file, 'utf8')).slice(-2000)}`);
  }

  /** Ends it at once, as a crash would. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const answered = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => {
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
  socket.destroy();
  return answered;
}
