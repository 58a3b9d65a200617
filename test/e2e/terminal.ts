import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';

/** An interactive program on a terminal of its own: `script` of util-linux makes one, so for Linux only. */
export class Terminal {
  readonly #child: ChildProcessWithoutNullStreams;
  #shown = '';

  constructor(command: string, cwd: string, env: Readonly<Record<string, string>>) {
    this.#child = spawn('script', ['--quiet', '--flush', '--command', command, '/dev/null'], {
      cwd,
      env: { ...env, TERM: 'dumb' },
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => (this.#shown += text));
  }

  /** Presses keys, and waits until the terminal shows what it should. @throws when it does not */
  async type(keys: string, shows: RegExp): Promise<void> {
    this.#shown = '';
    this.#child.stdin.write(keys);
    for (let tries = 0; tries < 200; tries++) {
      if (shows.test(this.#shown)) return;
      await setTimeout(50);
    }
    throw new Error(`the terminal does not show ${shows.source}, but ${JSON.stringify(this.#shown)}`);
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
  }
}
