import { readdir } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Deadline } from '../../src/http/deadline.ts';
import type { HttpClient } from '../../src/http/request.ts';
import { loadTufRoot } from '../../src/trust/public-good.ts';
import { fetchTufTarget, type TufMetadata } from '../../src/trust/tuf.ts';
import { testClient, testDeadline } from '../http/client.ts';
import { unusedPort } from '../support/loopback.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { EXPIRED, newTufKey, TufRepository } from '../support/tuf-repository.ts';

const CONTENT = '{"what": "the repository is for"}';

function client(): HttpClient {
  const http = testClient();
  onTestFinished(() => {
    http.close();
  });
  return http;
}

async function fetchFrom(
  { url, firstRoot }: { url: string; firstRoot: string },
  known?: TufMetadata,
  deadline: Deadline = testDeadline(),
): Promise<{ text: string; metadata: TufMetadata }> {
  const repository = { url, root: firstRoot, http: client(), deadline };
  const { target, metadata } = await fetchTufTarget('trusted_root.json', repository, known);
  return { text: Buffer.from(target).toString(), metadata };
}

let temporary: string;

beforeEach(async () => {
  temporary = await temporaryDirectory();
  vi.stubEnv('TMPDIR', temporary);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  expect(await readdir(temporary), 'nothing is left behind').toEqual([]);
});

describe('a target of a TUF repository', () => {
  test('is proven from the first root, with the metadata that proves it', async () => {
    const repository = await TufRepository.start(CONTENT);
    const { text, metadata } = await fetchFrom(repository);
    expect(text).toBe(CONTENT);
    expect(metadata.timestamp).toBe(repository.files.get('timestamp.json'));
    expect(metadata.snapshot).toBe(repository.files.get('1.snapshot.json'));
    expect(metadata.targets).toBe(repository.files.get('1.targets.json'));
    expect(JSON.parse(metadata.root)).toEqual(JSON.parse(repository.firstRoot));
    expect(repository.asked).toHaveLength(5);
  });

  test('costs three requests when nothing has changed', async () => {
    const repository = await TufRepository.start(CONTENT);
    const { metadata } = await fetchFrom(repository);
    const before = repository.asked.length;
    expect((await fetchFrom(repository, metadata)).text).toBe(CONTENT);
    expect(repository.asked.slice(before)).toEqual([
      '2.root.json',
      'timestamp.json',
      expect.stringMatching(/^targets\/[0-9a-f]{64}\.trusted_root\.json$/),
    ]);
  });

  test('is the new one when the repository has grown', async () => {
    const repository = await TufRepository.start(CONTENT);
    const { metadata } = await fetchFrom(repository);
    const next = { version: 2 };
    repository.publish({ timestamp: next, snapshot: next, targets: next, content: '{"new": true}' });
    expect((await fetchFrom(repository, metadata)).text).toBe('{"new": true}');
  });

  test('is proven over roots that replaced the first one, each signed by the one before', async () => {
    const repository = await TufRepository.start(CONTENT);
    const first = repository.keys.root;
    repository.keys.root = newTufKey();
    repository.publishRoot({ version: 2, by: [first, repository.keys.root] });
    repository.keys.timestamp = newTufKey();
    const third = repository.publishRoot({ version: 3 });
    repository.publish({});
    const { text, metadata } = await fetchFrom(repository);
    expect(text).toBe(CONTENT);
    expect(metadata.root).toBe(third);
    // A client never starts from the root that it kept: who could change that would choose all the rest.
    expect((await fetchFrom(repository, metadata)).text).toBe(CONTENT);
    expect(repository.asked.filter((path) => path === '2.root.json')).toHaveLength(2);
  });

  test('is proven by a repository whose first root has expired since, if a later one has not', async () => {
    const repository = await TufRepository.start(CONTENT);
    const firstRoot = repository.publishRoot({ expires: EXPIRED });
    repository.publishRoot({ version: 2 });
    expect((await fetchFrom({ url: repository.url, firstRoot })).text).toBe(CONTENT);
  });

  test('is proven whatever the metadata of an earlier call holds, if that proves nothing', async () => {
    const repository = await TufRepository.start(CONTENT);
    const { metadata } = await fetchFrom(await TufRepository.start('{}'));
    for (const known of [
      metadata,
      { root: '', timestamp: '', snapshot: '', targets: '' },
      { root: '{}', timestamp: metadata.timestamp.slice(0, 50), snapshot: '<html>', targets: '[]' },
    ])
      expect((await fetchFrom(repository, known)).text).toBe(CONTENT);
  });

  test('can be asked for by many at the same time', async () => {
    const repository = await TufRepository.start(CONTENT);
    const { metadata } = await fetchFrom(repository);
    const next = { version: 2 };
    repository.publish({ timestamp: next, snapshot: next, targets: next, content: '{"new": true}' });
    const all = await Promise.all(Array.from({ length: 10 }, () => fetchFrom(repository, metadata)));
    expect(all.map(({ text }) => text)).toEqual(Array.from({ length: 10 }, () => '{"new": true}'));
  });
});

