import { createServer, request } from 'node:http';
import type { Browser, BrowserContextOptions, Page, Route } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { listen } from '../support/loopback.ts';

/** What a browser asked for. */
interface SeenByNetwork {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

/** Somebody who reads the page in a browser. All that the browser says and sends is noted. */
export class Reader {
  readonly asked: SeenByNetwork[] = [];
  /** Errors and warnings of the console, and what was thrown. */
  readonly complaints: string[] = [];

  /** What the browser may say, because the test makes it. */
  readonly expected: RegExp[] = [];

  private constructor(
    readonly page: Page,
    /** The address of the page. */
    readonly url: string,
  ) {}

  /** Opens the page, at a fragment; what is noted is looked at when the test ends. */
  static async open(
    browser: Browser,
    url: string,
    { fragment = '', ...options }: BrowserContextOptions & { readonly fragment?: string } = {},
  ): Promise<Reader> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    const page = await context.newPage();
    const reader = new Reader(page, url);
    page.on('console', (message) => {
      if (['error', 'warning', 'assert'].includes(message.type())) reader.complaints.push(message.text());
    });
    page.on('pageerror', (error) => reader.complaints.push(String(error)));
    page.on('request', (asked) => {
      reader.asked.push({ method: asked.method(), url: asked.url(), body: asked.postData() ?? '' });
    });
    await page.addInitScript(() => {
      addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        console.error(`violation of ${violatedDirective} by ${blockedURI}`);
      });
    });
    onTestFinished(async () => {
      await context.close();
      const { complaints, expected } = reader;
      expect(complaints.filter((each) => !expected.some((pattern) => pattern.test(each)))).toEqual([]);
      const { origin } = new URL(url);
      expect(reader.asked.map((each) => each.url).filter((each) => !each.startsWith(`${origin}/`))).toEqual(
        [],
      );
    });
    await page.goto(`${url}${fragment}`);
    return reader;
  }

  /** The heading of what is shown, once the log has answered. */
  async title(): Promise<string> {
    await this.page.locator('#view:not([aria-busy]) h2').waitFor();
    return await this.page.locator('#view h2').innerText();
  }

  /** Waits for this heading. */
  async shows(title: string): Promise<void> {
    await this.page.locator('#view:not([aria-busy]) h2', { hasText: exactly(title) }).waitFor();
  }

  /** All text of what is shown. */
  async text(): Promise<string> {
    return await this.page.locator('#view').innerText();
  }

  /** Types into the field, and sends it by the Enter key. */
  async search(words: string): Promise<void> {
    await this.page.getByLabel('Digest, e-mail address').fill(words);
    await this.page.keyboard.press('Enter');
  }

  /** Has what is before the log answer requests of a path below `/api/v1/` from now on. */
  async answering(path: string, answer: (route: Route) => Promise<void>): Promise<void> {
    const url = `${this.url}api/v1/${path}`;
    await this.page.unroute(url);
    await this.page.route(url, answer);
  }

  /** How many pixels the page is wider than the window. */
  async overflow(): Promise<number> {
    return await this.page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
  }
}

function exactly(text: string): RegExp {
  return new RegExp(`^${text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
}

/** A proxy before a log, which has it below a prefix; it changes nothing. It ends with the test. */
export async function proxyBelow(prefix: string, log: string): Promise<string> {
  const proxy = createServer((incoming, outgoing) => {
    const { method, url = '', headers } = incoming;
    if (!url.startsWith(`${prefix}/`)) {
      outgoing.writeHead(404).end();
      return;
    }
    const asked = request(log + url.slice(prefix.length), { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(asked);
  });
  return `http://127.0.0.1:${await listen(proxy)}${prefix}/`;
}
