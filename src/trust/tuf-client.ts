import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Updater, type Fetcher, type TargetFile } from 'tuf-js';
import { DownloadHTTPError } from 'tuf-js/dist/error.js';

/** Gets a file of at most so many bytes; undefined: the server has no such file. */
export type Download = (url: string, maxBytes: number) => Promise<Uint8Array | undefined>;

/** A TUF repository, and the directory for its metadata, which must already hold `root.json`. */
export interface TufOptions {
  /** Base URL, without a slash at the end. */
  readonly repository: string;
  readonly directory: string;
  readonly download: Download;
}

/** Targets by name: the bytes, or why they cannot be had. What the repository does not list is not in it. */
export type Targets = ReadonlyMap<string, Uint8Array | Error>;

/**
 * Targets of a TUF repository, proven by the workflow of TUF 1.0 section 5. The new metadata replaces what was in the
 * directory. tuf-js judges expiry by the clock of the machine. This file is a bundle of its own that contains only
 * tuf-js, and is loaded only for a refresh.
 * @throws Error if the metadata cannot be had, or proves nothing
 */
export async function fetchTargets(names: readonly string[], options: TufOptions): Promise<Targets> {
  const { repository, directory } = options;
  const updater = new Updater({
    metadataDir: directory,
    metadataBaseUrl: repository,
    targetBaseUrl: `${repository}/targets`,
    fetcher: fetcherOf(options),
  });
  await updater.refresh();
  const found = new Map<string, Uint8Array | Error>();
  for (const name of names) {
    const target = await updater.getTargetInfo(name);
    if (target) found.set(name, await targetOf(updater, target, join(directory, 'target')));
  }
  return found;
}

async function targetOf(updater: Updater, target: TargetFile, path: string): Promise<Uint8Array | Error> {
  try {
    return await readFile(await updater.downloadTarget(target, path));
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}

// tuf-js's own fetcher uses Node's fetch: it knows no proxies, and checks sizes only after the download.
function fetcherOf({ directory, download }: TufOptions): Fetcher {
  const downloadBytes = async (url: string, maxBytes: number) => {
    const bytes = await download(url, maxBytes);
    // This error tells tuf-js that there is no newer root.
    if (bytes === undefined) throw new DownloadHTTPError(`there is no ${url}`, 404);
    return Buffer.from(bytes);
  };
  return {
    downloadBytes,
    downloadFile: async (url, maxBytes, handle) => {
      const path = join(directory, 'download');
      await writeFile(path, await downloadBytes(url, maxBytes));
      return await handle(path);
    },
  };
}
