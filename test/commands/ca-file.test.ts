import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { logKeyFromPem } from '../../src/tlog/log-key.ts';
import { selfSignedCertificate } from '../support/tls-certificate.ts';
import { serveTlsBefore } from '../support/tls-front.ts';
import { TufRepository } from '../support/tuf-repository.ts';
import { Workshop } from './workshop.ts';

let workshop: Workshop;
let chart: Awaited<ReturnType<Workshop['chart']>>;

beforeAll(async () => {
  workshop = await Workshop.open();
  chart = await workshop.chart('private');
});

afterAll(async () => {
  await workshop.close();
});

describe('a log for which a private authority vouches', () => {
  test.for([
    ['upload', () => ['upload', chart.path, '--keyring', workshop.keyring]],
    ['verify', () => ['verify', chart.path, '--keyring', workshop.keyring]],
    ['search', () => ['search', chart.path]],
  ] as const)('is asked by %s with --ca-file, and not without', async ([, words]) => {
    const front = await serveTlsBefore(workshop.log);
    const argv = [...words(), ...workshop.trusting(front)];
    const without = await workshop.run(argv);
    expect(without.status).toBe(5);
    expect(without.stderr).toContain('its certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)\n');
    expect(without.stderr).toContain('give the file of its certificate with --ca-file\n');
    const ca = await workshop.write('ca.pem', front.ca);
    expect(await workshop.run([...argv, '--ca-file', ca])).toMatchObject({ status: 0 });
  });

  test('can be pinned', async () => {
    const front = await serveTlsBefore(workshop.log);
    const ca = await workshop.write('ca.pem', front.ca);
    const { logId } = logKeyFromPem(await readFile(join(workshop.log.publicKeyPath), 'utf8'));
    const argv = ['log', 'pin', front.url, '--fingerprint', logId];
    expect(await workshop.run(argv)).toMatchObject({ status: 5 });
    expect(await workshop.run([...argv, '--ca-file', ca])).toMatchObject({ status: 0 });
  });

  test('is not asked for which another authority vouches', async () => {
    const front = await serveTlsBefore(workshop.log);
    const ca = await workshop.write('other.pem', selfSignedCertificate().cert);
    const ran = await workshop.run(['search', chart.path, ...workshop.trusting(front), '--ca-file', ca]);
    expect(ran).toMatchObject({ status: 5, stdout: '' });
  });
});

describe('a file of authorities', () => {
  test.for([
    ['is missing', undefined, 'there is no file'],
    ['holds no certificate', 'text', 'to hold certificates in PEM'],
  ] as const)('that %s is an error before anybody is asked', async ([, content, says]) => {
    const path = content === undefined ? '/nonexistent/ca.pem' : await workshop.write('bad.pem', content);
    const ran = await workshop.run(['search', chart.path, ...workshop.trusting(), '--ca-file', path]);
    expect(ran.status).toBe(3);
    expect(ran.stderr).toContain(says);
  });

  test("counts for a mirror of Sigstore's TUF repository as well", async () => {
    const front = await serveTlsBefore(await TufRepository.start('{}'));
    const ca = await workshop.write('ca.pem', front.ca);
    const argv = ['trust', 'update', '--mirror', front.url];
    expect((await workshop.run(argv)).stderr).toContain('its certificate is not trusted');
    expect((await workshop.run([...argv, '--ca-file', ca])).stderr).toContain(
      'timestamp was signed by 0/1 keys',
    );
  });
});
