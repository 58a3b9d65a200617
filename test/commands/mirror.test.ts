import { cp, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { sha256Hex } from '../../src/digest.ts';
import { formatManifest } from '../../src/mirror/manifest.ts';
import { parseManifest } from '../../src/mirror/parse-manifest.ts';
import { decodeKeyArmor } from '../../src/openpgp/armor.ts';
import { readCertificates } from '../../src/openpgp/certificate.ts';
import { writeSignedChart } from '../support/chart.ts';
import type { Ran } from '../support/program.ts';
import { createSigner } from '../support/signer.ts';
import { World } from '../support/world/world.ts';

let world: World;
let one: string;
let two: string;
let unlogged: string;
let count = 0;

beforeAll(async () => {
  world = await World.open();
  one = (await world.keptChart('one')).path;
  two = (await world.loggedChart('two')).path;
  // The one comes with evidence, of the other only the log knows.
  unlogged = (await world.chart('unlogged')).path;
});

afterAll(async () => {
  await world.close();
});

/** The files of a chart that an entry of the log proves. */
const filesOf = (archive: string) => [archive, `${archive}.prov`, `${archive}.rekor.json`];

/** A directory that is not there yet. */
function place(): string {
  const path = join(world.directory, `mirror-${++count}`);
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function mirror(to: string, charts: readonly string[], more: readonly string[] = []): Promise<Ran> {
  return await world.run(['mirror', ...charts, '--to', to, ...world.knowing(), ...more]);
}

/** A mirror of these charts. */
async function mirrorOf(...charts: readonly string[]): Promise<string> {
  const to = place();
  const ran = await mirror(to, charts);
  expect(ran, ran.stderr).toMatchObject({ status: 0 });
  return to;
}

/** All files below a directory, with what is in them. */
async function contentsOf(directory: string): Promise<Record<string, string>> {
  const names = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = names
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
  const pairs = files.map(async (path) => [
    path.slice(directory.length + 1),
    (await readFile(path)).toString('latin1'),
  ]);
  return Object.fromEntries((await Promise.all(pairs)).sort()) as Record<string, string>;
}

/** When each file was written, and as what. */
async function stampsOf(directory: string): Promise<Record<string, string>> {
  const names = Object.keys(await contentsOf(directory));
  const pairs = names.map(async (name) => {
    const { ino, mtimeMs } = await stat(join(directory, name));
    return [name, `${ino} ${mtimeMs}`];
  });
  return Object.fromEntries(await Promise.all(pairs)) as Record<string, string>;
}

/** Without the times of verdicts, which differ between runs. */
function timeless(contents: Record<string, string>): Record<string, string> {
  const { 'manifest.json': manifest = '', 'index.yaml': index = '', ...others } = contents;
  const withoutTime = (text: string) => text.replaceAll(/"[0-9T:-]{19}Z"/g, 'TIME');
  // The digest of the index is one over its times.
  const files = manifest.replace(/.*"index.yaml".*\n/, '');
  return { ...others, 'manifest.json': withoutTime(files), 'index.yaml': withoutTime(index) };
}

test.skipIf(process.platform === 'win32')(
  'warns of what a lock needs where there is none (needs no Windows)',
  async () => {
    vi.stubEnv('PATH', join(world.directory, 'nothing'));
    onTestFinished(() => void vi.unstubAllEnvs());
    const { status, stderr } = await mirror(place(), [one]);
    expect(status).toBe(0);
    expect(stderr).toContain('there are no locks (on Linux they need the program flock, and');
  },
);

describe('a mirror', () => {
  test('has the charts with provenance and evidence, the keys that counted, an index and a manifest', async () => {
    const to = await mirrorOf(one, two);
    const log = world.log.publicKeyPath;
    const contents = await contentsOf(to);
    const keys = [`keys/${world.publisher.fingerprint.toUpperCase()}.asc`];
    const trust = Object.keys(contents).filter((path) => path.startsWith('trust/'));
    const charts = ['one-0.1.0.tgz', 'two-0.1.0.tgz'].flatMap(filesOf);
    expect(Object.keys(contents).sort()).toEqual(
      [...charts, 'index.yaml', 'manifest.json', ...keys, ...trust].sort(),
    );
    const sources = [one, `${one}.prov`, `${one}.rekor.json`, two, `${two}.prov`];
    for (const path of sources)
      expect(contents[basename(path)]).toBe((await readFile(path)).toString('latin1'));
    expect(trust).toHaveLength(1);
    expect(contents[trust[0] ?? '']).toBe(await readFile(log, 'latin1'));
    expect(sha256Hex(derOf(contents[trust[0] ?? ''] ?? ''))).toBe(basename(trust[0] ?? '', '.pem'));
    const [certificate] = readCertificates(
      decodeKeyArmor(Buffer.from(contents[keys[0] ?? ''] ?? '', 'latin1')),
    );
    expect(certificate?.primary.fingerprint).toBe(world.publisher.fingerprint);
  });

  test('has a manifest with digest and size of every file, and with the verdict on every chart', async () => {
    const to = place();
    await mirror(to, [one]);
    const { charts, files } = parseManifest(await readFile(join(to, 'manifest.json')));
    const contents = await contentsOf(to);
    delete contents['manifest.json'];
    expect(files.map(({ path }) => path)).toEqual(Object.keys(contents).sort());
    for (const { path, size, sha256 } of files) {
      const bytes = Buffer.from(contents[path] ?? '', 'latin1');
      expect({ path, size, sha256 }).toEqual({ path, size: bytes.length, sha256: sha256Hex(bytes) });
    }
    expect(charts).toMatchObject([
      { archive: 'one-0.1.0.tgz', name: 'one', version: '0.1.0', signer: world.publisher.fingerprint },
    ]);
  });

  test('says where each chart is, and the digest of the manifest', async () => {
    const to = place();
    const { stdout, stderr } = await mirror(to, [one, two]);
    expect(stdout).toMatch(/^Chart Mirrored: .*mirror-[0-9]+\/one-0\.1\.0\.tgz\nChart: .*\nDigest: sha256:/);
    const digest = sha256Hex(await readFile(join(to, 'manifest.json')));
    expect(
      stdout.endsWith(`\n\nMirror Written: ${to}\nCharts: 2\nFiles: 9\nManifest: sha256:${digest}\n`),
    ).toBe(true);
    expect(stderr).toBe('2 mirrored\n');
  });

  test('says the same in JSON', async () => {
    const to = place();
    const { stdout } = await mirror(to, [one], ['--output', 'json']);
    const digest = sha256Hex(await readFile(join(to, 'manifest.json')));
    expect(JSON.parse(stdout)).toMatchObject({
      command: 'mirror',
      status: 0,
      counts: { good: 1, exists: 0 },
      mirror: { directory: to, charts: 1, files: 6, changed: true, manifest: { sha256: digest } },
      results: [{ chart: one, outcome: 'copied', copy: join(to, 'one-0.1.0.tgz'), verdict: 'verified' }],
    });
  });

  test('says in JSON which file held the evidence, and of the mirror what is documented', async () => {
    const { stdout } = await mirror(place(), [one, two], ['--output', 'json']);
    const { mirror: members, results } = JSON.parse(stdout) as {
      mirror: object;
      results: { evidence?: object }[];
    };
    expect(Object.keys(members)).toEqual(['directory', 'manifest', 'charts', 'files', 'changed']);
    // The log was asked for the second.
    expect(results.map(({ evidence }) => evidence)).toEqual([
      { path: `${one}.rekor.json`, outcome: 'used' },
      undefined,
    ]);
  });

  test('of a chart that is missing says that, as verify does, and nothing of its provenance', async () => {
    const missing = join(world.directory, 'missing-0.1.0.tgz');
    const { status, stderr } = await mirror(place(), [missing]);
    expect({ status, stderr }).toMatchObject({ status: 3 });
    expect(stderr).toContain(`Error: there is no file ${missing}`);
    expect(stderr).not.toContain('.prov ');
  });

  test('is in a directory, and a file is none', async () => {
    const { status, stderr } = await mirror(one, [two]);
    expect({ status, stderr }).toMatchObject({ status: 3 });
    expect(stderr).toContain(`Error: cannot use ${one} as a mirror: it is no directory`);
    const verified = await world.run(['verify', '--mirror', one, ...world.knowing()]);
    expect(verified).toMatchObject({ status: 3 });
    expect(verified.stderr).toContain(`Error: cannot use ${one} as a mirror: it is no directory`);
  });

  test('needs to be told where it is', async () => {
    const { status, stderr } = await world.run(['mirror', one, place()]);
    expect({ status, stderr }).toMatchObject({ status: 2 });
    expect(stderr).toContain('Hint: the charts come without an option, and --to names the directory');
  });

  test('is verified chart by chart, and as an index', async () => {
    const to = await mirrorOf(one, two);
    const argv = ['verify', join(to, 'index.yaml'), ...world.trusting(), '--keyring', join(to, 'keys')];
    expect(await world.run(argv)).toMatchObject({ status: 0, stderr: '2 verified\n' });
  });

  test('can be made of an index, a folder and a list', async () => {
    const charts = join(world.directory, 'charts');
    await mkdir(charts);
    for (const path of [one, two])
      for (const suffix of ['', '.prov']) await cp(path + suffix, join(charts, basename(path) + suffix));
    await cp(`${one}.rekor.json`, join(charts, `${basename(one)}.rekor.json`));
    const whole = timeless(await contentsOf(await mirrorOf(charts)));
    expect(Object.keys(whole)).toContain('two-0.1.0.tgz.rekor.json');
    const index = join(await mirrorOf(one, two), 'index.yaml');
    const byIndex = place();
    await mirror(byIndex, [index], ['--charts-dir', charts]);
    expect(timeless(await contentsOf(byIndex))).toEqual(whole);
    const byList = place();
    await world.run(['mirror', '--from-file', '-', '--to', byList, ...world.knowing()], {
      stdin: `${one}\n${two}\n`,
    });
    expect(timeless(await contentsOf(byList))).toEqual(whole);
  });

  test('has a chart that was renamed under the name that was signed', async () => {
    const renamed = join(world.directory, 'renamed.tgz');
    await cp(one, renamed);
    await cp(`${one}.prov`, `${renamed}.prov`);
    const to = place();
    expect(await mirror(to, [renamed], ['--as', 'one-0.1.0.tgz'])).toMatchObject({ status: 0 });
    expect(Object.keys(await contentsOf(to))).toContain('one-0.1.0.tgz');
  });

  test('has no key of a log for which nobody vouches', async () => {
    const to = place();
    const argv = ['mirror', one, '--to', to, '--rekor-server', world.log.url, '--keyring', world.keyring];
    expect(await world.run([...argv, '--insecure-trust-on-first-use'])).toMatchObject({ status: 0 });
    expect(Object.keys(await contentsOf(to)).filter((path) => path.startsWith('trust/'))).toEqual([]);
  });
});

describe('a chart that is not proven is not copied, and the others are', () => {
  test.each([
    ['not logged', () => unlogged, 4],
    ['missing', () => join(world.directory, 'missing-0.1.0.tgz'), 3],
  ] as const)('%s', async (_, chart, status) => {
    const to = place();
    expect(await mirror(to, [chart(), one])).toMatchObject({ status });
    expect(Object.keys(await contentsOf(to)).filter((path) => path.endsWith('.tgz'))).toEqual([
      'one-0.1.0.tgz',
    ]);
  });

  test('tampered with', async () => {
    const { path, archive } = await world.loggedChart('tampered');
    await writeFile(path, Buffer.concat([archive, Buffer.from('x')]));
    const to = place();
    const { status, stdout } = await mirror(to, [path, one]);
    expect(status).toBe(10);
    expect(stdout).toContain(`Chart Not Mirrored: ${path}\n`);
    expect(Object.keys(await contentsOf(to)).filter((name) => name.startsWith('tampered'))).toEqual([]);
  });

  test('signed for another chart than is in it, so that the index would lie', async () => {
    const directory = await world.subdirectory('liar');
    const { archive } = await writeSignedChart(directory, world.publisher, { name: 'inside' });
    const path = join(directory, 'outside-0.1.0.tgz');
    await writeFile(path, archive);
    await writeFile(`${path}.prov`, await world.publisher.sign('outside', '0.1.0', archive));
    const to = place();
    const { status, stderr } = await mirror(to, [path]);
    expect({ status, stderr }).toMatchObject({ status: 10 });
    expect(stderr).toContain('Chart.yaml and the signed text differ in the name');
  });

  test('its name is none that every system can have', async () => {
    const { path } = await world.chart('caf\u00e9');
    await world.run(['upload', path, ...world.knowing()]);
    const { status, stderr } = await mirror(place(), [path]);
    expect({ status, stderr }).toMatchObject({ status: 3 });
    expect(stderr).toContain('a name that not every system can have');
  });
});

describe('a name that leaves no room for that of the evidence', () => {
  /** Its provenance has a name of 250 characters; its evidence would have one of 256. */
  const long = 'n'.repeat(235);

  test('is no reason not to verify the chart by its log', async () => {
    const { path } = await world.loggedChart(long);
    expect(await world.run(['verify', path, ...world.knowing()])).toMatchObject({ status: 0, stderr: '' });
  });

  test('is one to refuse it, before anything of it is in the mirror', async () => {
    const { path } = await world.chart(`${long.slice(1)}o`);
    await world.run(['upload', path, '--no-evidence', ...world.knowing()]);
    const to = await mirrorOf(one);
    const before = await contentsOf(to);
    const { status, stderr } = await mirror(to, [path]);
    expect({ status, stderr }).toMatchObject({ status: 3 });
    expect(stderr).toContain('a name that not every system can have');
    expect(await contentsOf(to)).toEqual(before);
  });
});

describe('of a chart that cannot be put there', () => {
  test('nothing is left, where an earlier one differs from its name in capital letters alone', async () => {
    const to = await mirrorOf(one);
    const { path } = await world.loggedChart('One');
    const before = await contentsOf(to);
    const { status, stderr } = await mirror(to, [path]);
    expect({ status, stderr }).toMatchObject({ status: 3 });
    expect(stderr).toContain('have one name and are not the same file');
    expect(await contentsOf(to)).toEqual(before);
  });

  test('nothing is left, where another provenance is in its place', async () => {
    const to = await mirrorOf(one);
    await writeFile(join(to, `${basename(two)}.prov`), 'of another chart');
    const before = await contentsOf(to);
    const { status, stderr } = await mirror(to, [two]);
    expect({ status, stderr }).toMatchObject({ status: 3 });
    expect(stderr).toContain('have one name and are not the same file');
    expect(await contentsOf(to)).toEqual(before);
  });
});

describe('a second run', () => {
  test('changes no byte, and says so', async () => {
    const to = await mirrorOf(one, two);
    const before = [await contentsOf(to), await stampsOf(to)];
    const { status, stdout, stderr } = await mirror(to, [one, two]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '2 already there\n' });
    expect(stdout).toContain(`\nMirror Unchanged: ${to}\n`);
    expect(stdout).toContain(`Chart Already Mirrored: ${join(to, 'one-0.1.0.tgz')}\n`);
    expect([await contentsOf(to), await stampsOf(to)]).toEqual(before);
  });

  test('changes no byte either, when the log has grown', async () => {
    const to = await mirrorOf(one, two);
    const before = await contentsOf(to);
    await world.loggedChart('newer');
    const { status, stdout } = await mirror(to, [one, two]);
    expect({ status, stdout }).toMatchObject({ status: 0 });
    expect(stdout).toContain('Mirror Unchanged');
    expect(await contentsOf(to)).toEqual(before);
  });

  test('adds charts, and leaves those that are there', async () => {
    const to = await mirrorOf(one);
    await mirror(to, [two]);
    expect(timeless(await contentsOf(to))).toEqual(timeless(await contentsOf(await mirrorOf(one, two))));
  });

  test.each(['', '.prov'])('mends what was damaged: one-0.1.0.tgz%s', async (suffix) => {
    const to = await mirrorOf(one, two);
    const before = await contentsOf(to);
    await writeFile(join(to, `one-0.1.0.tgz${suffix}`), 'damaged');
    expect(await mirror(to, [one, two])).toMatchObject({ status: 0 });
    expect(timeless(await contentsOf(to))).toEqual(timeless(before));
  });

  test.each(['index.yaml', 'keys/', 'trust/'])('mends what was damaged: %s', async (path) => {
    const to = await mirrorOf(one, two);
    const before = await contentsOf(to);
    const damaged = Object.keys(before).find((name) => name.startsWith(path)) ?? '';
    await writeFile(join(to, damaged), 'damaged');
    expect(await mirror(to, [one, two])).toMatchObject({ status: 0 });
    expect(await contentsOf(to)).toEqual(before);
  });

  test('does not take over a key that somebody put in the place of a publisher\u2019s', async () => {
    const to = await mirrorOf(one);
    const before = await contentsOf(to);
    const path = join(to, `keys/${world.publisher.fingerprint.toUpperCase()}.asc`);
    await writeFile(path, (await createSigner()).armored);
    await mirror(to, [one]);
    expect(await contentsOf(to)).toEqual(before);
  });

  test('says which chart of an earlier run is damaged, and does not list it', async () => {
    const to = await mirrorOf(one, two);
    await writeFile(join(to, 'one-0.1.0.tgz'), 'damaged');
    const { status, stderr } = await mirror(to, [two]);
    expect({ status, stderr }).toMatchObject({ status: 3 });
    expect(stderr).toContain(`Error: ${join(to, 'one-0.1.0.tgz')} is altered\nHint: name the chart again`);
    expect((await contentsOf(to))['index.yaml']).not.toContain('one-0.1.0.tgz');
    expect((await contentsOf(to))['manifest.json']).toContain('"one-0.1.0.tgz"');
  });

  test('forgets a chart whose files somebody took out, and says so', async () => {
    const to = await mirrorOf(one, two);
    for (const path of filesOf('one-0.1.0.tgz')) await rm(join(to, path));
    const { status, stderr } = await mirror(to, [two]);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stderr).toContain(`Warning: one-0.1.0.tgz was taken out of ${to}`);
    expect(timeless(await contentsOf(to))).toEqual(timeless(await contentsOf(await mirrorOf(two))));
  });
});

