import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, type RawAnswer } from '../support/ask.ts';
import { startTestLog, type TestLog } from '../support/log.ts';
import { entriesOf, exchange, exchanges, predictedUploads, type Exchange } from '../support/recorded.ts';
import { vectors } from '../support/vectors.ts';
import { DEVIATIONS, STRICTER } from './deviations.ts';

/**
 * Recorded requests, sent to the embedded log. Its tree holds the same leaves in the same order and at the same
 * times as that of the recording, so all but signatures and the names of key and tree must be the same.
 */

const WHOLE = 'create-subkey-whole-certificate';
const uploads = predictedUploads().map(({ chart }) =>
  exchange('exchanges', `create-${chart.replace('.tgz', '')}`),
);
const uploaded = new Set([...uploads.map(({ name }) => name), WHOLE]);
const later = exchanges('exchanges').filter(({ name }) => !uploaded.has(name));
const catalogue = exchanges('catalogue').filter(
  ({ name }) =>
    !/^(?:shards|signer|kind-disabled|trillian-down|too-large)|disabled|^create-201|log-empty/.test(name),
);

const deviating = new Set(DEVIATIONS.map(({ exchange: name }) => name));
const refused: Readonly<Record<string, string>> = Object.fromEntries(
  STRICTER.flatMap(({ exchanges = {} }) => Object.entries(exchanges)),
);

describe.skipIf(!vectors)('a replay of the recorded exchanges (needs the vectors)', () => {
  const replay = new Replay('8340325311065672568');
  beforeAll(() => replay.start());
  afterAll(() => replay.stop());

  it.each(uploads)('$name: $about', async (recorded) => {
    expect(comparable(await replay.upload(recorded))).toEqual(replay.expected(recorded));
  });

  it.each(later.filter(({ name }) => name !== 'index-two-entries'))('$name: $about', async (recorded) => {
    expect(comparable(await replay.send(recorded))).toEqual(replay.expected(recorded));
  });

  it('a second entry for one archive is found with the first', async () => {
    for (const name of [WHOLE, 'index-two-entries']) {
      const recorded = exchange('exchanges', name);
      const answer = name === WHOLE ? await replay.upload(recorded) : await replay.send(recorded);
      expect(comparable(answer)).toEqual(replay.expected(recorded));
    }
  });
});

describe.skipIf(!vectors)('a replay of the catalogue (needs the vectors)', () => {
  const replay = new Replay('4094888233754802084');
  beforeAll(() => replay.start());
  afterAll(() => replay.stop());

  it('a log without entries answers', async () => {
    const recorded = exchange('catalogue', 'log-empty');
    expect(comparable(await replay.send(recorded))).toEqual(replay.expected(recorded));
  });

  it('uploads are accepted as they were, with the same leaves and proofs', async () => {
    const created = exchanges('catalogue').filter(({ name }) => name.startsWith('create-201'));
    const inOrder = created
      .sort((a, b) => firstIndex(a) - firstIndex(b))
      .filter(({ name }) => !(name in refused));
    expect(inOrder).toHaveLength(9);
    for (const recorded of inOrder)
      expect(comparable(await replay.upload(recorded))).toEqual(replay.expected(recorded));
  });

  it.each(Object.entries(refused))('%s is refused: %s', async (name, message) => {
    const answer = await replay.send(exchange('catalogue', name));
    expect(answer.status).toBe(400);
    expect(answer.body).toContain(JSON.stringify(message).slice(1, -1));
  });

  it('two more entries make the tree as large as that of the recording', async () => {
    await replay.send(exchange('catalogue', 'create-409-after-concurrent'));
    await replay.send(exchange('exchanges', WHOLE));
    expect((await replay.send(exchange('catalogue', 'log'))).body).toContain('"treeSize":11');
  });

  it.each(catalogue.filter(({ name }) => !deviating.has(name)))('$name: $about', async (recorded) => {
    const answer = await replay.send(recorded);
    // The last entries are others, so only the shape of what depends on them is the same.
    const of = recorded.response.status === 200 ? shapeOf : (value: unknown) => value;
    expect(of(comparable(answer))).toEqual(of(replay.expected(recorded)));
  });

  it.each(DEVIATIONS)('$exchange is answered otherwise: $why', async ({ exchange: name, ...deviation }) => {
    const { rekor, status, message } = deviation;
    const recorded = exchange('catalogue', name);
    expect(recorded.response.status).toBe(rekor);
    const answer = await replay.send(recorded);
    expect(answer.status).toBe(status);
    const error = JSON.parse(answer.body) as { code: number; message: string };
    expect(error.code).toBe(status);
    expect(error.message.startsWith(message)).toBe(true);
  });
});

