import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { authoritiesOf, onlyThese } from '../../src/http/authorities.ts';
import { readNamedAuthorities } from '../../src/http/named-authorities.ts';
import { listen } from '../support/loopback.ts';
import { bundle, endOf, startNode } from '../support/own-process.ts';
import { selfSignedCertificate } from '../support/tls-certificate.ts';
import { get, testClient } from './client.ts';

const [ours, other] = [selfSignedCertificate(), selfSignedCertificate()];
const [pem, otherPem] = [ours.cert.trim(), other.cert.trim()];
let directory: string;
let file: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'helm-sigstore-'));
  file = join(directory, 'ca.pem');
  await writeFile(file, ours.cert);
  await mkdir(join(directory, 'certs', 'nested'), { recursive: true });
  await writeFile(join(directory, 'certs', 'a.crt'), `# other\n${other.cert}`);
  await writeFile(join(directory, 'certs', 'key.pem'), ours.key);
  await symlink('a.crt', join(directory, 'certs', '0a1b2c3d.0'));
  await symlink('nowhere', join(directory, 'certs', 'dangling'));
});

afterAll(() => rm(directory, { recursive: true }));

/** What a server with our certificate says to somebody with these variables. */
async function ask(env: Record<string, string>, given = authoritiesOf(env)): Promise<string> {
  const port = await listen(createServer(ours, (_, response) => response.end('here')));
  const client = testClient({ authorities: given });
  try {
    return Buffer.from((await client.request(get(`https://127.0.0.1:${port}/`))).body).toString();
  } catch (error) {
    const { message, hint = '' } = error as { message: string; hint?: string };
    return `${message}\n${hint}`;
  } finally {
    client.close();
  }
}

describe('SSL_CERT_FILE and SSL_CERT_DIR', () => {
  test('are trusted', async () => {
    expect(await ask({ SSL_CERT_FILE: file })).toBe('here');
    expect(await ask({ SSL_CERT_DIR: directory })).toBe('here');
    expect(await ask({ SSL_CERT_DIR: `/nonexistent${delimiter}${delimiter}${directory}` })).toBe('here');
  });

  test('do not count beside --ca-file, which replaces all others', async () => {
    const said = await ask({ SSL_CERT_FILE: file }, onlyThese(other.cert));
    expect(said).toContain('its certificate is not trusted');
    expect(said).toContain('only the authorities in --ca-file count');
  });

  test('that name the wrong ones are named by the hint, with how many there are', async () => {
    const said = await ask({ SSL_CERT_DIR: join(directory, 'certs') });
    expect(said).toContain('its certificate is not trusted');
    expect(said).toContain(
      'what SSL_CERT_FILE and SSL_CERT_DIR name now holds 1 certificate, and no authority',
    );
  });

  test.each(['/nonexistent/ca.pem', '/dev/null', '/dev/zero', '.', 'https://user:secret@example/ca.pem'])(
    'that name no certificates, as %s, change nothing and are not shown',
    async (path) => {
      const said = await ask({ SSL_CERT_FILE: path });
      expect(said).toContain('now holds 0 certificates');
      expect(said).not.toContain('secret');
      expect(await authoritiesOf({ SSL_CERT_FILE: path }).load()).toEqual({});
    },
  );

  test('replace one half each of what is trusted else, as in Go, so both together replace all of it', async () => {
    const certs = join(directory, 'certs');
    const trusted = async (env: Record<string, string>) => (await readNamedAuthorities(env)).all;
    expect(await trusted({ SSL_CERT_FILE: file })).toEqual([...tls.rootCertificates, pem]);
    expect(await trusted({ SSL_CERT_DIR: certs })).toEqual([...tls.rootCertificates, otherPem]);
    expect(await trusted({ SSL_CERT_FILE: file, SSL_CERT_DIR: certs })).toEqual([pem, otherPem]);
  });

  test('beside a file that is damaged, or has a damaged certificate, what is whole counts', async () => {
    const damaged = join(directory, 'damaged.pem');
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    await writeFile(damaged, `${broken}${ours.cert}-----BEGIN CERTIFICATE-----\nMIIB`);
    expect(await ask({ SSL_CERT_FILE: damaged })).toBe('here');
  });
});

// Node reads NODE_EXTRA_CA_CERTS when it starts.
test('NODE_EXTRA_CA_CERTS counts as ever, with SSL_CERT_FILE and without', async () => {
  const port = await listen(createServer(ours, (_, response) => response.end('here')));
  const program = await bundle(
    `
    import { get } from 'node:https';
    import { authoritiesOf } from './src/http/authorities.ts';
    authoritiesOf(process.env).load().then((trust) => {
      get('https://127.0.0.1:${port}/', trust, (response) => response.pipe(process.stdout));
    });
    `,
    directory,
  );
  const otherFile = join(directory, 'certs', 'a.crt');
  for (const named of [
    {},
    { SSL_CERT_FILE: otherFile },
    { SSL_CERT_FILE: otherFile, SSL_CERT_DIR: join(directory, 'certs') },
  ]) {
    const env = { NODE_EXTRA_CA_CERTS: file, ...named };
    expect(await endOf(startNode(program, [], env))).toMatchObject({ stdout: 'here', stderr: '' });
  }
});
