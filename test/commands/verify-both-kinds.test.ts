import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { email, ForgedSigstore, SIGNED_AT } from '../support/forged-sigstore.ts';
import { World } from '../support/world/world.ts';

const NAMED = [
  '--certificate-identity',
  'a@example.com',
  '--certificate-oidc-issuer',
  'https://issuer.example',
];
const clock = () => Math.max(SIGNED_AT + 1_000_000, Math.floor(Date.now() / 1000));
const sigstore = new ForgedSigstore();
let world: World;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  world = await World.open();
  // The keys of the log are in a file, so the trusted root is that of the variable.
  env = { SIGSTORE_TRUSTED_ROOT: await world.write('root.json', sigstore.trustedRoot()) };
});

afterAll(async () => {
  await world.close();
});

/** A chart on the log, and what an identity is said to have signed beside it. */
async function chartWith(
  name: string,
  bundled: 'its bundle' | 'another bundle',
  logged = true,
): Promise<string> {
  const chart = logged ? await world.keptChart(name) : await world.chart(name);
  const signer = sigstore.signer({ names: [email('a@example.com')] });
  const signed = bundled === 'its bundle' ? chart.archive : Buffer.from('another file');
  await writeFile(`${chart.path}.sigstore.json`, JSON.stringify(sigstore.message(signed, signer)));
  return chart.path;
}

const verify = async (chart: string, ...words: readonly string[]) =>
  await world.run(['verify', chart, ...NAMED, ...world.knowing(), ...words], { env, clock });

test.each([
  ['by evidence', []],
  ['offline', ['--offline']],
])('both kinds are proven where both are asked for, %s', async (how, words) => {
  const chart = await chartWith(`both-${how.replace(' ', '-')}`, 'its bundle');
  const fingerprint = ['--fingerprint', world.publisher.fingerprint];
  for (const asked of [['--require', 'both'], fingerprint]) {
    const { status, stdout, stderr } = await verify(chart, ...asked, ...words);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Chart Verified Successfully From Helm entry:\n');
    expect(stdout).toContain('Signed By: a@example.com\n');
  }
});

test('both kinds are proven by what the log has', async () => {
  const { path, archive } = await world.loggedChart('both-by-log');
  const bundle = sigstore.message(archive, sigstore.signer({ names: [email('a@example.com')] }));
  await writeFile(`${path}.sigstore.json`, JSON.stringify(bundle));
  expect(await verify(path, '--require', 'both')).toMatchObject({ status: 0, stderr: '' });
});

test.each([
  ['a bundle of another file', 'another bundle', true, 10, 'archive-digest: '],
  ['no entry in the log', 'its bundle', false, 4, ''],
] as const)(
  'with %s, both do not hold, and one of them does',
  async (what, bundled, logged, status, said) => {
    const chart = await chartWith(what.replaceAll(' ', '-'), bundled, logged);
    const both = await verify(chart, '--require', 'both');
    expect(both).toMatchObject({ status });
    expect(both.stderr).toContain(said);
    expect(await verify(chart, '--require', 'any')).toMatchObject({ status: 0 });
  },
);

test('with a fingerprint of somebody else, both do not hold', async () => {
  const chart = await chartWith('somebody-else', 'its bundle');
  expect(await verify(chart, '--fingerprint', '0'.repeat(40))).toMatchObject({ status: 10 });
});
