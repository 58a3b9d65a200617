import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sampled } from '../support/thorough.ts';
import { WorkingDirectory } from '../support/world/working-directory.ts';
import { World } from '../support/world/world.ts';
import { BAD_ARCHIVES, BOMB } from './bad-input/archives.ts';
import { audienceOf, commandLine, type BadInput, type Command } from './bad-input/bad-input.ts';
import { BAD_KEYRINGS } from './bad-input/keyrings.ts';
import { BAD_PROVENANCES } from './bad-input/provenances.ts';
import { BAD_SERVERS } from './bad-input/servers.ts';

/** What the program says only when something worked. */
const CLAIM = /Success|Created|already exists|were Found|Pinned/;

let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(async () => {
  await world.close();
});

const inputs: readonly BadInput[] = [...BAD_ARCHIVES, ...BAD_PROVENANCES, ...BAD_KEYRINGS, ...BAD_SERVERS];

/** What a run must say on stderr: one error, perhaps a hint, and nothing else. */
function messages({ error, hint: hints }: BadInput, command: Command): RegExp {
  const hint = hints instanceof RegExp ? hints : hints?.[audienceOf(command)];
  return new RegExp(`^Error: ${error.source}\\n${hint === undefined ? '' : `Hint: ${hint.source}\\n`}$`);
}

describe.each(sampled(inputs, 3))('$input', (bad) => {
  test.each(bad.commands)(
    `makes %s status ${bad.status}, with one error, and changes nothing`,
    async (command) => {
      const site = await WorkingDirectory.open(world);
      await bad.stage(site);
      const before = await site.content();
      const { status, stdout, stderr } = await site.run(commandLine(command, site));
      expect(stderr).toMatch(messages(bad, command));
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
  const site = await WorkingDirectory.open(world);
  for (const command of ['inspect', 'upload', 'verify', 'search'] as const)
    expect(await site.run(commandLine(command, site))).toMatchObject({ status: 0 });
});

test('two gigabytes of zeros in gzip are refused by upload and inspect, in little memory', async () => {
  const site = await WorkingDirectory.open(world);
  await BOMB.stage(site);
  const before = process.resourceUsage().maxRSS;
  for (const command of ['upload', 'inspect'] as const) {
    const { status, stdout, stderr } = await site.run(commandLine(command, site));
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toMatch(messages(BOMB, command));
  }
  const kilobytes = process.resourceUsage().maxRSS - before;
  expect(kilobytes).toBeLessThan(150_000);
});
