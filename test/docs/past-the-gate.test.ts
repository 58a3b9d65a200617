import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { PAST_THE_GATE } from '../../src/gate/gate-plugins.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/gate.md'), 'utf8');

/** The first sentences of the items under a heading, as they stand without their marks. */
function itemsUnder(heading: string): readonly string[] {
  const [, section = ''] = page.split(`## ${heading}\n`);
  const [text = ''] = section.split('\n## ');
  return [...text.matchAll(/^- (.*(?:\n {2}.*)*)/gm)].map(([, item = '']) => {
    const plain = item.replace(/\s+/g, ' ').replaceAll('`', '');
    return plain.split(/\.(?: |$)/)[0] ?? '';
  });
}

it('docs/gate.md lists the ways past the gate that gate status lists, in its order', () => {
  const first = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
  expect(PAST_THE_GATE.length).toBeGreaterThan(5);
  expect(itemsUnder('What comes past the gate').map(first)).toEqual(PAST_THE_GATE.map(first));
});
