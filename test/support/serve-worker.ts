import process, { argv, stderr, stdout } from 'node:process';
import { startEmbeddedLog } from '../../src/embedded-log/service/server.ts';
import { messageOf } from '../../src/errors.ts';

// A process of its own that serves the log in a directory until it is ended, as `log serve` does.
const [, , directory = ''] = argv;
const say = (error: unknown): void => {
  stderr.write(`${messageOf(error)}\n`);
};
try {
  const log = await startEmbeddedLog({
    directory,
    host: '127.0.0.1',
    port: 0,
    now: () => Math.floor(Date.now() / 1000),
    onFailure: say,
    warn: say,
  });
  stdout.write(`${log.url}\n`);
  say(await log.mustEnd);
  await log.close();
  process.exitCode = 3;
} catch (error) {
  say(error);
  process.exitCode = 3;
}