/** An embedded log that takes recorded requests, with the ID of its own tree where they name the recorded one. */
class Replay {
  private log: TestLog | undefined;

  constructor(private readonly recordedTreeId: string) {}

  async start(): Promise<void> {
    this.log = await startTestLog();
  }

  async stop(): Promise<void> {
    expect(this.log?.failures).toEqual([]);
    await this.log?.close();
  }

  async send({ request: { method, path, headers, body } }: Exchange): Promise<RawAnswer> {
    const content = body === undefined || body === null ? {} : { body: this.translate(body) };
    const url = (this.log?.url ?? '') + this.translate(path);
    return await ask(url, { method, headers: { ...headers }, ...content });
  }

  /** Sends an upload at the time at which it was recorded. */
  async upload(recorded: Exchange): Promise<RawAnswer> {
    const [entry] = entriesOf(recorded);
    if (this.log !== undefined && entry !== undefined) this.log.now = entry.integratedTime;
    return await this.send(recorded);
  }

  expected({ response }: Exchange): unknown {
    return comparable(JSON.parse(this.translate(JSON.stringify(response))) as Exchange['response']);
  }

  private translate(text: string): string {
    const hex = (id: string): string => BigInt(id).toString(16).padStart(16, '0');
    const treeId = this.log?.treeId ?? '';
    return text.replaceAll(hex(this.recordedTreeId), hex(treeId)).replaceAll(this.recordedTreeId, treeId);
  }
}

/** What two answers must share: without signatures, names of keys and hosts, and the order of search results. */
function comparable({ status, headers, body }: Pick<RawAnswer, 'status' | 'headers' | 'body'>): object {
  // Rekor sends an empty content type to those who accept none that it has.
  const type = headers['content-type'] === '' ? 'application/json' : headers['content-type'];
  const { etag, location, allow } = headers;
  return { status, type, etag, location, allow, body: comparableBody(body) };
}

function comparableBody(body: string): unknown {
  const key = '-----BEGIN PUBLIC KEY-----';
  if (body.includes(key)) return body.startsWith(key) ? 'a PEM key' : 'a PEM key in JSON';
  if (!/^[[{]/.test(body)) return body;
  const value: unknown = JSON.parse(body, (name, member: unknown) => {
    if (name === 'logID' || name === 'signedEntryTimestamp') return typeof member;
    if (name !== 'checkpoint' && name !== 'signedTreeHead') return member;
    // Rekor signs once; a log with an Ed25519 key also under the name that C2SP has for the key.
    return (member as string).replace(/^\S+/, 'HOST').replace(/(?:\u2014 .*\n){1,2}/, 'SIGNATURE\n');
  });
  return Array.isArray(value) ? value.sort() : value;
}

/** The types in a value, and the names of its members. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...new Set(value.map((item) => JSON.stringify(shapeOf(item))))];
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name.replace(/^[0-9a-f]{80}$/, 'ID'), shapeOf(member)]),
  );
}

function firstIndex(recorded: Exchange): number {
  return entriesOf(recorded)[0]?.logIndex ?? 0;
}
