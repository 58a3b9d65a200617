import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/program.ts';
import { vectorPath, vectors } from '../support/vectors.ts';

const HELM_TESTING = '5e615389b53ca37f0ee60bd3843bbf981fc18762';

interface Document {
  readonly keys: readonly { readonly fingerprint: string; readonly problem?: string }[];
}

async function list(...path: string[]): Promise<Document['keys']> {
  const argv = ['keys', '--keyring', vectorPath(...path), '--output', 'json'];
  const { status, stdout } = await runProgram(argv);
  expect(status).toBe(0);
  return (JSON.parse(stdout) as Document).keys;
}

describe.skipIf(!vectors)('keyrings of others (needs the vectors)', () => {
  it.each([
    ['helm-test-key.pub', 0],
    ['helm-test-key.secret', 0],
    ['helm-mixed-keyring.pub', 0],
    ['helm-password-key.secret', 10],
  ])('Helm’s own test chart, with %s, is inspected with status %i', async (file, expected) => {
    const chart = vectorPath('helm-testdata', 'hashtest-1.2.3.tgz');
    const keyring = vectorPath('helm-testdata', file);
    const { status, stdout } = await runProgram(['inspect', chart, '--keyring', keyring]);
    expect(status).toBe(expected);
    expect(stdout.includes(`Fingerprint: ${HELM_TESTING.toUpperCase()}\n`)).toBe(expected === 0);
  });

  it('the keyring of Helm with an RSA and an Ed25519 key, and its key with a passphrase, are listed', async () => {
    const mixed = await list('helm-testdata', 'helm-mixed-keyring.pub');
    expect(mixed.map(({ fingerprint }) => fingerprint)).toContain(HELM_TESTING);
    expect(mixed).toMatchObject([{ algorithm: 'RSA 2048' }, { algorithm: 'Ed25519' }]);
    expect(await list('helm-testdata', 'helm-password-key.secret')).toMatchObject([
      { algorithm: 'RSA 2048' },
    ]);
  });

  it('of the keybox of a GnuPG 2.4, all keys but the one of unknown version are listed and hold', async () => {
    const keys = await list('keybox', 'gpg24-mixed.kbx');
    expect(keys).toHaveLength(42);
    expect(keys.filter(({ problem }) => problem !== undefined)).toEqual([]);
  });

  it('Helm’s own test chart is verified with a keybox among whose keys its signer is', async () => {
    const chart = vectorPath('helm-testdata', 'hashtest-1.2.3.tgz');
    const kbx = vectorPath('keybox', 'gpg24-mixed.kbx');
    expect(await runProgram(['inspect', chart, '--keyring', kbx])).toMatchObject({ status: 0 });
  });
});