/** Each row: what is wrong, how a repository that was fine before is spoilt, and what the error says. */
const lies: readonly (readonly [what: string, spoil: (repository: TufRepository) => void, says: string])[] = [
  [
    'a root that expired',
    (repository) => repository.publishRoot({ version: 2, expires: EXPIRED }),
    'Final root.json is expired',
  ],
  [
    'a timestamp that expired: news are held back',
    (repository) => {
      repository.publish({ timestamp: { version: 4, expires: EXPIRED } });
    },
    'Final timestamp.json is expired',
  ],
  [
    'a snapshot that expired',
    (repository) => {
      repository.publish({ timestamp: { version: 4 }, snapshot: { version: 4, expires: EXPIRED } });
    },
    'snapshot.json is expired',
  ],
  [
    'targets that expired',
    (repository) => {
      const next = { version: 4 };
      repository.publish({ timestamp: next, snapshot: next, targets: { version: 4, expires: EXPIRED } });
    },
    'targets.json is expired',
  ],
  [
    'a root that only its own key signed',
    (repository) => {
      repository.keys.root = newTufKey();
      repository.publishRoot({ version: 2 });
    },
    'root was signed by 0/1 keys',
  ],
  [
    'a root that its own key did not sign',
    (repository) => {
      const first = repository.keys.root;
      repository.keys.root = newTufKey();
      repository.publishRoot({ version: 2, by: [first] });
    },
    'root was signed by 0/1 keys',
  ],
  [
    'a root of another version than it is called by',
    (repository) => {
      repository.files.set('2.root.json', repository.publishRoot({ version: 3 }));
    },
    'Expected version 2, got 3',
  ],
  [
    'the first root again, as the second',
    (repository) => {
      repository.files.set('2.root.json', repository.firstRoot);
    },
    'Expected version 2, got 1',
  ],
  [
    'a timestamp that another key signed',
    (repository) => {
      repository.publish({ timestamp: { version: 4, by: [newTufKey()] } });
    },
    'timestamp was signed by 0/1 keys',
  ],
  [
    "a timestamp that the snapshot's key signed",
    (repository) => {
      repository.publish({ timestamp: { version: 4, by: [repository.keys.snapshot] } });
    },
    'timestamp was signed by 0/1 keys',
  ],
  [
    'a timestamp that nobody signed',
    (repository) => {
      repository.publish({ timestamp: { version: 4, by: [] } });
    },
    'timestamp was signed by 0/1 keys',
  ],
  [
    'a timestamp that was changed after it was signed',
    (repository) => {
      const text = String(repository.files.get('timestamp.json'));
      repository.files.set('timestamp.json', text.replace('"version":3}', '"version":4}'));
    },
    'timestamp was signed by 0/1 keys',
  ],
  [
    'a snapshot that another key signed',
    (repository) => {
      repository.publish({ timestamp: { version: 4 }, snapshot: { version: 4, by: [newTufKey()] } });
    },
    'snapshot was signed by 0/1 keys',
  ],
  [
    'targets that another key signed',
    (repository) => {
      const next = { version: 4 };
      repository.publish({ timestamp: next, snapshot: next, targets: { version: 4, by: [newTufKey()] } });
    },
    'targets was signed by 0/1 keys',
  ],
  [
    'an older timestamp, properly signed',
    (repository) => {
      repository.publish({ timestamp: { version: 2, snapshotVersion: 3 } });
    },
    'New timestamp version 2 is less than current version 3',
  ],
  [
    'an older snapshot under a newer timestamp',
    (repository) => {
      repository.publish({ timestamp: { version: 4 }, snapshot: { version: 2 } });
    },
    'New snapshot version 2 is less than current version 3',
  ],
  [
    'older targets under a newer snapshot',
    (repository) => {
      repository.publish({ timestamp: { version: 4 }, snapshot: { version: 4 }, targets: { version: 2 } });
    },
    'New version 2 of targets.json is less than current version 3',
  ],
  [
    'a snapshot of another version than the timestamp says',
    (repository) => {
      repository.publish({ timestamp: { version: 4, snapshotVersion: 5 }, snapshot: { version: 4 } });
      repository.files.set('5.snapshot.json', repository.files.get('4.snapshot.json') ?? '');
    },
    "Snapshot version doesn't match timestamp",
  ],
  [
    'targets of another version than the snapshot says',
    (repository) => {
      const next = { version: 4 };
      repository.publish({ timestamp: next, snapshot: { ...next, targetsVersion: 5 }, targets: next });
      repository.files.set('5.targets.json', repository.files.get('4.targets.json') ?? '');
    },
    'Version 4 of targets does not match snapshot version 5',
  ],
  [
    'no such target',
    (repository) => {
      const next = { version: 4 };
      repository.publish({ timestamp: next, snapshot: next, targets: { ...next, names: ['other.json'] } });
    },
    'it has no target trusted_root.json',
  ],
  [
    'a target with another digest',
    (repository) => {
      for (const path of repository.files.keys())
        if (path.startsWith('targets/')) repository.files.set(path, CONTENT.replace('what', 'tahw'));
    },
    'Expected hash',
  ],
  [
    'a target that is cut',
    (repository) => {
      for (const path of repository.files.keys())
        if (path.startsWith('targets/')) repository.files.set(path, CONTENT.slice(1));
    },
    'Expected length 33 but got 32',
  ],
  [
    'a target that is proven and not there',
    (repository) => {
      for (const path of repository.files.keys())
        if (path.startsWith('targets/')) repository.files.delete(path);
    },
    'there is no http',
  ],
  [
    'no timestamp',
    (repository) => {
      repository.files.delete('timestamp.json');
    },
    'there is no http',
  ],
  [
    'a web page in place of a root',
    (repository) => {
      repository.files.set('2.root.json', '<!doctype html><title>Sign in</title>');
    },
    'is not valid JSON',
  ],
  [
    'a web page in place of a timestamp',
    (repository) => {
      repository.files.set('timestamp.json', '<!doctype html><title>Sign in</title>');
    },
    'is not valid JSON',
  ],
  [
    'JSON of another kind',
    (repository) => {
      repository.files.set('timestamp.json', '{"signed": {"_type": "timestamp"}, "signatures": []}');
    },
    'spec_version is not defined',
  ],
  [
    'nothing at all in place of a timestamp',
    (repository) => {
      repository.files.set('timestamp.json', '');
    },
    'Unexpected end of JSON input',
  ],
  [
    'null in place of a timestamp',
    (repository) => {
      repository.files.set('timestamp.json', 'null');
    },
    'does not prove what it says',
  ],
  [
    'a timestamp without end',
    (repository) => {
      repository.files.set('timestamp.json', endless);
    },
    'the answer is longer than 16384 bytes',
  ],
  [
    'a root without end',
    (repository) => {
      repository.files.set('2.root.json', endless);
    },
    'the answer is longer than 512000 bytes',
  ],
  [
    'a target without end',
    (repository) => {
      for (const path of repository.files.keys())
        if (path.startsWith('targets/')) repository.files.set(path, endless);
    },
    'the answer is longer than 33 bytes',
  ],
  [
    'a redirect to another server',
    (repository) => {
      repository.files.set('timestamp.json', (response) => {
        response.writeHead(302, { location: 'http://127.0.0.2/timestamp.json' }).end();
      });
    },
    'found a redirect of GET to http://127.0.0.2/timestamp.json',
  ],
  [
    'a status that means nothing here',
    (repository) => {
      repository.files.set('timestamp.json', (response) => {
        response.writeHead(418).end();
      });
    },
    'to answer with status 200, found 418',
  ],
];

