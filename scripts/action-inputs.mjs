// What the inputs of action.yml name: paths, one a line or several on a line, with blanks in them or not, patterns
// (`*` and `?` within a name) and folders.
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';

/** @typedef {{ path: string, problem?: string }} Named */

/**
 * The charts that an input names, in its order. A pattern stands for all that it fits, a folder for the *.tgz in it.
 * @param {string} input
 * @returns {Named[]}
 */
export function chartsOf(input) {
  return pathsOf(input).flatMap((name) => {
    const found = expand(name);
    if (found.length === 0) return { path: name, problem: `expected charts that fit ${name}, found none` };
    return found.flatMap(inFolder);
  });
}

/**
 * The paths that an input names. A line that fits something as a whole is one path, else each of its words is.
 * @param {string} input
 * @returns {string[]}
 */
export function pathsOf(input) {
  const lines = input.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .flatMap((line) => (expand(line).some((name) => existsSync(name)) ? line : line.split(/\s+/)));
}

/**
 * A folder that holds charts as these charts; everything else as it is.
 * @param {string} name
 * @returns {Named[]}
 */
function inFolder(name) {
  if (!existsSync(name) || !statSync(name).isDirectory()) return [{ path: inList(name) }];
  const charts = expand(path.join(name, '*.tgz'));
  if (charts.length > 0) return charts.map((chart) => ({ path: inList(chart) }));
  return [{ path: name, problem: `expected packed charts in the folder ${name}, found none` }];
}

/**
 * In the list of `--from-file`, a line that begins with `#` is a comment.
 * @param {string} name
 */
function inList(name) {
  return name.startsWith('#') ? `./${name}` : name;
}

/**
 * The paths that fit a pattern, sorted; a path that is there, or that is no pattern, and a URL stand for themselves.
 * @param {string} pattern
 * @returns {string[]}
 */
function expand(pattern) {
  // What stands in a URL is no pattern.
  if (/^[a-z0-9+.-]+:\/\//i.test(pattern)) return [pattern];
  if (existsSync(pattern) || !/[*?]/.test(pattern)) return [pattern];
  const [start, ...parts] = pattern.split('/');
  let found = start === '' ? ['/'] : matchesIn('', start ?? '');
  for (const part of parts) found = found.flatMap((folder) => matchesIn(folder, part));
  return found;
}

/**
 * @param {string} folder
 * @param {string} part of a pattern, between slashes
 * @returns {string[]}
 */
function matchesIn(folder, part) {
  const join = (/** @type {string} */ name) =>
    folder === '' || folder.endsWith('/') ? folder + name : `${folder}/${name}`;
  if (!/[*?]/.test(part)) return existsSync(join(part)) ? [join(part)] : [];
  try {
    const names = readdirSync(folder === '' ? '.' : folder).filter((name) => fits(name, part));
    // As in a shell, what is hidden has to be asked for.
    return names
      .filter((name) => !name.startsWith('.') || part.startsWith('.'))
      .sort()
      .map(join);
  } catch {
    return [];
  }
}

/**
 * Whether a name fits a pattern. After a `*` that was too short, it goes back to the last one only.
 * @param {string} name
 * @param {string} pattern
 */
function fits(name, pattern) {
  let [at, of, star, tried] = [0, 0, -1, 0];
  while (at < name.length) {
    if (pattern[of] === '*') [star, tried, of] = [of, at, of + 1];
    else if (pattern[of] === '?' || pattern[of] === name[at]) [at, of] = [at + 1, of + 1];
    else if (star >= 0) [tried, at, of] = [tried + 1, tried + 1, star + 1];
    else return false;
  }
  while (pattern[of] === '*') of++;
  return of === pattern.length;
}
