import { describe, expect, it } from 'vitest';
import { InputError, MalformedError } from '../../src/errors.ts';
import { parseBundles } from '../../src/evidence/parse-bundle.ts';
import { loadBuiltInRoot } from '../../src/trust/public-good.ts';
import { parseSigstoreTrust } from '../../src/trust/sigstore-trust.ts';
import {
  bundleBytes,
  bundleCases,
  bundlePath,
  judgeBytes,
  NOW,
  vectorTrust,
  type BundleCase,
} from '../support/bundle-vectors.ts';
import { readFileSync } from 'node:fs';
import { vectors } from '../support/vectors.ts';

const cases = vectors === undefined ? [] : bundleCases();
const EMAIL = {
  archive: 'hello-0.1.0.tgz',
  identity: 'publisher@example.com',
  issuer: 'http://127.0.0.1:8888',
};
const GITHUB = {
  archive: 'hello-0.1.0.tgz',
  identity: 'https://github.com/acme/charts/.github/workflows/release.yml@refs/tags/v1.2.3',
  issuer: 'http://127.0.0.1:8889',
};

/** What was proven, by whom and when; else the first check that failed, or that the bytes do not even parse. */
async function outcomeOf(bytes: Uint8Array, wanted: Omit<BundleCase, 'expect' | 'bundle'>): Promise<string> {
  try {
    const report = await judgeBytes(bytes, wanted);
    if (report.kind === 'refuted') return report.failure.id;
    return `proven: ${report.signer?.identity.value ?? 'a key'} at ${report.signedAt ?? 'no time'}`;
  } catch (error) {
    if (error instanceof MalformedError || error instanceof InputError) return 'malformed';
    throw error;
  }
}

describe.skipIf(vectors === undefined)('the bundles of the vectors (needs the vectors)', () => {
  it('are 31', () => {
    expect(cases).toHaveLength(31);
  });

  it.each(cases.filter(({ expect: label }) => label === 'good'))('$bundle is proven', async (each) => {
    const report = await judgeBytes(bundleBytes(each.bundle), each);
    expect(report.kind === 'refuted' ? report.failure : undefined).toBeUndefined();
    expect(report.kind).toBe('proven');
    expect(report.signer?.identity.value).toBe(each.identity);
  });

  const caught: Readonly<Record<string, string>> = {
    'bad/archive-rsa3072-no-timestamp.sigstore.json': 'log-key',
    'bad/dsse-payload-altered.sigstore.json': 'archive-digest',
    'bad/message-another-certificate.sigstore.json': 'entry-binding',
    'bad/message-digest-field-altered.sigstore.json': 'archive-digest',
    'bad/message-entry-of-another-signature.sigstore.json': 'entry-binding',
    'bad/message-log-index-altered.sigstore.json': 'entry-binding',
    'bad/message-no-entry.sigstore.json': 'malformed',
    'bad/message-no-timestamp.sigstore.json': 'log-key',
    'bad/message-timestamp-of-another-signature.sigstore.json': 'signed-time',
  };

  it.each(cases.filter(({ expect: label }) => label === 'bad'))('$bundle is not', async (each) => {
    expect(await outcomeOf(bundleBytes(each.bundle), each)).toBe(caught[each.bundle]);
  });

  it.each(['psono-1.2.0', 'digitalocean-ccm-0.1.1'])(
    '%s, as cosign 2 signed it, is proven by promise only',
    async (name) => {
      const trust = parseSigstoreTrust((await loadBuiltInRoot()).trustedRoot);
      const report = await judgeBytes(
        bundleBytes(`real/${name}.tgz.cosign.bundle`),
        {
          archive: `real/${name}.tgz`,
          identity:
            'https://github.com/ankraio/ankra-charts/.github/workflows/charts-pages.yml@refs/heads/main',
          issuer: 'https://token.actions.githubusercontent.com',
        },
        { trust },
      );
      expect(report.kind).toBe('proven');
      const skipped = report.checks.filter(({ outcome }) => outcome === 'skipped').map(({ id }) => id);
      expect(skipped).toEqual(['statement', 'checkpoint', 'inclusion-proof']);
    },
  );
});