function endless(response: ServerResponse): void {
  const more = () => {
    while (response.writable && response.write('{'.repeat(65_536)));
  };
  response.on('drain', more);
  more();
}

describe('a TUF repository that proved a target before and now gives', () => {
  test.each(lies)('%s is not believed', async (_, spoil, says) => {
    const repository = await TufRepository.start(CONTENT);
    const third = { version: 3 };
    repository.publish({ timestamp: third, snapshot: third, targets: third });
    const { metadata } = await fetchFrom(repository);
    spoil(repository);
    const failure = fetchFrom(repository, metadata);
    await expect(failure).rejects.toMatchObject({ code: 'LOG_ANSWER' });
    await expect(failure).rejects.toThrow(says);
  });

  test('an older root than before is not believed, although the rest holds', async () => {
    const repository = await TufRepository.start(CONTENT);
    repository.publishRoot({ version: 2 });
    const { metadata } = await fetchFrom(repository);
    repository.files.delete('2.root.json');
    await expect(fetchFrom(repository, metadata)).rejects.toThrow(
      'its root has version 1, and had version 2 before',
    );
  });
});

describe('a TUF repository', () => {
  test('of other keys than the built-in root names is not believed, whatever it serves', async () => {
    const { url } = await TufRepository.start(CONTENT);
    const failure = fetchFrom({ url, firstRoot: await loadTufRoot() });
    await expect(failure).rejects.toMatchObject({ code: 'LOG_ANSWER' });
    await expect(failure).rejects.toThrow('timestamp was signed by 0/1 keys');
  });

  test('that nobody runs is out of reach', async () => {
    const url = `http://127.0.0.1:${await unusedPort()}`;
    const failure = fetchFrom({ url, firstRoot: await loadTufRoot() });
    await expect(failure).rejects.toMatchObject({ code: 'LOG_UNREACHABLE' });
    await expect(failure).rejects.toThrow('connection refused');
  });

  test('that is ill is out of reach, after some tries', async () => {
    const repository = await TufRepository.start(CONTENT);
    repository.files.set('timestamp.json', (response) => {
      response.writeHead(503).end();
    });
    const failure = fetchFrom(repository);
    await expect(failure).rejects.toMatchObject({ code: 'LOG_UNREACHABLE' });
    await expect(failure).rejects.toThrow('to answer with status 200, found 503');
    expect(repository.asked.filter((path) => path === 'timestamp.json')).toHaveLength(4);
  });

  test('that hides its newest files (403) as stores do has no newer root', async () => {
    const repository = await TufRepository.start(CONTENT);
    repository.files.set('2.root.json', (response) => {
      response.writeHead(403).end();
    });
    expect((await fetchFrom(repository)).text).toBe(CONTENT);
  });

  test('that never answers is given up when the time is up', async () => {
    const repository = await TufRepository.start(CONTENT);
    repository.files.set('timestamp.json', () => undefined);
    await expect(fetchFrom(repository, undefined, testDeadline({ all: 50 }))).rejects.toMatchObject({
      code: 'LOG_UNREACHABLE',
    });
  });
});
