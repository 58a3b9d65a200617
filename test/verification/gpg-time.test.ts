import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/digest.ts';
import { minimiseCertificate } from '../../src/openpgp/minimise.ts';
import { parseProvenance } from '../../src/provenance/provenance.ts';
import type { CheckId } from '../../src/verification/checks.ts';
import { chartArchive } from '../support/chart.ts';
import { gnupg, GnupgHome, processesWith } from '../support/gnupg.ts';
import { publicKeyPem, serveLog } from '../support/hostile-api.ts';
import { HostileLog } from '../support/hostile-log.ts';
import { helmBody } from '../support/independent/helm-body.mjs';
import { runProgram } from '../support/program.ts';
import { CHART_SIGNED, DAY, KEY_CREATED } from '../support/signer.ts';
import { certificateIn } from '../support/world/chart-entry.ts';
import { LOGGED, NOW } from '../support/world/hostile-world.ts';
import { GpgSigner, type Reason } from './gpg-signer.ts';
import { chartAnswer, outcomesWith } from './verdicts.ts';

// What openpgp.js and our tests say of time is worth little if gpg, with which charts are signed, says it otherwise.

const HOUR = 3600;
const LATER = NOW - DAY;
const ALL_REASONS: readonly Reason[] = ['none', 'compromised', 'superseded', 'retired'];

if (gnupg === undefined && process.env['CI'] === 'true') throw new Error('expected gpg, found none');
const title = `keys of gpg ${gnupg ?? ''} in time (needs gpg)`;

/** What the user has when the chart is verified, and when the log took it. */
interface Outcome {
  readonly provenance: Uint8Array;
  /** One file each; the default is the certificate as it is in the end. */
  readonly keyrings?: readonly Uint8Array[];
  readonly loggedAt?: number;
  /** In the entry; the default is what `upload` sends of the certificate as it was when the chart was signed. */
  readonly logged?: Uint8Array;
}

interface Story {
  readonly name: string;
  /** When the key is made and when it expires. */
  readonly created?: number;
  readonly until?: number;
  /** Plays it with a new key; `sign` signs the chart. */
  readonly play: (key: GpgSigner, sign: (at?: number) => Promise<Uint8Array>) => Promise<Outcome>;
  /** The check that must fail, and no other; none: the chart is verified. */
  readonly caughtBy?: CheckId;
  /** The warning that a verified chart comes with. */
  readonly warning?: string;
}

describe.skipIf(gnupg === undefined)(title, () => {
  let home: GnupgHome;
  let directory: string;
  let archive: Uint8Array;

  beforeAll(async () => {
    home = await GnupgHome.create();
    directory = await mkdtemp(join(tmpdir(), 'helm-sigstore-gpg-'));
    archive = await chartArchive('hello', '0.1.0');
    await writeFile(join(directory, 'hello-0.1.0.tgz'), archive);
  });

  afterAll(async () => {
    await home.remove();
    await rm(directory, { recursive: true });
    expect(await processesWith(home.path)).toEqual([]);
  });

  it.for(stories().map((story) => [story.name, story] as const))('%s', async ([, story]) => {
    const key = await GpgSigner.create(home, story.created ?? KEY_CREATED, story.until);
    let signedWith: Uint8Array | undefined;
    const outcome = await story.play(key, async (at = CHART_SIGNED) => {
      signedWith = await key.certificate();
      return await key.sign(textFor(archive), at);
    });
    const { provenance, keyrings = [await key.certificate()], loggedAt = LOGGED, logged } = outcome;
    const certificateBytes = logged ?? minimised(signedWith ?? expect.fail('nothing was signed'), provenance);
    const answer = chartAnswer(await verify(provenance, keyrings, { loggedAt, certificateBytes }));

    const { caughtBy, warning } = story;
    if (caughtBy === undefined)
      expect(answer).toMatchObject({
        status: 0,
        verdict: 'verified',
        outcomes: outcomesWith({}),
        warnings: warning === undefined ? [] : [expect.stringContaining(warning) as string],
      });
    else
      expect(answer).toMatchObject({
        status: 10,
        verdict: 'rejected',
        outcomes: outcomesWith({ [caughtBy]: 'failed' }),
      });
  });

  /** Verifies the chart against a log that has it. */
  async function verify(
    provenance: Uint8Array,
    keyrings: readonly Uint8Array[],
    { loggedAt, certificateBytes }: { loggedAt: number; certificateBytes: Uint8Array },
  ) {
    const path = join(directory, 'hello-0.1.0.tgz');
    await writeFile(`${path}.prov`, provenance);
    const log = new HostileLog();
    log.fill(3);
    const { signatureBytes } = parseProvenance(provenance);
    const body = helmBody({ sha256: sha256Hex(archive), signatureBytes, certificateBytes });
    log.append(body, { integratedTime: loggedAt });
    const { url } = await serveLog(log);
    const trusted = join(directory, 'log.pem');
    await writeFile(trusted, publicKeyPem(log));
    const argv = ['verify', path, '--rekor-server', url, '--rekor-public-key', trusted, '--output', 'json'];
    for (const [number, bytes] of keyrings.entries()) {
      const keyring = join(directory, `keyring-${number}.gpg`);
      await writeFile(keyring, bytes);
      argv.push('--keyring', keyring);
    }
    return await runProgram(argv, { now: NOW, random: () => 0 });
  }
});

