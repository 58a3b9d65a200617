import { withoutTrailing } from '../trailing.ts';

/**
 * The commands that prove an entry, for a shell: first the one that shows the fingerprint of the log's key, then the one
 * that verifies a chart.
 * @param page the address of this page
 * @param file the name of the chart's file, if somebody gave it
 */
export function provingCommands(
  page: string,
  file: string | undefined,
): { readonly pin: string; readonly verify: string } {
  const server = shellWord(serverOf(page));
  const chart = file !== undefined && PLAIN_FILE.test(file) ? file : 'CHART.tgz';
  return {
    pin: `helm sigstore log pin ${server}`,
    verify: `helm sigstore verify ${chart} --rekor-server ${server}`,
  };
}

/** The address of the log that serves a page: that of the directory in which the page is. */
function serverOf(page: string): string {
  const { origin, pathname } = new URL('.', page);
  return origin + withoutTrailing(pathname, '/');
}

/** Names of files that mean themselves in a shell, and are no option. */
const PLAIN_FILE = /^[A-Za-z0-9_][A-Za-z0-9._+-]{0,250}\.tgz$/;

/** A word that a POSIX shell takes as it is. */
function shellWord(text: string): string {
  return /^[A-Za-z0-9:/._~[\]-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
