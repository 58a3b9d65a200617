import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { dump } from 'js-yaml';
import { onTestFinished } from 'vitest';
import type { Helm } from '../../../scripts/fetch-helm.mjs';
import { sha256Hex } from '../../../src/digest.ts';
import { logKeyFromPem } from '../../../src/tlog/log-key.ts';
import { ChartServer } from '../../registries/servers/chart-server.ts';
import { chartArchive } from '../../support/chart.ts';
import { freePort } from '../../interop/stack/free-port.ts';
import { serveRegistry } from '../../support/registry/server.ts';
import { World } from '../../support/world/world.ts';
import { serveFiles } from '../file-server.ts';
import type { Release } from '../global-setup.ts';
import { nameHosts } from './named-hosts.ts';

const run = promisify(execFile);
const examples = path.join(import.meta.dirname, '../../../examples');
const HELLO = 'hello-0.1.0.tgz';

/** Where documents say that a log of one's own is. */
const OWN_LOG = '127.0.0.1:3000';
/** The same behind a proxy of TLS, and where it is on disk. */
const SERVED_LOG = 'https://charts.example.com/log';
const LOG_DIRECTORY = '/var/lib/chart-log';

/** Where documents say that a server for files of this machine is. */
const OWN_FILES = '127.0.0.1:8080';

/** The publisher of examples/. */
const PUBLISHER = 'F1225FFFEF327BE2C6E6C3C5C010E9C64672197F';

/**
 * A reader of a document: a home that had nothing in it before the plugin was installed, a directory with the files that documents
 * name, and the servers that they name. Ends with the test.
 */
export class Stage {
  private constructor(
    readonly directory: string,
    readonly env: Readonly<Record<string, string>>,
    /** With charts of its publisher, whom documents call acme. */
    readonly world: World,
    /** What stands for names in documents. */
    private readonly names: Record<string, string>,
  ) {}

  /** Where the reader is. */
  get work(): string {
    return path.join(this.directory, 'work');
  }

  /** Installs this release in this Helm. */
  static async set(helm: Helm, release: Release): Promise<Stage> {
    // No blanks: Helm divides the command of a downloader at them.
    const directory = await mkdtemp(path.join(tmpdir(), 'reader-'));
    for (const name of ['home', 'home/.gnupg', 'programs', 'work', 'etc'])
      await mkdir(path.join(directory, name), { mode: 0o700 });
    await symlink(helm.path, path.join(directory, 'programs', 'helm'));
    const world = await World.open();
    // Entries get the time of their upload: keys are made here as well.
    Object.defineProperty(world.log, 'now', { get: () => Math.floor(Date.now() / 1000) });
    const charts = await ChartServer.start();
    const registry = await serveRegistry();
    const files = await serveFiles(path.dirname(release.archive));
    const { proxy, authorities } = await nameHosts({
      'charts.example.com': charts.url,
      'charts.acme.example': charts.url,
      'registry.example.com': registry.url,
      'registry.acme.example': registry.url,
      'rekor.example.com': world.log.url,
    });
    await writeFile(path.join(directory, 'authorities.pem'), authorities);
    const archive = await readFile(release.archive);
    const env = {
      HOME: path.join(directory, 'home'),
      PATH: [path.join(directory, 'programs'), path.dirname(process.execPath), process.env['PATH']].join(':'),
      HTTPS_PROXY: proxy,
      SSL_CERT_FILE: path.join(directory, 'authorities.pem'),
      LC_ALL: 'C.UTF-8',
      // Variables that documents name.
      RELEASES: files.url,
      DIGEST: sha256Hex(archive),
      FINGERPRINT: PUBLISHER,
      KEY: 'Example Publisher',
    };
    const stage = new Stage(directory, env, world, {
      RELEASES: files.url,
      '/etc/helm-sigstore': path.join(directory, 'etc'),
      port: `${await freePort()}`,
    });
    onTestFinished(async () => {
      // Helm passes no signal on: it ends with all that it started.
      await stage.shell('test ! -e ../serve.pid || kill -- -$(cat ../serve.pid); gpgconf --kill all');
      await charts.stop();
      await files.close();
      await world.close();
      await rm(directory, { recursive: true, force: true });
    });
    await stage.shell(
      `helm plugin install ${files.url}/${path.basename(release.archive)} --keyring ${release.keyring}`,
    );
    await stage.place(release.keyring);
    await stage.publish(charts, registry.store);
    return stage;
  }

  /** Runs a line of `sh` where the reader is. Returns its stdout. @throws when it fails */
  async shell(line: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
    const options = { cwd: this.work, env: { ...this.env, ...env } };
    return (await run('sh', ['-c', line], options)).stdout;
  }

  /** What the shell gets for a line of a document: its names stand for what is here. */
  written(line: string): string {
    const { LOG = '', RELEASES = '', port = '' } = this.names;
    const ofLog =
      line.includes(OWN_LOG) || line.includes(SERVED_LOG) ? '$(sed -n "s/^Fingerprint: //p" serve.txt)' : LOG;
    const fingerprint = /\blog (?:pin|use)\b/.test(line) ? ofLog : PUBLISHER;
    const here = line
      .replaceAll(/\bHEX\b/g, fingerprint)
      .replaceAll(/\bLOGID\b/g, LOG)
      .replaceAll(/(?<!\$)\bRELEASES\b/g, RELEASES)
      .replaceAll(SERVED_LOG, `http://${OWN_LOG}`)
      .replaceAll(LOG_DIRECTORY, path.join(this.directory, 'chart-log'))
      .replaceAll(OWN_LOG, `127.0.0.1:${port}`)
      .replaceAll(OWN_FILES, this.names[OWN_FILES] ?? OWN_FILES)
      .replaceAll('/etc/helm-sigstore', this.names['/etc/helm-sigstore'] ?? '')
      .replace('4f0c…', '$(sha256sum mirror/manifest.json | cut -c1-64)');
    // It goes on running, as in another terminal.
    return / log serve /.test(line)
      ? `setsid ${here} ${here.includes('--listen') ? '' : `--listen 127.0.0.1:${port}`} > serve.txt 2>&1 & echo $! > ${this.directory}/serve.pid
         until grep -q ^Tree serve.txt; do sleep 0.1; done; cat serve.txt`
      : here;
  }

