import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, describe } from 'vitest';
import type { CheckId } from '../../src/verification/checks.ts';
import { CHECK_IDS } from '../../src/verification/openpgp-rekor.ts';
import { serveBefore } from '../support/front.ts';
import { evidenceOf } from '../support/world/evidence.ts';
import { World } from '../support/world/world.ts';

let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(async () => {
  await world.close();
});

async function run(...argv: readonly string[]) {
  return await world.run([...argv, ...world.trusting()]);
}

describe('evidence --check', () => {
  interface Checked {
    readonly entries: { readonly holds: boolean; readonly checks: { id: string; outcome: string }[] }[];
    readonly notChecked: string[];
    readonly errors?: { readonly message: string; readonly hint?: string }[];
  }

  async function check(path: string, trust = world.trusting()) {
    const { status, stdout } = await world.run(['evidence', '--check', path, ...trust, '--output', 'json']);
    return { status, ...(JSON.parse(stdout) as Checked) };
  }

  test('judges a file alone, asks nobody, and says what it did not check', async () => {
    const chart = await world.keptChart('checked');
    const alone = await world.write('alone.json', await readFile(evidenceOf(chart)));
    const front = await serveBefore(world.log);
    const { status, entries, notChecked } = await check(alone, world.trusting(front));
    expect(status).toBe(0);
    expect(entries).toMatchObject([{ uuid: chart.uuid, holds: true }]);
    const checked: readonly CheckId[] = [
      'entry-kind',
      'entry-id',
      'log-key',
      'inclusion-promise',
      'checkpoint',
      'inclusion-proof',
      'signer-key',
      'log-time',
    ];
    expect(entries[0]?.checks.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual(
      checked.map((id) => `${id} passed`),
    );
    expect(notChecked).toEqual(CHECK_IDS.filter((id) => !checked.includes(id)));
    expect(notChecked).toContain('consistency');
    expect(front.seen).toEqual([]);
  });

  test('says the same as text', async () => {
    const chart = await world.keptChart('checked-text');
    const { status, stdout, stderr } = await world.run([
      'evidence',
      '--check',
      evidenceOf(chart),
      ...world.trusting(),
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(
      new RegExp(
        `^Evidence Holds By Itself: ${evidenceOf(chart)}\\n\\nLog: ${world.log.url} \\(as the file says\\)\\n` +
          `Rekor UUID: ${chart.uuid}\\n  Log Index: ${chart.index}\\n  Logged At: .*\\n  Archive: sha256:[0-9a-f]{64}\\n` +
          '  Signed By: Test Publisher <publisher@charts\\.example>\\n  Fingerprint: [0-9A-F]{40}\\n  Proofs: checked against .*\\n' +
          'Not Checked: archive-digest, [a-z, -]+, consistency\\n$',
      ),
    );
  });

  test('of another log fails log-key, and says which log the file names', async () => {
    const other = await World.open();
    try {
      const chart = await world.keptChart('of-another-log');
      const { status, entries, errors } = await check(evidenceOf(chart), other.trusting());
      expect(status).toBe(10);
      expect(entries).toMatchObject([{ holds: false }]);
      expect(errors?.[0]?.message).toContain('log-key: the log ID names no trusted key of this log');
      expect(errors?.[0]?.hint).toBe(
        `the file says that it comes from ${world.log.url}: if you trust that log, name it with --rekor-server`,
      );
    } finally {
      await other.close();
    }
  });

  test('of several entries one that holds is enough, and the others are named', async () => {
    const chart = await world.keptChart('several');
    const members = JSON.parse(await readFile(evidenceOf(chart), 'utf8')) as { entries: object[] };
    const [entry] = members.entries;
    const bad = { ...entry, integratedTime: '1' };
    const path = await world.write('several.json', JSON.stringify({ ...members, entries: [bad, entry] }));
    const { status, entries } = await check(path);
    expect(status).toBe(0);
    expect(entries.map(({ holds }) => holds)).toEqual([true, false]);
    const allBad = await world.write('all-bad.json', JSON.stringify({ ...members, entries: [bad, bad] }));
    expect((await check(allBad)).status).toBe(10);
  });

  test('without a trusted key of the log says nothing of it: status 5', async () => {
    const chart = await world.keptChart('untrusted');
    const argv = ['evidence', '--check', evidenceOf(chart), '--rekor-server', world.log.url];
    expect(await world.run(argv)).toMatchObject({ status: 5, stdout: '' });
  });

  test.each([
    ['that is not there', undefined, 'there is no file'],
    ['that is empty', '', 'expected JSON, found nothing'],
    ['of two mebibytes', ' '.repeat(2 << 20), 'expected at most 1048576 bytes, found more'],
    ['that is a web page', '<!doctype html>', 'expected JSON, found an HTML page'],
    [
      'of a newer version',
      '{"mediaType":"application/vnd.helm-sigstore.evidence.v2+json"}',
      'it is evidence of version 2, and this release of helm sigstore reads version 1',
    ],
    [
      'with unknown members',
      '{"mediaType":"application/vnd.helm-sigstore.evidence.v1+json","a":1}',
      'expected',
    ],
  ])('of a file %s has status 3', async (name, content, message) => {
    const path = join(world.directory, `${name.replaceAll(' ', '-')}.json`);
    if (content !== undefined) await writeFile(path, content);
    const { status, stdout, stderr } = await run('evidence', '--check', path);
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toContain(message);
  });

  test('of a directory has status 3', async () => {
    expect(await run('evidence', '--check', world.directory)).toMatchObject({ status: 3 });
  });

  test.each([
    ['chart.tgz'],
    ['--refresh'],
    ['--evidence', 'a.json'],
    ['--from-file', '-'],
    ['--charts-dir', '.'],
    ['--as', 'a-1.tgz'],
    ['--fingerprint', 'ab'.repeat(20)],
    ['--keyring', 'a.gpg'],
    ['--insecure-trust-on-first-use'],
  ])('takes no %s beside it, which it would pass over', async (...others) => {
    const argv = ['evidence', '--check', 'a.json', ...world.trusting(), ...others];
    const { status, stderr } = await world.run(argv);
    expect(status).toBe(2);
    const found = others[0] === 'chart.tgz' ? 'a chart' : others[0];
    expect(stderr).toContain(`asks nobody and looks at no chart, but found ${found}`);
  });
});
