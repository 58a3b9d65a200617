import { describe, expect, it } from 'vitest';
import { MalformedError } from '../../src/errors.ts';
import { chooseLoggingServices, chooseServices, versionsOfLogs } from '../../src/services/choose-services.ts';
import { loadSigningConfig, parseSigningConfig } from '../../src/services/signing-config.ts';
import { Folder } from '../support/world/folder.ts';

const NOW = Date.parse('2026-12-01T00:00:00Z') / 1000;

interface Service {
  readonly url: string;
  readonly majorApiVersion: number;
  readonly validFor: object;
  readonly operator?: string;
}

function service(url: string, changes: Partial<Service> = {}): Service {
  return { url, majorApiVersion: 1, validFor: { start: '2026-01-01T00:00:00Z' }, operator: 'a', ...changes };
}

function config(changes: object = {}): Record<string, unknown> {
  return {
    mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
    caUrls: [service('https://ca.example.com')],
    rekorTlogUrls: [service('https://log.example.com')],
    rekorTlogConfig: { selector: 'ANY' },
    tsaUrls: [service('https://tsa.example.com/api/v1/timestamp')],
    tsaConfig: { selector: 'ANY' },
    ...changes,
  };
}

function parsed(changes: object = {}): ReturnType<typeof parseSigningConfig> {
  return parseSigningConfig(Buffer.from(JSON.stringify(config(changes))));
}

/** The log that is chosen of these. */
function logOf(changes: object): string {
  return chooseServices(parsed(changes), NOW).log.url;
}

