import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumPath } from '../support/chromium.ts';
import { ANN, fileOf, PageWorld } from './page-world.ts';
import { proxyBelow, Reader } from './reader.ts';

describe.skipIf(chromiumPath === undefined)('the page of a log (needs Chromium)', () => {
  let world: PageWorld;

  beforeAll(async () => {
    world = await PageWorld.open();
  });

  afterAll(async () => {
    await world.close();
  });

  it('begins with the newest entries, and each leads to all that is known of it', async () => {
    const reader = await world.read();
    const { page } = reader;
    expect(await reader.title()).toBe('Newest entries');
    const items = page.locator('.entries li');
    expect(await items.count()).toBe(10);
    expect(await items.first().innerText()).toContain('Entry 13');
    await page.getByRole('link', { name: 'Entry 11', exact: true }).click();
    await reader.shows('Entry 11');
    const text = await reader.text();
    for (const shown of [
      world.entry(11).sha256,
      world.entry(11).id,
      world.ann.fingerprint.toUpperCase(),
      ANN,
      'Leaf 11 of a tree of 14',
      '2025-06-15 15:06:51 UTC',
      `helm sigstore log pin ${world.log.url}\n`,
      `helm sigstore verify CHART.tgz --rekor-server ${world.log.url}\n`,
      'A page of the log proves nothing about the log.',
      'Not in the log, which keeps digests and no names',
    ])
      expect(text).toContain(shown);
    expect(new URL(page.url()).hash).toBe(`#entry=${world.entry(11).id}`);
    await page.goBack();
    await reader.shows('Newest entries');
  });

  it('hashes a chart and sends its digest alone', async () => {
    const reader = await world.read();
    const { archive, sha256 } = world.entry(3);
    await reader.page.getByLabel('Or a chart').setInputFiles(fileOf('hello-0.1.3.tgz', archive));
    await reader.shows('1 entry found');
    expect(await reader.text()).toContain(`hello-0.1.3.tgz sha256:${sha256}`);
    await reader.page.getByRole('link', { name: 'Entry 3', exact: true }).click();
    await reader.shows('Entry 3');
    const command = `helm sigstore verify hello-0.1.3.tgz --rekor-server ${world.log.url}\n`;
    expect(await reader.text()).toContain(command);
    const sent = reader.asked.map(({ url, body }) => decodeURIComponent(url) + body).join('\n');
    expect(sent).toContain(sha256);
    for (const kept of [archive.toString(), archive.toString('base64'), 'hello-0.1.3'])
      expect(sent).not.toContain(kept);
  });

  it('takes the digest of a provenance from its text, and the name of the chart', async () => {
    const reader = await world.read();
    const { provenance, sha256 } = world.entry(4);
    await reader.page.getByLabel('Or a chart').setInputFiles(fileOf('downloaded.prov', provenance));
    await reader.shows('1 entry found');
    expect(await reader.text()).toContain(`hello-0.1.4.tgz sha256:${sha256}`);
    expect(reader.asked.map(({ body }) => body).join()).not.toContain('SIGNED');
  });

  it('takes a chart that is dropped on it', async () => {
    const reader = await world.read();
    const transfer = await reader.page.evaluateHandle(
      (octets) => {
        const made = new DataTransfer();
        made.items.add(new File([new Uint8Array(octets)], 'hello-0.1.5.tgz'));
        return made;
      },
      [...world.entry(5).archive],
    );
    await reader.page.dispatchEvent('body', 'drop', { dataTransfer: transfer });
    await reader.shows('1 entry found');
  });

  it('a name of a file that a shell reads otherwise is shown, and is in no command', async () => {
    const reader = await world.read();
    const name = "$(reboot)';\u202etgz.tgz";
    await reader.page.getByLabel('Or a chart').setInputFiles(fileOf(name, world.entry(6).archive));
    await reader.shows('1 entry found');
    expect(await reader.text()).toContain("$(reboot)';\\u202etgz.tgz");
    await reader.page.getByRole('link', { name: 'Entry 6', exact: true }).click();
    await reader.shows('Entry 6');
    expect(await reader.text()).toContain('helm sigstore verify CHART.tgz ');
  });

  it('says what is wrong with a file that can be no chart, and asks nobody', async () => {
    const reader = await world.read();
    const asked = reader.asked.length;
    for (const [bytes, why] of [
      ['', 'This file is empty.'],
      ['-----BEGIN PGP PUBLIC KEY BLOCK-----\n', 'a key and not a chart'],
      ['-----BEGIN PGP SIGNED MESSAGE-----\n\nHi\n', 'names no chart'],
    ] as const) {
      await reader.page.getByLabel('Or a chart').setInputFiles(fileOf('x.tgz', Buffer.from(bytes)));
      await reader.page.getByRole('alert').filter({ hasText: why }).waitFor();
    }
    expect(reader.asked.length).toBe(asked);
  });

  it('finds by a digest, an e-mail address, an entry ID or address, a leaf, an index', async () => {
    const reader = await world.read();
    const { sha256, id, leafHash } = world.entry(7);
    for (const [words, title] of [
      [sha256, '1 entry found'],
      [id, 'Entry 7'],
      [` SHA256:${sha256.toUpperCase()} `, '1 entry found'],
      [leafHash, 'Entry 7'],
      ['ANN@charts.example', '13 entries found'],
      [`${world.log.url}/api/v1/log/entries/${id}`, 'Entry 7'],
      ['14', 'No such entry'],
      ['7', 'Entry 7'],
      ['a'.repeat(64), 'Nothing found'],
      ['#8', 'Entry 8'],
      ['nobody@charts.example', 'Nothing found'],
      ['9', 'Entry 9'],
      ["a+b%&=#'@x", 'Nothing found'],
    ] as const) {
      await reader.search(words);
      await reader.shows(title);
    }
    const emails = reader.asked.filter(({ body }) => body.includes('"email"')).map(({ body }) => body);
    expect(emails.at(-1)).toBe(`{"email":"a+b%&=#'@x"}`);
  });

  it('says at the field what it expects, and asks nobody', async () => {
    const reader = await world.read();
    const asked = reader.asked.length;
    await reader.search('<script>alert(1)</script>');
    await reader.page.getByRole('alert').filter({ hasText: 'neither a SHA-256 digest' }).waitFor();
    const field = reader.page.getByLabel('Digest, e-mail address');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await field.evaluate((each) => each === document.activeElement)).toBe(true);
    expect(reader.asked.length).toBe(asked);
    await reader.search('7');
    await reader.shows('Entry 7');
    expect(await field.getAttribute('aria-invalid')).toBe('false');
  });

  describe('by a public key', () => {
    it('finds its entries, and marks those of others with its address', async () => {
      const reader = await world.read();
      const { page } = reader;
      await page.getByText('Search by public key').click();
      for (const content of [Buffer.from(world.ann.armored), world.ann.certificate]) {
        await page.getByLabel('A file of the key').setInputFiles(fileOf('ann.asc', content));
        await reader.shows('13 entries found');
        // By the key itself first, newest first; then by its address.
        const items = page.locator('.entries li');
        expect(await items.first().innerText()).toContain('Entry 11');
        await page.getByRole('link', { name: 'Older' }).click();
        await page.getByText('Page 2 of 2').waitFor();
        expect(await items.locator('.remark').allInnerTexts()).toEqual([
          'Another key, which names the same e-mail address.',
        ]);
      }
    });

    it('takes text that was pasted', async () => {
      const reader = await world.read();
      await reader.page.getByText('Search by public key').click();
      await reader.page.getByLabel('Or its text').fill(`  Some words\n${world.ann.armored}`);
      await reader.page.getByRole('button', { name: 'Search by this key' }).click();
      await reader.shows('13 entries found');
    });

    it('refuses a secret key, and sends nothing of it', async () => {
      const reader = await world.read();
      const asked = reader.asked.length;
      await reader.page.getByText('Search by public key').click();
      const field = reader.page.getByLabel('A file of the key');
      const armored = (type: string) =>
        Buffer.from(
          `-----BEGIN PGP ${type} KEY BLOCK-----\n\nxQMEAAA=\n-----END PGP ${type} KEY BLOCK-----\n`,
        );
      // A packet of a secret key, and one of a secret subkey: nothing but the tag is read.
      for (const bytes of [
        Buffer.of(0xc5, 3, 4, 0, 0),
        Buffer.concat([world.ann.certificate, Buffer.of(0xc7, 3, 4, 0, 0)]),
        armored('PRIVATE'),
        armored('PUBLIC'),
      ]) {
        await field.setInputFiles(fileOf('k.gpg', bytes));
        await reader.page.getByRole('alert').filter({ hasText: 'This is a secret key.' }).waitFor();
        await field.setInputFiles(fileOf('k.gpg', Buffer.of(1)));
        await reader.page.getByRole('alert').filter({ hasText: 'no public key of OpenPGP' }).waitFor();
      }
      expect(reader.asked.length).toBe(asked);
    });

    it('is not in a link, which says so', async () => {
      expect(await (await world.read('#key')).title()).toBe('Which key?');
    });
  });

  it('shows hostile names as text, cut, and with what is not seen written out', async () => {
    const reader = await world.read('#index=12');
    const text = await reader.text();
    expect(text).toContain('<img src=x onerror=alert(1)> \\u202egnp.exe\\u0007\\u000a\\u200b<b>&');
    expect(text).toContain('xxxx… (32,790 bytes)');
    expect(text.length).toBeLessThan(3000);
    expect(text).not.toMatch(/[\u202e\u0007\u200b]/);
    expect(await reader.page.locator('#view :is(img, b, script)').count()).toBe(0);
    expect(await reader.overflow()).toBe(0);
  });

  it('a link to something else leads nowhere, and asks nobody', async () => {
    const reader = await world.read('#page=2');
    expect(await reader.title()).toBe('Nothing here');
    for (const fragment of ['#hash=%3Cimg%20src=x%3E', '#entry=../../ping', '#%', '#email=%ff']) {
      await reader.page.goto('about:blank');
      await reader.page.goto(reader.url + fragment);
      expect(await reader.title(), fragment).toBe('Nothing here');
    }
    expect(reader.asked.filter(({ url }) => url.includes('/api/'))).toEqual([]);
  });

  it('a link to a search works, with its page', async () => {
    const reader = await world.read('#email=ann%40charts.example&page=2');
    expect(await reader.title()).toBe('13 entries found');
    const links = await reader.page.locator('.entries li a').allInnerTexts();
    expect(links).toEqual(['Entry 2', 'Entry 1', 'Entry 0']);
    const beyond = await world.read('#email=ann%40charts.example&page=99');
    expect(await beyond.text()).toContain('Page 2 of 2');
  });

  it('works below the prefix of a proxy, and names the address of that', async () => {
    const url = await proxyBelow('/charts/log', world.log.url);
    const reader = await Reader.open(world.browser, url);
    expect(await reader.title()).toBe('Newest entries');
    await reader.search('3');
    await reader.shows('Entry 3');
    expect(await reader.text()).toContain(`--rekor-server ${url.slice(0, -1)}\n`);
    const raw = reader.page.getByRole('link', { name: 'The entry as the log gives it' });
    expect(await raw.getAttribute('href')).toBe(`${url}api/v1/log/entries/${world.entry(3).id}`);
    expect(reader.asked.filter((each) => !each.url.startsWith(url))).toEqual([]);
  });

  it('without JavaScript it says what to do', async () => {
    const { page } = await Reader.open(world.browser, world.url, { javaScriptEnabled: false });
    expect(await page.getByRole('heading', { name: 'This page needs JavaScript' }).isVisible()).toBe(true);
    expect(await page.locator('#with-script').isVisible()).toBe(false);
    expect(await page.locator('body').innerText()).toContain('helm sigstore search CHART.tgz');
  });

  it('is used by keyboard alone, and says where it is', async () => {
    const reader = await world.read();
    const { page } = reader;
    const focused = async () =>
      await page.evaluate(() => document.activeElement?.id || document.activeElement?.textContent);
    const visited: unknown[] = [];
    for (let presses = 0; presses < 6; presses++) {
      await page.keyboard.press('Tab');
      visited.push(await focused());
    }
    expect(visited.slice(1)).toEqual(['words', 'Search', 'chart-file', 'Search by public key', 'Entry 13']);
    await page.keyboard.press('Enter');
    await reader.shows('Entry 13');
    expect(await focused()).toBe('Entry 13');
    expect(await page.getByRole('status').innerText()).toBe('Entry 13.');
    expect(await page.title()).toBe('Entry 13 · Chart log');
  });

  it('every field and every link has a name', async () => {
    const reader = await world.read('#index=1');
    const fields = reader.page.locator('a, button, input, textarea, summary');
    const nameless = await fields.evaluateAll((all) =>
      all
        .filter((each) => {
          const labels = 'labels' in each ? [...((each as HTMLInputElement).labels ?? [])] : [];
          const names = [
            each.textContent,
            each.getAttribute('aria-label'),
            ...labels.map((label) => label.textContent),
          ];
          return !names.some((name) => name?.trim());
        })
        .map((each) => each.outerHTML),
    );
    expect(nameless).toEqual([]);
    expect(await fields.count()).toBeGreaterThan(8);
  });

  it('copies a command', async () => {
    const reader = await world.read('#index=1', { permissions: ['clipboard-read', 'clipboard-write'] });
    await reader.page.getByRole('button', { name: 'Copy the command' }).last().click();
    await reader.page.getByText('Copied.').waitFor();
    const copied = await reader.page.evaluate(async () => await navigator.clipboard.readText());
    expect(copied).toBe(`helm sigstore verify CHART.tgz --rekor-server ${world.log.url}`);
  });

  it('runs nothing and loads nothing that it did not bring', async () => {
    const reader = await world.read();
    reader.expected.push(/Trusted(?:Script|HTML)|^violation of |Content Security Policy/);
    const { ran, refused } = await reader.page.evaluate(async () => {
      const refused: string[] = [];
      const tries = [
        () => (document.createElement('script').text = 'globalThis.ran = true'),
        () => {
          document.body.setAttribute('onclick', 'globalThis.ran = true');
        },
        () => (document.body.innerHTML = '<b>'),
      ];
      for (const attempt of tries)
        try {
          attempt();
        } catch {
          refused.push('attempt');
        }
      const image = Object.assign(document.createElement('img'), { src: 'http://127.0.0.2:9/' });
      await new Promise((resolve) => {
        image.addEventListener('error', resolve);
        document.body.append(image);
      });
      await fetch('http://127.0.0.2:9/').catch(() => refused.push('fetch'));
      return { ran: 'ran' in globalThis, refused };
    });
    expect(ran).toBe(false);
    expect(refused).toEqual(['attempt', 'attempt', 'attempt', 'fetch']);
    for (const directive of ['img-src', 'connect-src', 'require-trusted-types-for'])
      await expect.poll(() => reader.complaints.join()).toContain(`violation of ${directive} by `);
    // What the browser refused is noted as asked, but the page had no part in it.
    reader.asked.splice(0, Infinity, ...reader.asked.filter(({ url }) => !url.includes('127.0.0.2')));
  });

  it.each([
    [360, 'light'],
    [360, 'dark'],
    [1280, 'light'],
    [1280, 'dark'],
  ] as const)(
    'nothing is cut off %i pixels wide, and %s; pictures are in build/log-page',
    async (width, colorScheme) => {
      const directory = join(import.meta.dirname, '../../build/log-page');
      await mkdir(directory, { recursive: true });
      const reader = await world.read('', { viewport: { width, height: 800 }, colorScheme });
      const background = () => getComputedStyle(document.body).backgroundColor;
      expect(await reader.page.evaluate(background)).toBe(
        colorScheme === 'light' ? 'rgb(244, 246, 250)' : 'rgb(14, 19, 28)',
      );
      for (const [name, fragment] of Object.entries({
        newest: '',
        entry: `#entry=${world.entry(9).id}`,
        hostile: '#index=12',
        found: '#email=ann%40charts.example',
        nothing: `#hash=${'a'.repeat(64)}`,
      })) {
        await reader.page.goto('about:blank');
        await reader.page.goto(reader.url + fragment);
        await reader.title();
        expect(await reader.overflow(), name).toBe(0);
        const path = join(directory, `${name}-${width}-${colorScheme}.png`);
        await reader.page.screenshot({ path, fullPage: true });
      }
    },
  );
});