  /** What was seen, with the names of documents in it. */
  asDocumented(output: string): string {
    return output
      .replaceAll(this.names['RELEASES'] ?? '', 'RELEASES')
      .replaceAll(path.join(this.directory, 'chart-log'), LOG_DIRECTORY)
      .replaceAll(`127.0.0.1:${this.names['port'] ?? ''}`, OWN_LOG)
      .replaceAll(this.names[OWN_FILES] ?? OWN_FILES, OWN_FILES)
      .replaceAll(this.names['/etc/helm-sigstore'] ?? '', '/etc/helm-sigstore')
      .replaceAll(`${this.directory}/home`, '/home/you')
      .replaceAll(this.directory, '/home/you')
      .replaceAll(this.env['HTTPS_PROXY'] ?? '', 'PROXY');
  }

  /** Ends the log that a line started. */
  async endLog(): Promise<void> {
    await this.shell(
      'kill -- -$(cat ../serve.pid); while kill -0 -- -$(cat ../serve.pid) 2>&-; do sleep 0.1; done; rm ../serve.pid',
    );
  }

  /** Uses the log of this stage, whose key is then trusted, where no other log is named. */
  async useLog(): Promise<void> {
    await this.shell(this.written('helm sigstore log use https://rekor.example.com --fingerprint HEX'));
  }

  /** Serves a folder of the reader, which need not be there yet. */
  async serve(folder: string): Promise<void> {
    const files = await serveFiles(path.join(this.work, folder));
    onTestFinished(files.close);
    this.names[OWN_FILES] = new URL(files.url).host;
  }

  /** Keeps the key of the publisher of examples/. */
  async addKey(): Promise<void> {
    await this.shell(`helm sigstore keys add publisher.asc --fingerprint ${PUBLISHER}`);
  }

  /** Makes a key for somebody who signs, without a passphrase, by the line that documents have for it. */
  async makeKey(line: string): Promise<void> {
    await writeFile(path.join(this.directory, 'home/.gnupg/gpg.conf'), 'pinentry-mode loopback\n');
    await this.shell(line.replace('gpg ', "gpg --batch --quiet --passphrase '' "));
  }

  /** The files that documents name. */
  private async place(keyring: string): Promise<void> {
    const work = (...names: string[]) => path.join(this.work, ...names);
    await copyFile(keyring, work('helm-sigstore.gpg'));
    await copyFile(path.join(examples, 'publisher.asc'), work('publisher.asc'));
    await copyFile(this.world.log.publicKeyPath, work('log.pem'));
    await cp(path.join(examples, 'hello'), work('hello'), { recursive: true });
    for (const folder of ['.', 'charts', 'archives']) {
      await mkdir(work(folder), { recursive: true });
      for (const name of [HELLO, `${HELLO}.prov`])
        await copyFile(path.join(examples, name), work(folder, name));
    }
    const entries = { hello: [{ name: 'hello', version: '0.1.0', urls: [HELLO] }] };
    await writeFile(work('index.yaml'), dump({ apiVersion: 'v1', entries }));
    await writeFile(work('values.yaml'), '{}\n');
  }

  /** Puts the chart of examples/ on the log, and charts on the servers. */
  private async publish(charts: ChartServer, store: Awaited<ReturnType<typeof serveRegistry>>['store']) {
    const { world } = this;
    this.names['LOG'] = logKeyFromPem(world.log.publicKeyPem).logId;
    const elsewhere = path.join(this.directory, 'publisher');
    await mkdir(elsewhere);
    for (const name of [HELLO, `${HELLO}.prov`])
      await copyFile(path.join(examples, name), path.join(elsewhere, name));
    const upload = `helm sigstore upload ${HELLO} --keyring ../work/publisher.asc --rekor-public-key ../work/log.pem`;
    await this.shell(`cd ${elsewhere} && ${upload}`, {
      HELM_SIGSTORE_HOME: path.join(elsewhere, 'state'),
      REKOR_SERVER: 'https://rekor.example.com',
    });
    const app = await world.keptChart('app');
    const hello = path.join(elsewhere, HELLO);
    const index: Record<string, object[]> = {};
    for (const [name, file] of [
      ['hello', hello],
      ['app', app.path],
    ] as const) {
      const archive = await readFile(file);
      for (const end of ['', '.prov', '.rekor.json'])
        charts.put(`/${path.basename(file)}${end}`, await readFile(`${file}${end}`));
      index[name] = [{ ...entry(name), digest: sha256Hex(archive) }];
      const provenance = await readFile(`${file}.prov`, 'utf8');
      store.addChart(`charts/${name}`, archive, '0.1.0', provenance);
    }
    charts.put('/unsigned-0.1.0.tgz', await chartArchive('unsigned', '0.1.0'));
    index['unsigned'] = [entry('unsigned')];
    charts.put('/index.yaml', dump({ apiVersion: 'v1', entries: index }));
    charts.put('/publisher.asc', await readFile(path.join(examples, 'publisher.asc')));
  }
}

function entry(name: string) {
  return { apiVersion: 'v2', name, version: '0.1.0', urls: [`${name}-0.1.0.tgz`] };
}