function stories(): Story[] {
  return [
    {
      name: 'a key that expired after its chart was logged is fine, and that is said',
      until: LOGGED + HOUR,
      play: async (_, sign) => ({ provenance: await sign() }),
      warning: 'the key expired at 2024-06-01T02:00:00Z, after the entry was logged',
    },
    {
      name: 'a key that expired before its chart was logged is refused',
      until: CHART_SIGNED + 60,
      play: async (_, sign) => ({ provenance: await sign() }),
      caughtBy: 'signer-key',
    },
    ...ALL_REASONS.flatMap((reason) => revocations(reason)),
    {
      name: 'a signature dated an hour after the log took it is refused',
      play: async (_, sign) => ({ provenance: await sign(LOGGED + HOUR) }),
      caughtBy: 'log-time',
    },
    {
      name: 'a signature dated two minutes after the log took it is fine: clocks differ',
      play: async (_, sign) => ({ provenance: await sign(LOGGED + 120) }),
    },
    {
      name: 'a key newer than its signature is refused',
      created: CHART_SIGNED + 60,
      play: async (key, sign) => ({ provenance: await sign(), logged: await key.certificate() }),
      caughtBy: 'provenance-signature',
    },
    {
      name: 'a key renewed before it expired is fine',
      until: LOGGED + 10 * DAY,
      play: async (key, sign) => {
        const provenance = await sign();
        await key.expireAt(NOW + DAY, LOGGED + DAY);
        return { provenance };
      },
    },
    {
      name: 'a key renewed after it had expired is fine',
      until: LOGGED + HOUR,
      play: async (key, sign) => {
        const provenance = await sign();
        await key.expireAt(NOW + DAY, LATER);
        return { provenance };
      },
    },
    {
      name: 'a key that was renewed, and expired again after its chart was logged, is fine, and that is said',
      until: LOGGED + HOUR,
      play: async (key, sign) => {
        const provenance = await sign();
        await key.expireAt(LATER + HOUR, LATER);
        return { provenance };
      },
      warning: 'after the entry was logged',
    },
    {
      name: 'a subkey of a live key is fine',
      play: async (key, sign) => {
        await key.addSubkey(KEY_CREATED + DAY);
        return { provenance: await sign() };
      },
    },
    {
      name: 'a subkey revoked later as compromised is refused',
      play: subkeyRevoked('compromised', LATER),
      caughtBy: 'signer-key',
    },
    {
      name: 'a subkey retired before its chart was logged is refused',
      play: subkeyRevoked('retired', CHART_SIGNED + 60),
      caughtBy: 'signer-key',
    },
    {
      name: 'a subkey retired later is fine, and that is said',
      play: subkeyRevoked('retired', LATER),
      warning: 'after the entry was logged: as no longer used',
    },
    {
      name: 'that another subkey was compromised is no matter',
      play: async (key, sign) => {
        await key.addSubkey(KEY_CREATED + DAY);
        await key.addSubkey(KEY_CREATED + 2 * DAY);
        const provenance = await sign();
        await key.revokeSubkey(1, 'compromised', LATER);
        return { provenance };
      },
    },
    {
      name: 'a key revoked by its designated revoker is refused',
      play: async (key, sign) => {
        const { provenance, revoker } = await revokedByAnother(key, sign);
        return { provenance, keyrings: [await key.certificate(), await revoker.certificate()] };
      },
      caughtBy: 'signer-key',
    },
    {
      name: 'a key revoked by a designated revoker whose key is not at hand is refused',
      play: async (key, sign) => ({ provenance: (await revokedByAnother(key, sign)).provenance }),
      caughtBy: 'signer-key',
    },
    {
      name: 'a key with a designated revoker who did nothing is fine',
      play: async (key, sign) => {
        await key.nameRevoker(await newRevoker(key), KEY_CREATED + DAY);
        return { provenance: await sign() };
      },
    },
    ...(['first', 'second'] as const).map((place) => ({
      name: `a revocation that only the ${place} of two keyrings has counts`,
      play: async (key: GpgSigner, sign: () => Promise<Uint8Array>) => {
        const provenance = await sign();
        const before = await key.certificate();
        await key.revoke('compromised', LATER);
        const after = await key.certificate();
        return { provenance, keyrings: place === 'first' ? [after, before] : [before, after] };
      },
      caughtBy: 'signer-key' as const,
    })),
    {
      name: "a revocation that only the log's copy has counts",
      play: async (key, sign) => {
        const provenance = await sign();
        const keyrings = [await key.certificate()];
        await key.revoke('compromised', CHART_SIGNED + 60);
        return { provenance, keyrings, logged: await key.certificate() };
      },
      caughtBy: 'signer-key',
    },
    {
      name: "a longer life that only the log's copy tells of does not count",
      until: CHART_SIGNED + 60,
      play: async (key, sign) => {
        const provenance = await sign();
        const keyrings = [await key.certificate()];
        await key.expireAt(NOW + DAY, CHART_SIGNED + 120);
        return { provenance, keyrings, logged: await key.certificate() };
      },
      caughtBy: 'signer-key',
    },
  ];
}