describe.skipIf(vectors === undefined)('identities (needs the vectors)', () => {
  const good = () => bundleBytes('keyless/cosign-github.sigstore.json');

  it.each([
    ['a prefix', { identity: GITHUB.identity.slice(0, -1) }],
    ['a longer one', { identity: `${GITHUB.identity}0` }],
    ['another branch', { identity: GITHUB.identity.replace('tags/v1.2.3', 'heads/main') }],
    ['a pull request', { identity: GITHUB.identity.replace('tags/v1.2.3', 'pull/1/merge') }],
    ['another workflow', { identity: GITHUB.identity.replace('release', 'build') }],
    ['another owner', { identity: GITHUB.identity.replace('acme', 'acmee') }],
    ['capitals', { identity: GITHUB.identity.replace('acme', 'Acme') }],
    ['another issuer', { issuer: 'http://127.0.0.1:8888' }],
    ['an issuer with a slash', { issuer: `${GITHUB.issuer}/` }],
    ['nobody', { identity: '' }],
  ])('%s is not the signer', async (_, other) => {
    const report = await judgeBytes(good(), { ...GITHUB, ...other });
    expect(report).toMatchObject({ kind: 'refuted', failure: { id: 'identity' } });
  });

  it('nobody is accepted where nobody is named', async () => {
    const report = await judgeBytes(good(), { archive: GITHUB.archive });
    expect(report).toMatchObject({ kind: 'refuted', failure: { id: 'identity' } });
    const failure = report.kind === 'refuted' ? report.failure.hint : '';
    expect(failure).toContain(`--certificate-identity "${GITHUB.identity}"`);
  });
});

describe.skipIf(vectors === undefined)('the trusted root (needs the vectors)', () => {
  const good = () => bundleBytes('keyless/message-email.sigstore.json');
  const failing = async (change: (root: ReturnType<typeof vectorTrust>) => object) => {
    const trust = vectorTrust();
    const report = await judgeBytes(good(), EMAIL, { trust: { ...trust, ...change(trust) } });
    return report.kind === 'refuted' ? report.failure.id : report.kind;
  };

  it.each([
    ['no log', 'log-key', () => ({ logs: [] })],
    [
      'a log whose key is over',
      'log-key',
      ({ logs }: ReturnType<typeof vectorTrust>) => ({
        logs: logs.map((log) => ({ ...log, validUntil: 1_795_000_000 })),
      }),
    ],
    [
      'a log whose key begins later',
      'log-key',
      ({ logs }: ReturnType<typeof vectorTrust>) => ({
        logs: logs.map((log) => ({ ...log, validFrom: NOW })),
      }),
    ],
    [
      'another origin',
      'checkpoint',
      ({ logs }: ReturnType<typeof vectorTrust>) => ({
        logs: logs.map((log) => ({ ...log, origin: 'other.example' })),
      }),
    ],
    ['no CA', 'certificate', () => ({ certificateAuthorities: [] })],
    [
      'a CA that is over',
      'certificate',
      ({ certificateAuthorities }: ReturnType<typeof vectorTrust>) => ({
        certificateAuthorities: certificateAuthorities.map((ca) => ({ ...ca, validUntil: 1_795_000_000 })),
      }),
    ],
    ['no log of certificates', 'certificate', () => ({ certificateLogs: [] })],
    [
      'a log of certificates that is over',
      'certificate',
      ({ certificateLogs }: ReturnType<typeof vectorTrust>) => ({
        certificateLogs: certificateLogs.map((log) => ({ ...log, validUntil: 1_795_000_000 })),
      }),
    ],
    ['no timestamp authority', 'signed-time', () => ({ timestampAuthorities: [] })],
    [
      'a timestamp authority that is over',
      'signed-time',
      ({ timestampAuthorities }: ReturnType<typeof vectorTrust>) => ({
        timestampAuthorities: timestampAuthorities.map((ca) => ({ ...ca, validUntil: 1_795_000_000 })),
      }),
    ],
  ] as const)('%s: %s fails', async (_, check, change) => {
    expect(await failing(change)).toBe(check);
  });

  it('a time in the future is none', async () => {
    const report = await judgeBytes(good(), EMAIL, { now: 1_795_000_000 });
    expect(report).toMatchObject({ kind: 'refuted', failure: { id: 'log-time' } });
  });
});

describe.skipIf(vectors === undefined)('a changed bundle (needs the vectors)', () => {
  const seeds: readonly [string, Omit<BundleCase, 'expect' | 'bundle'>][] = [
    ['keyless/message-email.sigstore.json', EMAIL],
    ['keyless/dsse-github.sigstore.json', GITHUB],
    ['keyless/v1-cosign-email.sigstore.json', EMAIL],
    ['keyless/v1-cosign-attest-blob.sigstore.json', EMAIL],
    ['keyless/sigstore-js-v0.2.sigstore.json', EMAIL],
    ['pgp/archive-rsa3072-dsse.sigstore.json', { archive: 'hello-0.1.0.tgz', key: 'pgp/rsa3072.pem' }],
  ];

  it.each(seeds)('%s is proven in no other form', async (name, wanted) => {
    const text = Buffer.from(bundleBytes(name)).toString('utf8');
    const mutations = mutationsOf(text);
    expect(mutations.length).toBeGreaterThan(100);
    const unchanged = await outcomeOf(Buffer.from(text), wanted);
    expect(unchanged).toContain('proven: ');
    const accepted: string[] = [];
    for (const { what, json } of mutations) {
      const outcome = await outcomeOf(Buffer.from(json), wanted);
      if (!outcome.startsWith('proven')) continue;
      // Whatever is accepted says the same of the same signer.
      expect(outcome, what).toBe(unchanged);
      if (!MEANINGLESS.some((pattern) => pattern.test(what))) accepted.push(what);
    }
    expect(accepted).toEqual([]);
  });
});

