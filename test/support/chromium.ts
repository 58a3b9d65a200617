import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

/** The browser of this machine; without it the tests that need it are skipped, and say so. In CI it must be there. */
export const chromiumPath: string | undefined = locate();

function locate(): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(delimiter);
  const files = ['chromium', 'chromium-browser', 'google-chrome'].flatMap((name) =>
    directories.map((directory) => join(directory, name)),
  );
  const found = files.find(isExecutable);
  if (found === undefined && process.env['CI'] === 'true') throw new Error('there is no Chromium here');
  return found;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A name of this machine that the browser takes for another one: over http it is not a secure context there. */
export const PLAIN_HOST = 'log.test';

/** Starts the browser without a window, with a profile of its own that it removes; it asks no server of its maker. */
export async function startChromium(): Promise<Browser> {
  return await chromium.launch({
    executablePath: chromiumPath ?? '',
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      `--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`,
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });
}
