import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documents } from '../../scripts/plugin-archive.mjs';
import { DOCUMENTS, readDocument } from '../support/documents.ts';

const root = join(import.meta.dirname, '../..');

interface Link {
  readonly target: string;
  readonly anchor: string | undefined;
}

/** The links of a document to others, and to places in itself. */
function linksIn(document: string): Link[] {
  const prose = readDocument(document)
    .replace(/^ *```[^]*?^ *```$/gm, '')
    .replace(/`[^`]*`/g, (code) => (code.includes('](') ? '' : code));
  return [...prose.matchAll(/\]\(([^()\s]+)\)/g)]
    .map(([, link = '']) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [file = '', anchor] = link.split('#');
      const target = file === '' ? document : posix.join(posix.dirname(document), file);
      return { target, anchor };
    });
}

/** The anchors of a document, as hosts of Markdown make them of its headings. */
function anchorsOf(document: string): string[] {
  const prose = readDocument(document).replace(/^ *```[^]*?^ *```$/gm, '');
  const seen = new Map<string, number>();
  return [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => {
    const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = text.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}

describe.each(DOCUMENTS)('%s', (document) => {
  const links = linksIn(document);

  it('links to files that are there', () => {
    expect(links.filter(({ target }) => !existsSync(join(root, target)))).toEqual([]);
  });

  it('links to headings that are there', () => {
    const missing = links.filter(
      ({ target, anchor }) =>
        anchor !== undefined && existsSync(join(root, target)) && !anchorsOf(target).includes(anchor),
    );
    expect(missing).toEqual([]);
  });

  it('names documents that are there, in code too', () => {
    const named = [...readDocument(document).matchAll(/\bdocs\/[\w/.-]+\.(?:md|json|svg)\b/g)];
    expect(named.map(([name]) => name).filter((name) => !existsSync(join(root, name)))).toEqual([]);
  });
});

it('has links to look at, with anchors and without', () => {
  const all = DOCUMENTS.flatMap(linksIn);
  expect(all.length).toBeGreaterThan(80);
  expect(all.filter(({ anchor }) => anchor !== undefined).length).toBeGreaterThan(20);
});

it('the documents of a package link to nothing that it does not have', async () => {
  const packed = await documents();
  expect(packed.length).toBeGreaterThan(20);
  const dead = packed
    .filter((name) => name.endsWith('.md'))
    .flatMap((name) => linksIn(name).map(({ target }) => ({ name, target })))
    .filter(({ target }) => !packed.includes(target));
  expect(dead).toEqual([]);
});

it('the source names documents that a package has', async () => {
  const packed = await documents();
  const source = join(root, 'src');
  const named = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => [...readFileSync(join(source, name), 'utf8').matchAll(/\bdocs\/[\w/-]+\.md\b/g)])
    .map(([name]) => name);
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((name) => !packed.includes(name))).toEqual([]);
});
