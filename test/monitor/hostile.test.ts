import { describe, expect, test } from 'vitest';
import { readFile } from 'node:fs/promises';
import { helmBody } from '../support/independent/helm-body.mjs';
import { createSigner } from '../support/signer.ts';
import { ChartEntry } from '../support/world/chart-entry.ts';
import { MonitoredWorld } from '../support/world/monitored-world.ts';

/** Bodies of all kinds that nobody can read as an entry of a chart. */
const GARBAGE: Readonly<Record<string, Uint8Array | string>> = {
  nothing: '',
  zeros: Buffer.alloc(1000),
  'no text': Buffer.from([0xff, 0xfe, 0x80]),
  'a name of 64 KiB': `{"kind":"${'x'.repeat(65_000)}","apiVersion":"0.0.1","spec":{}}`,
  'deep JSON': '['.repeat(65_000),
  'many members': `{${Array.from({ length: 6000 }, (_, index) => `"${index}":1`).join()}}`,
  'a helm entry of nothing': '{"kind":"helm","apiVersion":"0.0.1","spec":{}}',
  'a helm entry with keys that are none':
    '{"apiVersion":"0.0.1","kind":"helm","spec":{"chart":{"hash":{"algorithm":"sha256","value":"00"},"provenance":{"signature":{"content":"AA=="}}},"publicKey":{"content":"AA=="}}}',
  'a signature by a certificate that is none':
    '{"apiVersion":"0.0.2","kind":"hashedrekord","spec":{"hashedRekordV002":{"data":{"algorithm":"SHA2_256","digest":"AA=="},"signature":{"content":"AA==","verifier":{"x509Certificate":{"rawBytes":"AAAA"}}}}}}',
};

test('entries that make no sense hide none, and stop nothing', async () => {
  const world = await MonitoredWorld.open();
  for (const body of Object.values(GARBAGE)) world.log.append(Buffer.from(body), { integratedTime: 1 });
  world.append(await world.sign('behind-them'));
  for (const body of Object.values(GARBAGE)) world.log.append(Buffer.from(body), { integratedTime: 1 });
  const index = Object.keys(GARBAGE).length;
  expect(await world.pass()).toMatchObject({ status: 10, events: [{ event: 'unknown', entry: { index } }] });
});

describe('tiles that are not those that the log signed', () => {
  test.each<[string, string, (file: Buffer) => Buffer, RegExp]>([
    [
      'an entry that was exchanged for another one',
      'tile/entries/000',
      (file) => Buffer.concat([file.subarray(0, 10), Buffer.of((file[10] ?? 0) ^ 1), file.subarray(11)]),
      /the entries from 0 on are not those of the tree that the log signed$/,
    ],
    [
      'the last entry of the last tile, exchanged',
      'tile/entries/001.p/48',
      (file) => Buffer.concat([file.subarray(0, -1), Buffer.of((file.at(-1) ?? 0) ^ 1)]),
      /the entries from 256 on are not those of the tree that the log signed$/,
    ],
    [
      'a tile that is cut in an entry',
      'tile/entries/000',
      (file) => file.subarray(0, -1),
      /a tile that ends in an entry$/,
    ],
    [
      'a tile that is cut in a length',
      'tile/entries/000',
      (file) => Buffer.concat([file, Buffer.of(0)]),
      /ends in a length$/,
    ],
    [
      'a tile with too few entries',
      'tile/entries/000',
      (file) => file.subarray(0, 2 + file.readUInt16BE(0)),
      /expected a tile of 256 entries, found 1$/,
    ],
    [
      'a tile with too many entries',
      'tile/entries/000',
      (file) => Buffer.concat([file, Buffer.of(0, 0)]),
      /expected a tile of 256 entries, found 257$/,
    ],
    ['an empty tile', 'tile/entries/000', () => Buffer.alloc(0), /expected a tile of 256 entries, found 0$/],
    [
      'a tile of hashes that was changed',
      'tile/1/000.p/1',
      () => Buffer.alloc(32),
      /not those of the tree that the log signed$/,
    ],
    [
      'a tile of hashes that is cut',
      'tile/1/000.p/1',
      (file) => file.subarray(1),
      /expected a tile of 1 hashes, found 31 bytes$/,
    ],
  ])('%s: nothing of them is told, and all of it is told later', async (_, path, change, reason) => {
    const world = await MonitoredWorld.open();
    world.log.fill(5);
    world.append(await world.sign('in-the-first-tile'));
    world.log.fill(297);
    world.append(await world.sign('the-last'));
    world.lie = (name, file) => (name === path && file ? change(file) : file);
    const { status, events, last } = await world.pass();
    expect(events.at(-1)).toMatchObject({ event: 'behind' });
    expect(events.at(-1)?.['reason']).toMatch(reason);
    expect(last).toMatchObject({ complete: false, counts: { conflict: 0 } });
    expect(status).toBe(events.length > 1 ? 10 : 5);
    world.lie = (_name, file) => file;
    const after = await world.pass();
    const all = [...events, ...after.events].filter(({ event }) => event === 'unknown');
    expect(all.map(({ entry }) => (entry as { index: number }).index)).toEqual([5, 303]);
    expect(after.last).toMatchObject({ complete: true });
  });

  test.each([
    ['entries', 'tile/entries/000'],
    ['hashes', 'tile/1/000.p/1'],
  ])('of %s that are not there: the log is asked again, and what it lacks is said', async (_, path) => {
    const world = await MonitoredWorld.open();
    world.log.fill(300);
    world.lie = (name, file) => (name.startsWith(path.replace(/\.p.*/, '')) ? undefined : file);
    const { status, events } = await world.pass();
    expect(status).toBe(5);
    expect(events[0]?.['reason']).toMatch(
      / lacks tiles of the tree of 300 entries that its checkpoint is about$/,
    );
    expect(world.server.seen.filter((each) => each === 'GET /checkpoint').length).toBeGreaterThan(2);
  });
});

