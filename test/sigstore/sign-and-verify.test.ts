import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { SigningWorld } from './signing-world.ts';

const binaries = inject('sigstore');
const EMAIL = 'publisher@example.com';

describe.skipIf(binaries === undefined)('sign --identity, then verify (needs Go: no real Sigstore)', () => {
  let signing: SigningWorld;
  beforeAll(async () => {
    if (binaries !== undefined) signing = await SigningWorld.open(binaries);
  });
  afterAll(() => signing.close());

  const sign = async (chart: string, ...words: readonly string[]) =>
    await signing.sign(chart, EMAIL, ...words);
  const verify = async (chart: string, ...words: readonly string[]) =>
    await signing.world.run([
      ...[
        'verify',
        chart,
        '--trusted-root',
        signing.sigstore.trustedRoot,
        ...signing.counts(EMAIL),
        ...words,
      ],
    ]);

  it.each(['statement', 'message'])(
    'a %s is signed, judged, written, and verified without a network',
    async (format) => {
      const chart = await signing.chart(`signed-${format}`);
      const { status, stdout, stderr } = await sign(chart, '--format', format);
      expect({ status, stderr }).toMatchObject({ status: 0 });
      expect(stdout).toContain(`Signed: ${chart}.sigstore.json\n`);
      expect(stdout).toContain(`Signed By: ${EMAIL}\n`);
      // What becomes public is said.
      expect(stderr).toContain(EMAIL);
      const verified = await verify(chart, '--offline');
      expect(verified).toMatchObject({ status: 0 });
      expect(verified.stdout).toContain('Chart Verified Successfully From Sigstore bundle:\n');
    },
  );

  it('what is there and holds is kept; what is by another is not overwritten without --force', async () => {
    const chart = await signing.chart('kept');
    expect((await sign(chart)).status).toBe(0);
    const first = await readFile(`${chart}.sigstore.json`, 'utf8');
    const again = await sign(chart);
    expect(again.status).toBe(0);
    expect(again.stdout).toContain('Signature Already There: ');
    expect(await readFile(`${chart}.sigstore.json`, 'utf8')).toBe(first);
    const other = await signing.sign(chart, 'other@example.com');
    expect(other.status).toBe(3);
    expect(other.stderr).toContain('--force');
    // Nothing becomes public, so nothing is announced.
    expect(other.stderr).not.toContain(signing.sigstore.servers.rekor.url);
    expect(again.stderr).not.toContain(signing.sigstore.servers.rekor.url);
    expect(await readFile(`${chart}.sigstore.json`, 'utf8')).toBe(first);
    expect((await sign(chart, '--force')).status).toBe(0);
    expect(await readFile(`${chart}.sigstore.json`, 'utf8')).not.toBe(first);
  });

  it('to servers that the trusted root does not know, nothing is sent', async () => {
    const chart = await signing.chart('untrusted');
    const { status, stderr } = await sign(chart, '--trusted-root', 'sigstore');
    expect({ status, stderr }).toMatchObject({ status: 2 });
    expect(stderr).toContain('expected a trusted root that names the log');
    expect(stderr).not.toContain(EMAIL);
    await expect(readFile(`${chart}.sigstore.json`)).rejects.toThrow(/ENOENT/);
  });

  it.each([['--key', 'x'], ['--upload'], ['--digest', 'sha256']])(
    '%s is no option of an identity',
    async (...words) => {
      expect((await sign(await signing.chart('options'), ...words)).status).toBe(2);
    },
  );
});