/** What a revocation for this reason does, before and after the chart was logged. */
function revocations(reason: Reason): Story[] {
  const revokedAt =
    (at: number): Story['play'] =>
    async (key, sign) => {
      const provenance = await sign();
      await key.revoke(reason, at);
      return { provenance };
    };
  const because = reason === 'none' ? 'revoked without a reason' : `revoked as ${reason}`;
  const isHard = reason === 'none' || reason === 'compromised';
  return [
    {
      name: `a key ${because} before its chart was logged is refused`,
      play: revokedAt(CHART_SIGNED + 60),
      caughtBy: 'signer-key',
    },
    {
      name: `a key ${because} later is ${isHard ? 'refused' : 'fine, and that is said'}`,
      play: revokedAt(LATER),
      ...(isHard ? { caughtBy: 'signer-key' } : { warning: 'after the entry was logged: as ' }),
    },
  ];
}

function subkeyRevoked(reason: Reason, at: number): Story['play'] {
  return async (key, sign) => {
    await key.addSubkey(KEY_CREATED + DAY);
    const provenance = await sign();
    await key.revokeSubkey(1, reason, at);
    return { provenance };
  };
}

async function newRevoker({ home }: GpgSigner): Promise<GpgSigner> {
  return await GpgSigner.create(home, KEY_CREATED);
}

async function revokedByAnother(key: GpgSigner, sign: () => Promise<Uint8Array>) {
  const revoker = await newRevoker(key);
  await key.nameRevoker(revoker, KEY_CREATED + DAY);
  const provenance = await sign();
  await key.revokeByRevoker('compromised', LATER);
  return { provenance, revoker };
}

/** What Helm would have signed for the archive. */
function textFor(archive: Uint8Array): string {
  return `apiVersion: v2\nname: hello\nversion: 0.1.0\n\n...\nfiles:\n  hello-0.1.0.tgz: sha256:${sha256Hex(archive)}\n`;
}

function minimised(certificate: Uint8Array, provenance: Uint8Array): Uint8Array {
  const { signature } = parseProvenance(provenance);
  const signing = signature.issuerFingerprint ?? expect.fail('gpg names the issuer');
  const made = minimiseCertificate(certificateIn(certificate), signature, signing);
  return 'refused' in made ? expect.fail(made.refused) : made.bytes;
}