describe('two charts of one name', () => {
  async function otherOne(): Promise<string> {
    const directory = await world.subdirectory('other');
    const { path } = await writeSignedChart(directory, world.publisher, { name: 'one' });
    const other = await world.chart('unlike');
    await rename(other.path, path);
    await writeFile(`${path}.prov`, await world.publisher.sign('one', '0.1.0', other.archive));
    await world.run(['upload', path, ...world.knowing()]);
    return path;
  }

  test('that are not the same are an error that names both, and neither is copied', async () => {
    const other = await otherOne();
    const to = place();
    const { status, stderr } = await mirror(to, [one, two, other]);
    expect(status).toBe(3);
    const message = `${one} and ${other} have one name and are not the same file`;
    expect(stderr.split(message)).toHaveLength(3);
    expect(Object.keys(await contentsOf(to)).filter((path) => path.endsWith('.tgz'))).toEqual([
      'two-0.1.0.tgz',
    ]);
  });

  test('of which one is in the mirror are an error, and that one stays', async () => {
    const to = await mirrorOf(one);
    const before = await contentsOf(to);
    const newProvenance = await world.subdirectory('signed-again');
    const again = join(newProvenance, 'one-0.1.0.tgz');
    await cp(one, again);
    await writeFile(
      `${again}.prov`,
      await world.publisher.sign('one', '0.1.0', await readFile(one), { at: 1717300000 }),
    );
    await world.run(['upload', again, ...world.knowing()]);
    const { status, stderr } = await mirror(to, [again]);
    expect(status).toBe(3);
    expect(stderr).toContain(`${again}.prov and ${join(to, 'one-0.1.0.tgz.prov')} have one name`);
    expect(await contentsOf(to)).toEqual(before);
  });

  test('that are the same are one', async () => {
    const copies = await world.subdirectory('copies');
    for (const suffix of ['', '.prov']) await cp(one + suffix, join(copies, basename(one) + suffix));
    const to = place();
    expect(await mirror(to, [one, join(copies, basename(one)), one])).toMatchObject({
      status: 0,
      stderr: '1 mirrored, 2 already there\n',
    });
  });
});