describe('checkpoints that are none', () => {
  test('one that another key signed proves nothing: status 5', async () => {
    const [world, other] = [await MonitoredWorld.open(), await MonitoredWorld.open()];
    for (const { log } of [world, other]) log.fill(3);
    world.lie = (path, file) => (path === 'checkpoint' ? Buffer.from(other.checkpoint(3)) : file);
    const { status, events, stderr } = await world.pass();
    expect({ status, events }).toEqual({ status: 5, events: [] });
    expect(stderr).toMatch(
      /^(There is no state .*\n)?Error: no trusted key signed the checkpoint of "log\.test - /m,
    );
  });

  test.each([
    ['a page', '<html>sign in</html>'],
    ['no text', Buffer.from([0xff])],
    ['nothing', ''],
  ])('%s: could not be checked', async (_, said) => {
    const world = await MonitoredWorld.open();
    world.lie = (path, file) => (path === 'checkpoint' ? Buffer.from(said) : file);
    const { status, events } = await world.pass();
    expect({ status, events }).toMatchObject({ status: 5, events: [{ event: 'behind' }] });
  });
});

describe('who signed', () => {
  const entryOf = async (world: MonitoredWorld, signer = world.publisher) => {
    const archive = Buffer.from('an archive');
    return new ChartEntry(signer, { archive, provenance: await signer.sign('a', '0.1.0', archive) });
  };

  test('a stranger who puts my certificate beside his own raises no alarm', async () => {
    const world = await MonitoredWorld.open();
    const stranger = await createSigner();
    const entry = await entryOf(world, stranger);
    const certificateBytes = Buffer.concat([world.publisher.certificate, stranger.certificate]);
    world.log.append(entry.body({ certificateBytes }), { integratedTime: 1 });
    expect(await world.pass()).toMatchObject({ status: 0, events: [] });
  });

  test('my signature is found beside certificates of others, wherever mine stands', async () => {
    const world = await MonitoredWorld.open();
    const stranger = await createSigner();
    const entry = await entryOf(world);
    const certificateBytes = Buffer.concat([stranger.certificate, world.publisher.certificate]);
    world.log.append(entry.body({ certificateBytes }), { integratedTime: 1 });
    expect(await world.pass()).toMatchObject({
      status: 10,
      events: [{ event: 'unknown', othersInEntry: 1 }],
    });
  });

  test('two signatures in one entry hide none: with my certificate beside them it is told', async () => {
    const world = await MonitoredWorld.open();
    const stranger = await createSigner();
    const [mine, theirs] = [await entryOf(world), await entryOf(world, stranger)];
    const body = helmBody({
      sha256: mine.digest,
      signatureBytes: Buffer.concat([theirs.provenance.signatureBytes, mine.provenance.signatureBytes]),
      certificateBytes: Buffer.concat([stranger.certificate, world.publisher.certificate]),
    });
    world.log.append(body, { integratedTime: 1 });
    expect(await world.pass()).toMatchObject({ status: 10, events: [{ event: 'unknown' }] });
  });

  test('a signature by a subkey of mine is mine', async () => {
    const world = await MonitoredWorld.open();
    const signer = await createSigner({ subkey: {} });
    const keyring = await world.write('subkey.gpg', signer.certificate);
    world.log.append((await entryOf(world, signer)).body(), { integratedTime: 1 });
    const who = ['--fingerprint', signer.fingerprint, '--keyring', keyring];
    const words = ['monitor', ...who, '--state', world.state, ...world.user.trusting(world.server)];
    expect(await world.run([...words, '--output', 'jsonl'])).toMatchObject({
      status: 10,
      events: [{ event: 'unknown', watched: `openpgp ${signer.fingerprint}` }],
    });
  });

  test('an address that somebody else uses is watched for by --email', async () => {
    const world = await MonitoredWorld.open();
    const impostor = await createSigner({ userIds: ['Test Publisher <Publisher@charts.example>'] });
    world.log.append((await entryOf(world, impostor)).body(), { integratedTime: 1 });
    expect(await world.pass('--email', 'publisher@charts.example')).toMatchObject({
      status: 10,
      events: [{ event: 'unknown', watched: 'email publisher@charts.example' }],
    });
  });

  test('what a hostile name says is printed on one line, and kept out of the state', async () => {
    const world = await MonitoredWorld.open();
    const name = `Evil\n\u001b[2JPublished: ${'x'.repeat(5000)} <evil@charts.example>`;
    const evil = await createSigner({ userIds: [name] });
    world.log.append((await entryOf(world, evil)).body(), { integratedTime: 1 });
    const { stdout, status } = await world.user.run(world.words('--email', 'evil@charts.example'));
    expect(status).toBe(10);
    expect(stdout).not.toContain('\u001b');
    expect(stdout.split('\n').filter((line) => line.startsWith('Published'))).toEqual([]);
    expect(stdout.length).toBeLessThan(2000);
    expect(await readFile(world.state, 'utf8')).not.toContain('Evil');
  });
});
