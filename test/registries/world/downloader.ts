import { chmod, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The scheme of a downloader plugin that fetches over HTTP. */
const DOWNLOADER_SCHEME = 'store+http';

const PROGRAM = `#!/usr/bin/env node
const [, , , , , href] = process.argv;
fetch(href.replace(/^store\\+/, '')).then(async (answer) => {
  if (!answer.ok) throw new Error(href + ' is ' + answer.status);
  process.stdout.write(Buffer.from(await answer.arrayBuffer()));
}).catch((error) => {
  console.error(String(error));
  process.exitCode = 1;
});
`;

const METADATA = `name: store
version: 0.1.0
usage: fetches charts of a test
description: fetches charts of a test
downloaders:
  - command: get.cjs
    protocols: [${DOWNLOADER_SCHEME}]
`;

/** Puts a downloader plugin into a directory of plugins; it is of the form that all Helms take. */
export async function installDownloader(plugins: string): Promise<void> {
  const directory = path.join(plugins, 'store');
  await mkdir(directory, { recursive: true });
  await writeFile(path.join(directory, 'plugin.yaml'), METADATA);
  await writeFile(path.join(directory, 'get.cjs'), PROGRAM);
  await chmod(path.join(directory, 'get.cjs'), 0o755);
}
