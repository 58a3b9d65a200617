import { argv, stdout } from 'node:process';
import { Log } from '../../src/embedded-log/log/log.ts';
import { writeSync } from 'node:fs';

// A process that adds entries to the log in a directory until it is killed, several at a time, and says of each when it was
// acknowledged: `INDEX NAME`. Entries go into tiles and into the index on disk as soon as they can.
const [, , directory = '', round = ''] = argv;
const limits = { entries: 256, bytes: 1 << 16, indexed: 256 };
const log = await Log.open(directory, () => Math.floor(Date.now() / 1000), { moveLimits: limits });
writeSync(1, `size ${log.head.size}\n`);
let next = 0;
const add = async (): Promise<never> => {
  for (;;) {
    const name = `${round}-${next++}`;
    const body = Buffer.from(`${name} ${'x'.repeat((next * 7) % 900)}`);
    const { index } = await log.add({ body, indexKeys: [name, 'all@charts.example'] });
    // Without a buffer: what is said was said before the process is killed.
    writeSync(1, `${index} ${name}\n`);
  }
};
stdout.on('error', () => undefined);
await Promise.all(Array.from({ length: 48 }, add));
