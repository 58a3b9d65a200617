import { readFileSync } from 'node:fs';
import path from 'node:path';

const PAGE = readFileSync(path.join(import.meta.dirname, '../../../docs/recipes.md'), 'utf8');

/**
 * A block of code of docs/recipes.md, as it stands there.
 *
 * @param heading of the section
 * @param language of the block
 * @param index among those of the section in that language
 * @throws when there is none
 */
export function recipe(heading: string, language: string, index = 0): string {
  const [, section] = PAGE.split(new RegExp(`^## ${heading}$`, 'm'));
  const blocks = (section?.split(/^## /m)[0] ?? '').split(/^```/m);
  const found = blocks.filter((block, at) => at % 2 === 1 && block.startsWith(`${language}\n`))[index];
  if (found === undefined)
    throw new Error(`docs/recipes.md has no block ${index} of ${language} under ${heading}`);
  return found.slice(language.length + 1);
}