describe('evidence beside a chart', () => {
  /** A copy of a chart, with this beside it. */
  async function withEvidence(evidence: Uint8Array | string): Promise<string> {
    const path = join(await world.subdirectory(`evidence-${++count}`), basename(two));
    for (const suffix of ['', '.prov']) await cp(two + suffix, path + suffix);
    await writeFile(`${path}.rekor.json`, evidence);
    return path;
  }

  test('takes the place of an older one that was made from the log', async () => {
    const to = await mirrorOf(two);
    await world.loggedChart('much-newer');
    const newer = await mirrorOf(two);
    const evidence = await readFile(join(newer, 'two-0.1.0.tgz.rekor.json'));
    expect(await readFile(join(to, 'two-0.1.0.tgz.rekor.json'))).not.toEqual(evidence);
    expect(await mirror(to, [await withEvidence(evidence)])).toMatchObject({ status: 0 });
    expect(await readFile(join(to, 'two-0.1.0.tgz.rekor.json'))).toEqual(evidence);
  });

  test.each([
    ['of another chart', 10, async () => await readFile(`${one}.rekor.json`)],
    ['cut', 3, async () => (await readFile(`${one}.rekor.json`)).subarray(0, 500)],
    ['a web page', 3, () => Promise.resolve('<html>')],
  ])('%s is never replaced silently, and nothing is copied', async (_, expected, evidence) => {
    const to = place();
    const { status, stderr } = await mirror(to, [await withEvidence(await evidence())]);
    expect(status, stderr).toBe(expected);
    expect(Object.keys(await contentsOf(to)).sort()).toEqual(['index.yaml', 'manifest.json']);
  });

  test('that the mirror has is made anew, where it does not hold', async () => {
    const to = await mirrorOf(two);
    const path = join(to, 'two-0.1.0.tgz.rekor.json');
    const before = await readFile(path);
    await writeFile(path, before.toString().replace(/"rootHash": "./, '"rootHash": "+'));
    expect(await mirror(to, [two])).toMatchObject({ status: 0 });
    const argv = ['verify', join(to, 'two-0.1.0.tgz'), ...world.knowing()];
    expect(await world.run(argv)).toMatchObject({ status: 0 });
    expect((await readFile(path)).toString()).not.toContain('"rootHash": "+');
  });
});

describe('of a log that does not answer', () => {
  const dead = () => world.knowing({ url: 'http://127.0.0.1:1' });

  test('a chart with evidence is mirrored, another one is not', async () => {
    const to = place();
    const argv = ['mirror', one, two, '--to', to, ...dead()];
    expect(await world.run(argv)).toMatchObject({ status: 5 });
    expect(Object.keys(await contentsOf(to)).filter((path) => path.endsWith('.tgz'))).toEqual([
      basename(one),
    ]);
  });

  test('a mirror is made again, by the evidence that is in it', async () => {
    const to = await mirrorOf(one, two);
    const before = await contentsOf(to);
    const { status, stdout } = await world.run(['mirror', one, two, '--to', to, ...dead()]);
    expect({ status, stdout }).toMatchObject({ status: 0 });
    expect(stdout).toContain('Mirror Unchanged');
    expect(await contentsOf(to)).toEqual(before);
  });
});

describe('what stands in the way is not overwritten', () => {
  test('a directory that is no mirror', async () => {
    const to = place();
    await mkdir(to);
    await writeFile(join(to, 'thesis.txt'), 'precious');
    const { status, stderr } = await mirror(to, [one]);
    expect({ status, stderr }).toMatchObject({ status: 3 });
    expect(stderr).toContain('Hint: name a directory that is empty or not there yet');
    expect(await contentsOf(to)).toEqual({ 'thesis.txt': 'precious' });
  });

  test('a link in place of an archive', async () => {
    const to = await mirrorOf(two);
    const target = join(world.directory, 'target');
    await writeFile(target, 'precious');
    await symlink(target, join(to, 'one-0.1.0.tgz'));
    const { status, stderr } = await mirror(to, [one, two]);
    expect({ status, stderr }).toMatchObject({ status: 3 });
    expect(stderr).toContain('one-0.1.0.tgz is no regular file but a symbolic link');
    expect(await readFile(target, 'utf8')).toBe('precious');
  });

  test('a link in place of the folder of the keys', async () => {
    const to = await mirrorOf(one);
    const target = await world.subdirectory('somewhere');
    await rm(join(to, 'keys'), { recursive: true });
    await symlink(target, join(to, 'keys'));
    expect(await mirror(to, [one])).toMatchObject({ status: 3 });
    expect(await readdir(target)).toEqual([]);
  });

  test('a manifest that is none', async () => {
    const to = place();
    await mkdir(to);
    await writeFile(join(to, 'manifest.json'), '{"name":"my web app"}');
    expect(await mirror(to, [one])).toMatchObject({ status: 3 });
    expect(await contentsOf(to)).toEqual({ 'manifest.json': '{"name":"my web app"}' });
  });
});

test('without --to nothing is done', async () => {
  const { status, stdout, stderr } = await world.run(['mirror', one, ...world.knowing()]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^Error: expected --to with the directory of the mirror, found none\n/);
});

test('a log without a trusted key leaves the mirror as it is', async () => {
  const to = place();
  const argv = ['mirror', one, '--to', to, '--rekor-server', world.log.url, '--keyring', world.keyring];
  expect(await world.run(argv)).toMatchObject({ status: 5 });
  const manifest = parseManifest(await readFile(join(to, 'manifest.json')));
  expect(manifest.charts).toEqual([]);
  expect(Buffer.from(formatManifest(manifest))).toEqual(await readFile(join(to, 'manifest.json')));
});

test('after an interruption what was verified is there, and the next run ends as one that was not interrupted', async () => {
  const paths: string[] = [];
  for (let number = 0; number < 20; number++) paths.push((await world.loggedChart(`many-${number}`)).path);
  const to = place();
  const interruption = new AbortController();
  const argv = ['mirror', ...paths, '--to', to, ...world.knowing()];
  const { status } = await world.run(argv, {
    interrupted: interruption.signal,
    onStdout: () => {
      interruption.abort();
    },
  });
  expect(status).toBe(5);
  const { charts } = parseManifest(await readFile(join(to, 'manifest.json')));
  expect(charts.length).toBeGreaterThan(0);
  expect(charts.length).toBeLessThan(20);
  expect(await mirror(to, paths)).toMatchObject({ status: 0 });
  expect(timeless(await contentsOf(to))).toEqual(timeless(await contentsOf(await mirrorOf(...paths))));
});

function derOf(pem: string): Uint8Array {
  return Buffer.from(pem.replaceAll(/-----.*-----|\s/g, ''), 'base64');
}
