// The version of a release stands in package.json, package-lock.json, plugin.yaml and CHANGELOG.md, and in the names of
// archives (sigstore-X.Y.Z) in the documents for users.
//   npm run lint:version        they agree, or this says where not
//   npm run release             dates the unreleased version in CHANGELOG.md; commit, tag and push are left to you
//   npm run release -- X.Y.Z    begins the work on another version
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { endWithOneLine } from './one-line-errors.mjs';

endWithOneLine();

const root = path.join(import.meta.dirname, '..');

/** What stands before and after the version in each file, at its first place. */
const places = {
  'package.json': /(^ {2}"version": ")([\w.+-]+)(")/m,
  'package-lock.json': /(^ {2}"version": ")([\w.+-]+)(")/m,
  'plugin.yaml': /(^version: )(\S+)($)/m,
  'CHANGELOG.md': /(^## )(\S+)( \((?:unreleased|[0-9]{4}-[0-9]{2}-[0-9]{2})\)$)/m,
};

/** Documents that name archives of a release. */
const documents = ['README.md', 'docs/install.md', 'docs/ci.md'];
const archive = /(\bsigstore-)([0-9]+\.[0-9]+\.[0-9]+(?:-(?:alpha|beta|rc)(?:\.[0-9]+)*)?)/g;
/** What they say of a version as long as nobody can download it. */
const unreleased = 'is not released yet';

const [argument] = process.argv.slice(2);
const versions = await readVersions();
const [[, version]] = versions;

const others = versions.filter(([, each]) => each !== version);
if (others.length > 0) {
  for (const [file, found] of others)
    console.error(`${file}: expected the version ${version} of package.json, found ${found}`);
  process.exitCode = 1;
} else if (argument === undefined) await date(version);
else if (argument !== '--check') await begin(argument);

/** @returns {Promise<[[string, string], ...[string, string][]]>} file and version, that of package.json first */
async function readVersions() {
  const found = Object.entries(places).map(async ([file, place]) => [
    file,
    place.exec(await read(file))?.[2] ?? 'none',
  ]);
  const named = documents.map(async (file) => {
    const versions = [...(await read(file)).matchAll(archive)].map(([, , each]) => each);
    return [...new Set(versions)].map((each) => [file, each]);
  });
  return /** @type {[[string, string]]} */ ([
    ...(await Promise.all(found)),
    ...(await Promise.all(named)).flat(),
  ]);
}

/** @param {string} version */
async function date(version) {
  const text = await read('CHANGELOG.md');
  const heading = `## ${version} (unreleased)\n`;
  if (!text.includes(heading)) throw new Error(`CHANGELOG.md says that ${version} was released`);
  for (const file of documents)
    if ((await read(file)).includes(unreleased))
      throw new Error(`${file} says that ${version} ${unreleased}: say where it is, and which key signs it`);
  const today = new Date().toISOString().slice(0, 10);
  await write('CHANGELOG.md', text.replace(heading, `## ${version} (${today})\n`));
  console.log(
    `git commit --message "release: ${version}" -- CHANGELOG.md && git tag v${version} && git push --follow-tags`,
  );
}

/** @param {string} next */
async function begin(next) {
  // Helm 4 takes strict semantic versions only.
  if (!/^[0-9]+\.[0-9]+\.[0-9]+(-[0-9a-z.-]+)?$/.test(next)) throw new Error(`expected X.Y.Z, found ${next}`);
  for (const [file, place] of Object.entries(places)) {
    const text = await read(file);
    const isChangelog = file === 'CHANGELOG.md';
    const edited = isChangelog
      ? text.replace(place, (heading) => `## ${next} (unreleased)\n\n${heading}`)
      : text.replace(place, (_, before, __, after) => before + next + after);
    await write(file, edited);
  }
  for (const file of documents)
    await write(
      file,
      (await read(file)).replace(archive, (_, before) => before + next),
    );
}

/** @param {string} file */
async function read(file) {
  return await readFile(path.join(root, file), 'utf8');
}

/**
 * @param {string} file
 * @param {string} text
 */
async function write(file, text) {
  await writeFile(path.join(root, file), text);
}
