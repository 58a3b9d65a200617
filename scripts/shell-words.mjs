// Commands for people to copy, in the shell that their system starts with: sh, or PowerShell on Windows.

/**
 * @typedef {object} ShellWords
 * @property {string} prompt
 * @property {(name: string, value: string) => string} set sets a variable for the programs that are started later
 * @property {(name: string, program: string) => string} alias runs a program of Node by a short name
 * @property {(directory: string) => string} install a plugin in Helm
 * @property {(pid: number, directory: string) => string} stop ends a process and removes a directory
 */

/**
 * @param {NodeJS.Platform} platform
 * @returns {ShellWords}
 */
export function shellWords(platform) {
  return platform === 'win32' ? powerShell : posix;
}

/** @type {ShellWords} */
const posix = {
  prompt: '$ ',
  set: (name, value) => `export ${name}=${quoted(value)}`,
  alias: (name, program) => `alias ${name}=${quoted(quoted(program))}`,
  install: (directory) => `helm plugin install ${quoted(directory)}`,
  stop: (pid, directory) => `kill ${pid}; rm -r ${quoted(directory)}`,
};

/** @type {ShellWords} */
const powerShell = {
  prompt: 'PS> ',
  set: (name, value) => `$env:${name} = ${doubled(value)}`,
  alias: (name, program) => `function ${name} { node ${doubled(program)} @args }`,
  install: (directory) => `helm plugin install ${doubled(directory)}`,
  stop: (pid, directory) => `Stop-Process -Id ${pid}; Remove-Item -Recurse ${doubled(directory)}`,
};

/**
 * As one word of a POSIX shell.
 * @param {string} text
 */
function quoted(text) {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * As a string of PowerShell, in which only a quote has a meaning.
 * @param {string} text
 */
function doubled(text) {
  return `'${text.replaceAll("'", "''")}'`;
}
