import { createHash } from 'node:crypto';
import { lstat, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LocalChart } from '../../src/chart/local-chart.ts';
import type { ChartToSign } from '../../src/identity/release-statement.ts';
import { releaseStatement } from '../../src/identity/release-statement.ts';
import type { IdentitySigner } from '../../src/signing/identity-signer.ts';
import { signOneByIdentity } from '../../src/signing/sign-chart-by-identity.ts';
import { parseSigstoreTrust } from '../../src/trust/sigstore-trust.ts';
import { chartArchive } from '../support/chart.ts';
import { email, ForgedSigstore, SIGNED_AT, type Signer } from '../support/forged-sigstore.ts';
import { Folder } from '../support/world/folder.ts';

const sigstore = new ForgedSigstore();
const trust = parseSigstoreTrust(JSON.parse(sigstore.trustedRoot()) as unknown);
const byA = sigstore.signer();
const byB = sigstore.signer({ names: [email('b@example.com')] });
let folder: Folder;
let hello: Uint8Array;
let other: Uint8Array;
let count = 0;

beforeAll(async () => {
  folder = await Folder.create();
  hello = await chartArchive('hello', '0.1.0');
  other = await chartArchive('hello', '0.1.0', 'apiVersion: v2\nname: hello\nversion: 0.1.0\nicon: x\n');
});

afterAll(async () => {
  await folder.close();
});

async function chart(file = 'hello-0.1.0.tgz'): Promise<LocalChart> {
  count += 1;
  const path = join(await folder.subdirectory(`chart-${count}`), file);
  await writeFile(path, hello);
  return new LocalChart(path);
}

const bundleOf = (toSign: ChartToSign, signer: Signer) =>
  JSON.stringify(sigstore.statement(Buffer.from(releaseStatement(toSign)).toString('utf8'), signer));
const ofHello = (signer: Signer) =>
  bundleOf(
    {
      name: 'hello',
      version: '0.1.0',
      sha256: createHash('sha256').update(hello).digest('hex') as ChartToSign['sha256'],
      chunks: () => pieces([]),
    },
    signer,
  );

// eslint-disable-next-line @typescript-eslint/require-await
async function* pieces(all: readonly Uint8Array[]): AsyncGenerator<Uint8Array, void, void> {
  yield* all;
}

/** Signs as A, and does something before the servers have answered. */
async function signAsA(
  of: LocalChart,
  {
    replaces = false,
    meanwhile = async () => {},
    interrupted = new AbortController().signal,
    format = 'statement',
  } = {},
) {
  const sent: string[] = [];
  let asked = 0;
  const signer = {
    who: () => {
      asked += 1;
      return Promise.resolve({ identity: 'a@example.com', issuer: 'https://issuer.example' });
    },
    sign: async (toSign: ChartToSign) => {
      sent.push(toSign.name);
      await meanwhile();
      if (format === 'statement') return { bundle: bundleOf(toSign, byA) };
      const read: Uint8Array[] = [];
      for await (const piece of toSign.chunks()) read.push(piece);
      return { bundle: JSON.stringify(sigstore.message(Buffer.concat(read), byA)) };
    },
  } as unknown as IdentitySigner;
  const run = { signer, trust, replaces, interrupted, now: () => SIGNED_AT + 60 };
  const outcome = await signOneByIdentity(of, run).catch((error: unknown) => error);
  return { outcome, sent, asked };
}

describe('what is signed by an identity is written', () => {
  test('for everybody to read, and is kept when it is there', async () => {
    const of = await chart();
    expect((await signAsA(of)).outcome).toMatchObject({ outcome: 'written' });
    expect((await lstat(`${of.label}.sigstore.json`)).mode & 0o777).toBe(0o644);
    expect(await signAsA(of)).toMatchObject({ outcome: { outcome: 'unchanged' }, sent: [] });
  });

  test('never over that of somebody else, also where that comes while the servers answer', async () => {
    for (const isThereBefore of [true, false]) {
      const of = await chart();
      const path = `${of.label}.sigstore.json`;
      const others = ofHello(byB);
      const write = async () => {
        await writeFile(path, others);
      };
      if (isThereBefore) await write();
      const { outcome } = await signAsA(of, { meanwhile: write });
      expect(outcome).toMatchObject({
        message: expect.stringMatching(
          /is not proven to be a bundle of this chart by a@example\.com: identity: somebody else signed$/,
        ) as string,
      });
      expect(await readFile(path, 'utf8')).toBe(others);
      expect((await signAsA(of, { replaces: true })).outcome).toMatchObject({ outcome: 'written' });
    }
  });

  test.each([
    ['is of another chart', () => JSON.stringify(sigstore.message(other, byA)), 'archive-digest: '],
    [
      'is by nobody whom the trusted root knows',
      () => JSON.stringify(new ForgedSigstore().message(hello, new ForgedSigstore().signer())),
      'log-key: ',
    ],
    ['is none', () => '{', 'is no Sigstore bundle: '],
  ])('never over a file that %s, and nobody is asked for a token', async (_, content, said) => {
    const of = await chart();
    await writeFile(`${of.label}.sigstore.json`, content());
    const { outcome, sent, asked } = await signAsA(of);
    expect(outcome).toMatchObject({ code: 'INPUT', message: expect.stringContaining(said) as unknown });
    expect({ sent, asked }).toEqual({ sent: [], asked: 0 });
    expect((await signAsA(of, { replaces: true })).outcome).toMatchObject({ outcome: 'written' });
  });

  test('and kept where another run of the same signer was quicker', async () => {
    const of = await chart();
    const path = `${of.label}.sigstore.json`;
    const mine = ofHello(sigstore.signer());
    const { outcome } = await signAsA(of, {
      meanwhile: async () => {
        await writeFile(path, mine);
      },
    });
    expect(outcome).toMatchObject({ outcome: 'unchanged' });
    expect(await readFile(path, 'utf8')).toBe(mine);
  });

  test('not through a symbolic link', async () => {
    const of = await chart();
    const target = await folder.write(`target-${count}`, 'precious');
    await symlink(target, `${of.label}.sigstore.json`);
    expect((await signAsA(of)).outcome).toBeInstanceOf(Error);
    expect((await signAsA(of, { replaces: true })).outcome).toMatchObject({ outcome: 'written' });
    expect(await readFile(target, 'utf8')).toBe('precious');
    expect((await lstat(`${of.label}.sigstore.json`)).isFile()).toBe(true);
  });

  test.each(['statement', 'message'])('not of a chart that changes meanwhile (%s)', async (format) => {
    const of = await chart();
    const { outcome } = await signAsA(of, {
      format,
      meanwhile: async () => {
        await writeFile(of.label, other);
      },
    });
    expect(outcome).toBeInstanceOf(Error);
    await expect(lstat(`${of.label}.sigstore.json`)).rejects.toThrow('ENOENT');
  });

  test('not when the user ends the run', async () => {
    const of = await chart();
    const ending = new AbortController();
    const meanwhile = () => {
      ending.abort();
      return Promise.resolve();
    };
    const { outcome } = await signAsA(of, { interrupted: ending.signal, meanwhile });
    expect(outcome).toMatchObject({ code: 'UNCHECKED' });
    await expect(lstat(`${of.label}.sigstore.json`)).rejects.toThrow('ENOENT');
  });

  test('and nothing is sent of a chart whose file has another name', async () => {
    const { outcome, sent } = await signAsA(await chart('renamed-0.1.0.tgz'));
    expect(outcome).toMatchObject({ message: expect.stringContaining('hello-0.1.0.tgz') as string });
    expect(sent).toEqual([]);
  });
});
