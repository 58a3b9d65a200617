import { describe, expect, it, onTestFinished } from 'vitest';
import { buildLogPage } from '../../scripts/log-page.mjs';
import { pageAnswer } from '../../src/embedded-log/service/page-answer.ts';
import { ask } from '../support/ask.ts';
import { startTestLog } from '../support/log.ts';

const TYPES = {
  '/': 'text/html; charset=utf-8',
  '/page.css': 'text/css; charset=utf-8',
  '/page.js': 'text/javascript; charset=utf-8',
  '/icon.svg': 'image/svg+xml',
};

describe('the page for people', () => {
  it.each(Object.entries(TYPES))('%s is served as %s, and may do next to nothing', async (path, type) => {
    const log = await startTestLog();
    onTestFinished(() => log.close());
    const { status, headers, body } = await ask(log.url + path);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': type,
      'content-length': String(Buffer.byteLength(body)),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-cache',
    });
    const policy = headers['content-security-policy'] ?? '';
    const directives = new Map(
      String(policy)
        .split('; ')
        .map((each) => each.split(' ') as [string, string]),
    );
    expect(Object.fromEntries(directives)).toEqual({
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self'",
      'img-src': "'self'",
      'connect-src': "'self'",
      'base-uri': "'none'",
      'form-action': "'none'",
      'frame-ancestors': "'none'",
      'require-trusted-types-for': "'script'",
      'trusted-types': "'none'",
    });
    const head = await ask(log.url + path, { method: 'HEAD' });
    expect([head.status, head.body, head.headers['content-length']]).toEqual([
      200,
      '',
      headers['content-length'],
    ]);
    expect((await ask(`${log.url}${path}?x=1`)).body).toBe(body);
    expect((await ask(log.url + path, { method: 'POST' })).status).toBe(404);
  });

  it.each([
    '//',
    '/index.html',
    '/page.ts',
    '/page.js/',
    '/../page.js',
    '/__proto__',
    '/constructor',
    '/%70age.js',
    '',
  ])('there is no file at %s', (path) => {
    expect(pageAnswer(path)).toBeUndefined();
  });

  it('is small, names no other site, and has no script or style in its HTML', async () => {
    const files = await buildLogPage();
    expect(Object.keys(files).sort()).toEqual(['icon.svg', 'index.html', 'page.css', 'page.js']);
    for (const [name, text] of Object.entries(files)) {
      expect(text.length, name).toBeLessThan(40_000);
      const addresses = [
        ...text.matchAll(/(?:https?:)?\/\/[\w.-]+\.\w+|url\(|@import|sourceMappingURL/g),
      ].map(([found]) => found);
      expect(
        addresses.filter((each) => name !== 'icon.svg' || !each.endsWith('www.w3.org')),
        name,
      ).toEqual([]);
    }
    const html = files['index.html'] ?? '';
    expect(html.match(/<script[^>]*>[^<]+|<style|\son\w+=|\sstyle=/g)).toBeNull();
    expect(html.match(/(?:src|href)="(?!#|[a-z.]+")/g)).toBeNull();
    expect(files['page.js']).not.toMatch(/\b(?:Buffer|process|require|innerHTML|eval)\b/);
  });

  it('has each element once that its script asks for', async () => {
    const { 'index.html': html = '', 'page.js': script = '' } = await buildLogPage();
    const ids = [...html.matchAll(/ id="([\w-]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of script.matchAll(/\("([\w-]+)",HTML\w*\)/g)) expect(ids).toContain(id);
    const refers = [...html.matchAll(/ (?:for|aria-describedby|aria-labelledby)="([\w -]+)"/g)];
    for (const [, names = ''] of refers) for (const id of names.split(' ')) expect(ids).toContain(id);
    expect(refers.length).toBeGreaterThan(6);
  });
});
