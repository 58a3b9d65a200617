import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { CHECK_IDS } from '../../src/verification/openpgp-rekor.ts';
import { faultsOf } from '../support/hint-rules.ts';
import { sampled } from '../support/thorough.ts';
import { HostileWorld } from '../support/world/hostile-world.ts';
import { FORGERIES, VARIATIONS } from './lies/all.ts';
import { bundleForgeries } from './lies/provenance-bundles.ts';
import { threatsPage } from './threats.ts';
import { chartAnswer, isCheckId, outcomesWith } from './verdicts.ts';

const catchers = [...new Set(FORGERIES.map(({ caughtBy }) => caughtBy))];

describe.each(catchers)('%s catches', (catcher) => {
  const forgeries = FORGERIES.filter(({ caughtBy }) => caughtBy === catcher);

  it.for(sampled(forgeries, 6).map((forgery) => [forgery.name, forgery] as const))(
    '%s',
    async ([, forgery]) => {
      const { caughtBy, status, also } = forgery;
      const world = await HostileWorld.open(forgery);
      await forgery.stage(world);
      const ran = await world.run('verify');
      const answer = chartAnswer(ran);
      await expectGoodHints(ran.stdout, world);

      if (isCheckId(caughtBy))
        expect(answer).toMatchObject({
          status,
          code: 'REJECTED',
          verdict: 'rejected',
          outcomes: outcomesWith({ [caughtBy]: 'failed', ...also }),
        });
      else expect(answer).toMatchObject({ status, code: caughtBy });
    },
  );
});

/** Every failed check has a hint, and no hint tells a consumer what does harm, or names the key that the chart asks for. */
async function expectGoodHints(stdout: string, { publisher }: HostileWorld): Promise<void> {
  const { results = [], errors = [] } = JSON.parse(stdout) as {
    results?: { checks?: { outcome: string; hint?: string }[] }[];
    errors?: { hint?: string }[];
  };
  const failed = results.flatMap(({ checks = [] }) => checks.filter(({ outcome }) => outcome === 'failed'));
  for (const { hint } of failed) expect(hint).toBeTypeOf('string');
  for (const { hint } of [...failed, ...errors])
    if (hint !== undefined) {
      expect(await faultsOf(hint, 'consumer')).toEqual([]);
      expect(hint).not.toContain(publisher.fingerprint);
    }
}

describe('the forgeries', () => {
  it('are there for every check, in the order of the checks', () => {
    expect(catchers.filter(isCheckId)).toEqual([...CHECK_IDS]);
  });

  it('have names of their own, and so have the honest variations', () => {
    const names = [FORGERIES, VARIATIONS].flatMap((rows) => rows.map(({ name }) => name));
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
  });

  it('are those of docs/threats.md (after a change: npm run docs:threats)', async () => {
    const path = fileURLToPath(new URL('../../docs/threats.md', import.meta.url));
    const page = await threatsPage(path, {
      forgeries: FORGERIES,
      variations: VARIATIONS,
      bundles: bundleForgeries,
    });
    if (process.env['UPDATE_DOCS'] === '1') await writeFile(path, page);
    expect(await readFile(path, 'utf8')).toBe(page);
  });
});
