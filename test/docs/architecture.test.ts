import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { BUNDLES } from '../../scripts/build.mjs';

const root = join(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
const picture = /```mermaid\n(.*?)```/s.exec(page)?.[1] ?? '';

const rooms = readdirSync(join(root, 'src'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

/** The rooms from which a room imports. */
function importedBy(room: string): Set<string> {
  const directory = join(root, 'src', room);
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const texts = files.map((file) => readFileSync(join(directory, file), 'utf8'));
  const found = texts.flatMap((text) => [
    ...text.matchAll(/^import [^;]*? from '(?:\.\.\/)+([a-z-]+)\//gm),
    ...text.matchAll(/\bimport\('(?:\.\.\/)+([a-z-]+)\//g),
  ]);
  return new Set(found.map(([, imported = '']) => imported));
}

/** In the picture a name is one word. */
const roomOf = (word: string) => rooms.find((room) => room.replace('-', '') === word);

describe('ARCHITECTURE.md', () => {
  const arrows = [...picture.matchAll(/^ {2}(\w+)(?:\[[^\]]*\])? --> (\w+)/gm)].flatMap(([, from, to]) => {
    const [above, below] = [roomOf(from ?? ''), roomOf(to ?? '')];
    return above && below ? [[above, below] as const] : [];
  });

  it.each(arrows)('draws an arrow from %s to %s, which imports it', (above, below) => {
    expect([...importedBy(above)]).toContain(below);
  });

  it('draws each room but files, and has each on its map', () => {
    const drawn = rooms.filter((room) => new RegExp(`\\b${room.replace('-', '')}\\b`).test(picture));
    expect([...drawn, 'files'].sort()).toEqual([...rooms].sort());
    expect(rooms.filter((room) => !page.includes(`\n| \`src/${room}/\` `))).toEqual([]);
    expect(arrows.length).toBeGreaterThan(20);
  });

  it('names files that exist', () => {
    const paths = [...page.matchAll(/`((?:src|scripts|bin|test|docs)\/[\w./-]+)`/g)].map(
      ([, path]) => path ?? '',
    );
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    const files = ['src', 'test'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }),
    );
    const names = new Set(files.map((file) => file.split(/[/\\]/).at(-1)));
    const alone = [...page.matchAll(/`([\w-]+\.ts)`/g)].map(([, name]) => name);
    expect(alone.filter((name) => !names.has(name))).toEqual([]);
    expect(alone.length).toBeGreaterThan(20);
  });

  it.each(BUNDLES)('says what is in the bundle %s', (name) => {
    expect(page.includes(`\`${name}.cjs\``)).toBe(true);
  });

  it.each(Object.keys({ ...packageJson.dependencies, ...packageJson.devDependencies }))(
    'says why %s is needed',
    (name) => {
      const rows = page.slice(page.indexOf('\n## Dependencies\n')).matchAll(/^\| ([^|]+) \|/gm);
      const named = [...rows].flatMap(([, cell = '']) => cell.split(',').map((each) => each.trim()));
      expect(named).toContain(name);
    },
  );
});
