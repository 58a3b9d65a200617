/** A path of one file name, or of a folder and a file name. */
const MAX_PARTS = 2;

/** Characters of one part: what every file system takes. */
const LONGEST = 255;

/** Letters and digits of ASCII, and what stands in names of charts, versions and fingerprints; no dot in front. */
const PART = /^[A-Za-z0-9_][A-Za-z0-9._+~-]*$/;

/** Names that stand for devices on Windows, whatever comes behind a dot. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;

/**
 * Whether a text is the path of a file below a directory that means the same file on every system: relative, with
 * slashes, of at most two parts, of plain names. Nothing that it names is outside the directory.
 */
export function isPortablePath(path: string): boolean {
  const parts = path.split('/', MAX_PARTS + 1);
  return parts.length <= MAX_PARTS && parts.every(isPortableName);
}

/** Whether a text is one part of such a path. */
function isPortableName(name: string): boolean {
  return name.length <= LONGEST && PART.test(name) && !name.endsWith('.') && !DEVICE.test(name);
}

/** One text for all paths that some file systems take for the same: they do not tell capital letters from small ones. */
export function foldedPath(path: string): string {
  return path.toLowerCase();
}