/** Changes that say the same, each with its reason. */
const MEANINGLESS: readonly RegExp[] = [
  // The key is tried by itself; what a bundle calls it proves nothing.
  /publicKey\.hint/,
  // Without a promise nobody vouches for this time, and it is neither used nor shown.
  /integratedTime/,
  // An entry with a proof and a timestamp needs no promise.
  /inclusionPromise removed/,
  // A promise vouches for the time as well as a timestamp.
  /timestampVerificationData(?:\.rfc3161Timestamps(?:\.0)?)? removed/,
  // The intermediate of a chain comes from the trusted root.
  /x509CertificateChain\.certificates\.[1-9]/,
  // What a token has around what its authority signed: tags, and a copy of the certificate.
  /signedTimestamp/,
];

interface Mutation {
  readonly what: string;
  readonly json: string;
}

/** Each member removed, emptied and of another type; each text with a bit flipped at its start, middle and end. */
function mutationsOf(text: string): Mutation[] {
  const mutations: Mutation[] = [];
  const paths = pathsIn(JSON.parse(text) as unknown);
  for (const path of paths) {
    const add = (what: string, change: (parent: Record<string, unknown>, key: string) => void) => {
      const json = JSON.parse(text) as Record<string, unknown>;
      const parent = path
        .slice(0, -1)
        .reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], json);
      change(parent as Record<string, unknown>, path.at(-1) ?? '');
      const changed = JSON.stringify(json);
      if (changed !== JSON.stringify(JSON.parse(text)))
        mutations.push({ what: `${path.join('.')} ${what}`, json: changed });
    };
    add('removed', (parent, key) =>
      Array.isArray(parent) ? parent.splice(Number(key), 1) : Reflect.deleteProperty(parent, key),
    );
    add('emptied', (parent, key) => {
      parent[key] = '';
    });
    add('a number', (parent, key) => {
      parent[key] = 7;
    });
    add('doubled', (parent, key) => {
      parent[key] = [parent[key], parent[key]];
    });
    add('another member', (parent, key) => {
      if (typeof parent[key] === 'object' && parent[key] !== null)
        (parent[key] as Record<string, unknown>)['x'] = 1;
    });
    const value = path.reduce<unknown>(
      (parent, key) => (parent as Record<string, unknown>)[key],
      JSON.parse(text),
    );
    if (typeof value !== 'string' || value === '') continue;
    for (const [place, at] of [
      ['start', 0],
      ['middle', value.length >> 1],
      ['end', value.length - 1],
    ] as const)
      add(`changed at its ${place}`, (parent, key) => {
        parent[key] = value.slice(0, at) + other(value.charAt(at)) + value.slice(at + 1);
      });
    const bytes = Buffer.from(value, 'base64');
    if (bytes.toString('base64') !== value || bytes.length < 8) continue;
    for (let step = 0; step < 12; step++)
      add(`bit ${step} flipped`, (parent, key) => {
        const flipped = Buffer.from(bytes);
        const at = Math.floor((bytes.length * step) / 12);
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (step % 8));
        parent[key] = flipped.toString('base64');
      });
    add('cut', (parent, key) => {
      parent[key] = bytes.subarray(0, -1).toString('base64');
    });
    add('longer', (parent, key) => {
      parent[key] = Buffer.concat([bytes, Buffer.from([0])]).toString('base64');
    });
  }
  return mutations;
}

function other(character: string): string {
  if (/[0-9]/.test(character)) return character === '9' ? '0' : String(Number(character) + 1);
  return character === 'A' ? 'B' : 'A';
}

function pathsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  const own = path.length === 0 ? [] : [path];
  return [...own, ...Object.entries(value).flatMap(([key, member]) => pathsIn(member, [...path, key]))];
}

describe('bytes that are no bundle', () => {
  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a number', '1'],
    ['no media type', '{}'],
    ['another media type', '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.4+json"}'],
    ['a member twice', '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","mediaType":"x"}'],
    ['a legacy bundle of nothing', '{"base64Signature":"AAAA","rekorBundle":{}}'],
  ])('%s is malformed', (_, text) => {
    expect(() => parseBundles(Buffer.from(text))).toThrow(MalformedError);
  });

  it.skipIf(vectors === undefined)('twenty-one lines are too many (needs the vectors)', () => {
    const line = JSON.stringify(
      JSON.parse(readFileSync(bundlePath('keyless/message-email.sigstore.json'), 'utf8')),
    );
    expect(parseBundles(Buffer.from(Array(20).fill(line).join('\n')))).toHaveLength(20);
    expect(() => parseBundles(Buffer.from(Array(21).fill(line).join('\n')))).toThrow(MalformedError);
  });
});
