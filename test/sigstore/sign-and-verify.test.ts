import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { World } from '../support/world/world.ts';
import { Sigstore } from './stack/sigstore.ts';

const binaries = inject('sigstore');
const EMAIL = 'publisher@example.com';
const CHART = path.join(import.meta.dirname, '../../examples/hello-0.1.0.tgz');

describe.skipIf(binaries === undefined)('sign --identity, then verify (needs Go: no real Sigstore)', () => {
  let sigstore: Sigstore;
  let world: World;
  let directory: string;
  let token: string;

  beforeAll(async () => {
    if (binaries !== undefined) sigstore = await Sigstore.start(binaries);
    world = await World.open();
    world.user.now = Math.floor(Date.now() / 1000);
    directory = await mkdtemp(path.join(tmpdir(), 'signed-'));
    token = path.join(directory, 'token');
    await writeFile(token, sigstore.emailToken(EMAIL));
  });

  afterAll(async () => {
    await world.close();
    await sigstore.stop();
    await rm(directory, { recursive: true });
  });

  async function fresh(name: string): Promise<string> {
    const chart = path.join(await world.subdirectory(name), 'hello-0.1.0.tgz');
    await copyFile(CHART, chart);
    return chart;
  }

  const sign = async (chart: string, ...words: readonly string[]) =>
    await world.run([
      ...['sign', chart, '--identity', '--identity-token', token],
      ...['--signing-config', sigstore.signingConfig, '--trusted-root', sigstore.trustedRoot, ...words],
    ]);
  const verify = async (chart: string, ...words: readonly string[]) =>
    await world.run([
      ...['verify', chart, '--trusted-root', sigstore.trustedRoot, '--certificate-identity', EMAIL],
      ...['--certificate-oidc-issuer', sigstore.servers.people.url, ...words],
    ]);

  it.each(['statement', 'message'])(
    'a %s is signed, judged, written, and verified without a network',
    async (format) => {
      const chart = await fresh(`signed-${format}`);
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
    const chart = await fresh('kept');
    expect((await sign(chart)).status).toBe(0);
    const first = await readFile(`${chart}.sigstore.json`, 'utf8');
    const again = await sign(chart);
    expect(again.status).toBe(0);
    expect(again.stdout).toContain('Signature Already There: ');
    expect(await readFile(`${chart}.sigstore.json`, 'utf8')).toBe(first);
    await writeFile(token, sigstore.emailToken('other@example.com'));
    const other = await sign(chart);
    expect(other.status).toBe(3);
    expect(other.stderr).toContain('--force');
    // Nothing becomes public, so nothing is announced.
    expect(other.stderr).not.toContain(sigstore.servers.rekor.url);
    expect(again.stderr).not.toContain(sigstore.servers.rekor.url);
    expect(await readFile(`${chart}.sigstore.json`, 'utf8')).toBe(first);
    await writeFile(token, sigstore.emailToken(EMAIL));
    expect((await sign(chart, '--force')).status).toBe(0);
    expect(await readFile(`${chart}.sigstore.json`, 'utf8')).not.toBe(first);
  });

  it('to servers that the trusted root does not know, nothing is sent', async () => {
    const chart = await fresh('untrusted');
    const { status, stderr } = await sign(chart, '--trusted-root', 'sigstore');
    expect({ status, stderr }).toMatchObject({ status: 2 });
    expect(stderr).toContain('expected a trusted root that names the log');
    expect(stderr).not.toContain(EMAIL);
    await expect(readFile(`${chart}.sigstore.json`)).rejects.toThrow(/ENOENT/);
  });

  it.each([['--key', 'x'], ['--upload'], ['--digest', 'sha256']])(
    '%s is no option of an identity',
    async (...words) => {
      expect((await sign(await fresh('options'), ...words)).status).toBe(2);
    },
  );
});