describe('a signing config', () => {
  it('that is built in is that of the public Sigstore', async () => {
    const { authority, log, timestamps } = chooseServices(
      await loadSigningConfig(undefined, new AbortController().signal),
      NOW,
    );
    expect([authority, log, ...timestamps].map(({ url }) => url)).toEqual([
      'https://fulcio.sigstore.dev',
      'https://rekor.sigstore.dev',
      'https://timestamp.sigstore.dev/api/v1/timestamp',
    ]);
  });

  it.each([
    ['of another version', config({ mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.1+json' })],
    ['with a member that is unknown', config({ further: [] })],
    [
      'with a member of a service that is unknown',
      config({ caUrls: [{ ...service('https://x'), weight: 1 }] }),
    ],
    [
      'with a server that is asked without encryption',
      config({ caUrls: [service('http://ca.example.com')] }),
    ],
    ['with credentials in a URL', config({ caUrls: [service('https://me:pw@ca.example.com')] })],
    ['with a URL of another kind', config({ tsaUrls: [service('file:///tmp/x')] })],
    ['with a query', config({ tsaUrls: [service('https://tsa.example.com/?to=https://evil')] })],
    ['with a version that is none', config({ caUrls: [service('https://x', { majorApiVersion: 0 })] })],
    [
      'with a time that is none',
      config({ caUrls: [service('https://x', { validFor: { start: 'today' } })] }),
    ],
    ['without a time', config({ caUrls: [service('https://x', { validFor: {} })] })],
    ['with a selector that is unknown', config({ tsaConfig: { selector: 'SOME' } })],
    ['that wants exactly none', config({ tsaConfig: { selector: 'EXACT', count: 0 } })],
    ['that wants exactly as many as it likes', config({ tsaConfig: { selector: 'EXACT' } })],
    ['that wants any two', config({ tsaConfig: { selector: 'ANY', count: 2 } })],
    ['with too many services', config({ tsaUrls: Array.from({ length: 51 }, () => service('https://x')) })],
    ['that is a list', []],
  ])('%s is none', (_, json) => {
    expect(() => parseSigningConfig(Buffer.from(JSON.stringify(json)))).toThrow(MalformedError);
  });

  it('that names a member twice is none', () => {
    const text = JSON.stringify(config()).replace('{', '{"caUrls":[],');
    expect(() => parseSigningConfig(Buffer.from(text))).toThrow('twice');
  });

  it('that is a page is an error of the user, who learns which file', async () => {
    const folder = await Folder.create();
    try {
      const file = await folder.write('config.json', '<html>');
      await expect(loadSigningConfig(file, new AbortController().signal)).rejects.toMatchObject({
        code: 'INPUT',
        message: `${file} is no signing config: expected JSON, found an HTML page`,
      });
    } finally {
      await folder.close();
    }
  });
});

describe('of the services', () => {
  const [one, two, three] = [
    'https://1.example.com',
    'https://2.example.com',
    'https://3.example.com',
  ] as const;

  it.each<[string, object, string]>([
    [
      'the highest version counts',
      { rekorTlogUrls: [service(one), service(two, { majorApiVersion: 2 })] },
      two,
    ],
    [
      'versions that are unknown do not',
      { rekorTlogUrls: [service(one, { majorApiVersion: 3 }), service(two)] },
      two,
    ],
    [
      'those that are over do not',
      {
        rekorTlogUrls: [
          service(one, { validFor: { start: '2025-01-01T00:00:00Z', end: '2026-11-30T23:59:59Z' } }),
          service(two),
        ],
      },
      two,
    ],
    [
      'those of tomorrow do not',
      { rekorTlogUrls: [service(one, { validFor: { start: '2026-12-01T00:00:01Z' } }), service(two)] },
      two,
    ],
    [
      'those that end at this moment do',
      {
        rekorTlogUrls: [
          service(one, { validFor: { start: '2025-01-01T00:00:00Z', end: '2026-12-01T00:00:00Z' } }),
        ],
      },
      one,
    ],
    [
      'the newest comes first',
      {
        rekorTlogUrls: [service(one), service(two, { validFor: { start: '2026-06-01T00:00:00Z' } })],
      },
      two,
    ],
    [
      'all means one of each operator, of which there may be one',
      { rekorTlogUrls: [service(one), service(two)], rekorTlogConfig: { selector: 'ALL' } },
      one,
    ],
    [
      'exactly one is one of several',
      {
        rekorTlogUrls: [service(one), service(two, { operator: 'b' })],
        rekorTlogConfig: { selector: 'EXACT', count: 1 },
      },
      one,
    ],
  ])('%s', (_, changes, expected) => {
    expect(logOf(changes)).toBe(expected);
  });

  it.each<[string, object, string[]]>([
    ['all are one of each operator', { selector: 'ALL' }, [one, three]],
    ['exactly two are two', { selector: 'EXACT', count: 2 }, [one, three]],
    ['any is one', { selector: 'ANY' }, [one]],
  ])('of authorities of timestamps %s', (_, tsaConfig, expected) => {
    const tsaUrls = [service(one), service(two), service(three, { operator: 'b' })];
    const { timestamps } = chooseServices(parsed({ tsaUrls, tsaConfig }), NOW);
    expect(timestamps.map(({ url }) => url)).toEqual(expected);
  });

  it.each([{ selector: 'ALL' }, { selector: 'EXACT', count: 2 }])(
    'several logs are refused, as a bundle is judged by one: %o',
    (rekorTlogConfig) => {
      const rekorTlogUrls = [service(one), service(two, { operator: 'b' })];
      expect(() => chooseServices(parsed({ rekorTlogUrls, rekorTlogConfig }), NOW)).toThrow(
        `wants it on 2 (${one}, ${two}): a bundle is judged by the entry of one`,
      );
    },
  );

  it.each([
    ['there is no certificate authority', { caUrls: [] }, 'certificate authority'],
    ['there is no log', { rekorTlogUrls: undefined }, 'transparency log'],
    [
      'exactly two operators are wanted, and there is one',
      {
        rekorTlogUrls: [service(one), service(two)],
        rekorTlogConfig: { selector: 'EXACT', count: 2 },
      },
      '2 different transparency log',
    ],
    [
      'a log of the second version has no time, and nobody else says it',
      { rekorTlogUrls: [service(one, { majorApiVersion: 2 })], tsaUrls: [] },
      'timestamp authority',
    ],
    [
      'all authorities of timestamps are over',
      {
        tsaUrls: [service(one, { validFor: { start: '2025-01-01T00:00:00Z', end: '2025-01-02T00:00:00Z' } })],
      },
      'timestamp authority',
    ],
  ])('too few are an error: %s', (_, changes, message) => {
    expect(() => chooseServices(parsed(changes), NOW)).toThrow(message);
  });

  it('a log of the first version needs no timestamp', () => {
    expect(chooseServices(parsed({ tsaUrls: [] }), NOW).timestamps).toEqual([]);
  });
});

describe('the servers of a signature that is made already', () => {
  const [one, two] = ['https://one.example.com', 'https://two.example.com'];
  const chosen = (changes: object, named?: string) => chooseLoggingServices(parsed(changes), NOW, named);

  it('are a log of the second version and an authority of timestamps', () => {
    const changes = { rekorTlogUrls: [service(one), service(two, { majorApiVersion: 2 })], caUrls: [] };
    const { log, timestamps } = chosen(changes);
    expect([log.url, ...timestamps.map(({ url }) => url)]).toEqual([
      two,
      'https://tsa.example.com/api/v1/timestamp',
    ]);
    expect(versionsOfLogs(parsed(changes), NOW)).toEqual(new Set([1, 2]));
  });

  it('or the log that the user names', () => {
    expect(chosen({ rekorTlogUrls: [] }, one).log.url).toBe(one);
  });

  it.each([
    ['there is no log of the second version', {}, 'an API of version 2'],
    ['nobody dates it', { rekorTlogUrls: [service(one, { majorApiVersion: 2 })], tsaUrls: [] }, 'timestamp'],
    [
      'two logs are wanted',
      {
        rekorTlogUrls: [
          service(one, { majorApiVersion: 2 }),
          service(two, { majorApiVersion: 2, operator: 'b' }),
        ],
        rekorTlogConfig: { selector: 'ALL' },
      },
      'by the entry of one',
    ],
  ])('are missing where %s', (_, changes, message) => {
    expect(() => chosen(changes)).toThrow(message);
  });
});
