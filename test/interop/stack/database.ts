import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { Part } from './part.ts';

const run = promisify(execFile);

/** A MariaDB of its own, in a directory. */
export class Database {
  private constructor(
    private readonly directory: string,
    readonly port: number,
    private part: Part,
  ) {}

  static async start(parent: string): Promise<Database> {
    const directory = path.join(parent, 'mariadb');
    await mkdir(directory);
    const data = [...DEFAULTS, `--datadir=${path.join(directory, 'data')}`];
    await run('mariadb-install-db', [...data, '--auth-root-authentication-method=normal', '--skip-test-db']);
    const port = await freePort();
    return new Database(directory, port, await startServer(directory, port));
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    await this.part.kill();
  }

  /** Starts it again, with what it had. */
  async startAgain(): Promise<void> {
    this.part = await startServer(this.directory, this.port);
  }

  /** Makes a database, with the tables of an SQL file if there is one. */
  async create(name: string, schema?: string): Promise<void> {
    const tables = schema === undefined ? '' : await readFile(schema, 'utf8');
    const statements = `CREATE DATABASE ${name}; USE ${name};\n${tables}`;
    const server = ['--protocol=tcp', '--host=127.0.0.1', `--port=${this.port}`, '--user=root'];
    await run('mariadb', ['--no-defaults', ...server, `--execute=${statements}`]);
  }

  /** How a Go program names one of its databases. */
  dataSource(name: string): string {
    return `root@tcp(127.0.0.1:${this.port})/${name}?parseTime=true&interpolateParams=true`;
  }
}

/** Whoever is root has to say that the database may be, too. */
const DEFAULTS = ['--no-defaults', ...(process.getuid?.() === 0 ? ['--user=root'] : [])];

async function startServer(directory: string, port: number): Promise<Part> {
  const argv = [
    ...DEFAULTS,
    `--datadir=${path.join(directory, 'data')}`,
    `--socket=${path.join(directory, 'socket')}`,
    `--pid-file=${path.join(directory, 'pid')}`,
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    '--skip-name-resolve',
    // Nothing is lost when it is killed; when the machine loses power, all may be.
    '--innodb-flush-log-at-trx-commit=2',
  ];
  return await Part.start({ command: 'mariadbd', argv, directory, name: 'mariadbd', port });
}
