import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath, PLAIN_HOST } from '../support/chromium.ts';
import { fileOf, PageWorld } from './page-world.ts';
import { Reader } from './reader.ts';

const RETRIEVE = 'log/entries/retrieve';

function json(value: unknown): { readonly contentType: string; readonly body: string } {
  return { contentType: 'application/json', body: JSON.stringify(value) };
}

function bodyOf(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64');
}

describe.skipIf(chromiumPath === undefined)('the page of a log that answers oddly (needs Chromium)', () => {
  let world: PageWorld;

  beforeAll(async () => {
    world = await PageWorld.open();
  });

  afterAll(async () => {
    await world.close();
  });

  it('says in plain words that it is busy, closed, out of order or gone', async () => {
    const reader = await world.read();
    // What the browser itself notes of every such answer.
    reader.expected.push(/^Failed to load resource/);
    for (const [answer, why] of [
      [{ status: 503 }, 'The log is busy.'],
      [{ status: 403 }, 'does not let you read it'],
      [{ status: 400, ...json({ message: '<b>\u202eno' }) }, 'with status 400: <b>\\u202eno'],
      [{ status: 502, body: '<html>' }, 'with status 502'],
      [{ body: '<html>' }, 'makes no sense'],
      [json({ a: 1 }), 'makes no sense'],
      [json([{ ['a'.repeat(80)]: { body: 'x', integratedTime: 'now', logIndex: 1 } }]), 'makes no sense'],
      [json([{ '<b>': { body: 'x', integratedTime: 1, logIndex: 1 } }]), 'makes no sense'],
      [json(Array(101).fill({})), 'makes no sense'],
      [undefined, 'The log did not answer.'],
    ] as const) {
      await reader.answering(RETRIEVE, async (route) => {
        await (answer === undefined ? route.abort() : route.fulfill(answer));
      });
      await reader.search('1');
      await reader.shows('No answer');
      expect(await reader.text()).toContain(why);
      await reader.page.unroute(`${reader.url}api/v1/${RETRIEVE}`);
      await reader.search('2');
      await reader.shows('Entry 2');
    }
  });

  it('shows of an entry that it cannot read where it is, and why the rest is missing', async () => {
    const reader = await world.read();
    const hash = { algorithm: 'sha256', value: 'a'.repeat(64) };
    for (const [body, why] of [
      [bodyOf({ kind: '<b>rekord' }), 'it is of kind <b>rekord'],
      ['eA==', 'expected JSON'],
      ['?', 'expected base64'],
      [Buffer.from('['.repeat(100_000)).toString('base64'), 'expected JSON'],
      [bodyOf({ kind: 'helm' }), 'expected a JSON object'],
      ['A'.repeat(5 << 20), 'it has 5,242,880 characters'],
      [
        bodyOf({ kind: 'helm', spec: { chart: { hash }, publicKey: { content: 'eA==' } } }),
        'expected an armored block',
      ],
      [bodyOf({ kind: 'helm', spec: { chart: { hash: {} }, publicKey: {} } }), 'it has no SHA-256 digest'],
    ] as const) {
      const entry = { body, integratedTime: 1e15, logIndex: 1, verification: {} };
      await reader.answering(RETRIEVE, async (route) => {
        await route.fulfill(json([{ ['b'.repeat(80)]: entry }]));
      });
      await reader.search('1');
      await reader.shows('Entry 1');
      expect(await reader.text()).toContain(`This page does not show it: ${why}`);
      expect(await reader.text()).toContain('1000000000000000 seconds after 1970');
      await reader.page.getByRole('link', { name: 'Newest entries' }).click();
      await reader.page.getByText(`Not shown here: ${why}`).waitFor();
    }
  });

  it('ten thousand entries have pages, and more are said to be more', async () => {
    const reader = await world.read();
    const ids = Array.from({ length: 20_000 }, (_, at) => at.toString(16).padStart(80, '1'));
    await reader.answering('index/retrieve', async (route) => {
      await route.fulfill(json(ids));
    });
    await reader.search('many@charts.example');
    await reader.shows('More than 10,000 entries found');
    expect(await reader.text()).toContain('Page 1 of 1,000');
    expect(await reader.text()).toContain('The log lists the first of them only.');
  });

  it('an empty log says how entries come', async () => {
    const reader = await world.read('#index=1');
    await reader.answering('log', async (route) => {
      await route.fulfill(json({ treeSize: 0, treeID: '1' }));
    });
    await reader.page.getByRole('link', { name: 'Newest entries' }).click();
    await reader.shows('Newest entries');
    expect(await reader.text()).toContain('This log has no entries yet.');
  });

  it('over http from another machine it says what the browser does not do there, and searches all the same', async () => {
    const url = world.url.replace('127.0.0.1', PLAIN_HOST);
    const reader = await Reader.open(world.browser, url, { fragment: '#index=1' });
    // The browser says so of a header.
    reader.expected.push(/^The Cross-Origin-Opener-Policy header has been ignored/);
    await reader.shows('Entry 1');
    expect(await reader.text()).toContain('Not computed: that takes a key of version 4 or 6, and https');
    await reader.page.getByRole('button', { name: 'Copy the command' }).last().click();
    await reader.page.getByText('Select the command instead.').waitFor();
    await reader.page.getByLabel('Or a chart').setInputFiles(fileOf('x.tgz', world.entry(2).archive));
    await reader.page
      .getByRole('alert')
      .filter({ hasText: 'neither on https nor on this machine' })
      .waitFor();
    await reader.page.getByLabel('Or a chart').setInputFiles(fileOf('x.prov', world.entry(2).provenance));
    await reader.shows('1 entry found');
    await reader.page.getByText('Search by public key').click();
    await reader.page.getByLabel('A file of the key').setInputFiles(fileOf('k.asc', world.ann.certificate));
    await reader.shows('13 entries found');
  });

  it('an answer that comes late does not take the place of a later one', async () => {
    const reader = await world.read();
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    await reader.answering('index/retrieve', async (route) => {
      await held;
      await route.continue();
    });
    await reader.search('ann@charts.example');
    await reader.search('2');
    await reader.shows('Entry 2');
    const late = reader.page.waitForResponse(/entries\/retrieve/);
    release();
    await (await late).finished();
    // What the page does with it is done when it answers to something new.
    await reader.search('<');
    await reader.page.getByRole('alert').filter({ hasText: 'neither' }).waitFor();
    expect(await reader.title()).toBe('Entry 2');
  });
});
