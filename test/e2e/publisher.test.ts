import { expect, test } from 'vitest';
import { createPublisher } from '../../scripts/publisher.mjs';
import { commandLinesWith } from './processes.ts';

test.runIf(process.platform === 'linux')(
  'a publisher that is removed leaves no gpg-agent behind (needs Linux)',
  async () => {
    const publisher = await createPublisher('Test Publisher <test@example.com>');
    expect(await commandLinesWith(publisher.home)).toEqual([expect.stringContaining('gpg-agent')]);

    await publisher.remove();
    expect(await commandLinesWith(publisher.home)).toEqual([]);
  },
);
