import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BAD_ARCHIVES, BOMB } from './bad-input/archives.ts';
import { BAD_KEYRINGS } from './bad-input/keyrings.ts';
import { BAD_PROVENANCES } from './bad-input/provenances.ts';
import { BAD_SERVERS } from './bad-input/servers.ts';
import { Site, type BadInput } from './bad-input/site.ts';
import { Workshop } from './workshop.ts';

/** What the program says only when something worked. */
const CLAIM = /Success|Created|already exists|were Found|Pinned/;

let workshop: Workshop;

beforeAll(async () => {
  workshop = await Workshop.open();
});

afterAll(async () => {
  await workshop.close();
});

const inputs: readonly BadInput[] = [...BAD_ARCHIVES, ...BAD_PROVENANCES, ...BAD_KEYRINGS, ...BAD_SERVERS];

/** What a run must say on stderr: one error, perhaps a hint, and nothing else. */
function messages({ error, hint }: BadInput): RegExp {
  return new RegExp(`^Error: ${error.source}\\n${hint === undefined ? '' : `Hint: ${hint.source}\\n`}$`);
}

describe.each(inputs)('$input', (bad) => {
  test.each(bad.commands)(
    `makes %s status ${bad.status}, with one error, and changes nothing`,
    async (command) => {
      const site = await Site.open(workshop);
      await bad.stage(site);
      const before = await site.content();
      const { status, stdout, stderr } = await site.run(command);
      expect(stderr).toMatch(messages(bad));
      expect(stderr).not.toContain('sesame');
      expect(status).toBe(bad.status);
      expect(stdout).not.toMatch(CLAIM);
      // An answer there is only where evidence was judged.
      if (status !== 10) expect(stdout).toBe('');
      expect(await site.content()).toEqual(before);
    },
  );
});

test('the site is good where nothing was made bad', async () => {
  const site = await Site.open(workshop);
  for (const command of ['inspect', 'upload', 'verify', 'search'] as const)
    expect(await site.run(command)).toMatchObject({ status: 0 });
});

test('two gigabytes of zeros in gzip are refused by upload and inspect, in little memory', async () => {
  const site = await Site.open(workshop);
  await BOMB.stage(site);
  const before = process.resourceUsage().maxRSS;
  for (const command of ['upload', 'inspect'] as const) {
    const { status, stdout, stderr } = await site.run(command);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toMatch(messages(BOMB));
  }
  const kilobytes = process.resourceUsage().maxRSS - before;
  expect(kilobytes).toBeLessThan(150_000);
});
