// What the findings of eslint in a file depend on, as a key: its text, and the texts of all that it imports, as there the
// types are that it uses.
import { createHash } from 'node:crypto';
import path from 'node:path';

/** Whatever names another file: in a comment, or in a text that only looks like an import, it does no harm. */
const NAMED = /\b(?:from|import|require)[\s(]{0,60}(?:'(\.[^'\n]{1,200})'|"(\.[^"\n]{1,200})")/g;
/** A file with types for all others, whether they import it or not. */
const FOR_ALL = /^declare (?:module|global)\b/m;

/**
 * A key for each file: the same as long as nothing changes that its findings depend on.
 *
 * @param {ReadonlyMap<string, string>} texts of all files, by path from the root of the checkout, with `/`
 * @param {readonly string[]} common paths of files on which all findings depend
 * @returns {Map<string, string>} SHA-256 in hexadecimal, by path
 */
export function keysOf(texts, common) {
  const files = new Map(
    [...texts].map(([file, text]) => [file, { digest: sha256(text), imports: importsOf(file, text) }]),
  );
  const forAll = [...texts].filter(([file, text]) => file.endsWith('.d.ts') || FOR_ALL.test(text));
  const shared = keyOf([...common, ...forAll.map(([file]) => file)], files);
  return new Map(
    [...files.keys()].map((file) => [file, sha256(`${shared} ${file} ${keyOf([file], files)}`)]),
  );
}

/**
 * @param {readonly string[]} roots
 * @param {ReadonlyMap<string, { digest: string, imports: readonly string[] }>} files
 */
function keyOf(roots, files) {
  const reached = new Set(roots);
  // What is added on the way is met as well.
  for (const file of reached) for (const imported of files.get(file)?.imports ?? []) reached.add(imported);
  const lines = [...reached].sort().map((file) => `${file} ${files.get(file)?.digest ?? 'is not there'}`);
  return sha256(lines.join('\n'));
}

/**
 * @param {string} file
 * @param {string} text
 */
function importsOf(file, text) {
  return [...text.matchAll(NAMED)].map(([, single, double]) =>
    path.posix.join(path.posix.dirname(file), single ?? double ?? ''),
  );
}

/** @param {string} text */
function sha256(text) {
  return createHash('sha256').update(text).digest('hex');
}
