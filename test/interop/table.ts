import type { Client } from './clients/client.ts';
import type { NamedLog } from './global-setup.ts';

/** What was seen: a word for each row, server and client. */
export class Table {
  private readonly cells = new Map<string, string>();

  constructor(
    private readonly first: string,
    private readonly rows: readonly string[],
    private readonly servers: readonly NamedLog[],
    private readonly clients: readonly Pick<Client, 'name'>[],
  ) {}

  note(row: string, server: NamedLog, client: Pick<Client, 'name'>, seen: string): void {
    this.cells.set([row, server.name, client.name].join('\n'), seen);
  }

  /** In Markdown. */
  toString(): string {
    const columns = this.servers.flatMap((server) => this.clients.map((client) => [server, client] as const));
    const head = [this.first, ...columns.map(([server, client]) => `${server.name}, ${client.name}`)];
    const lines = this.rows.map((row) => [
      row,
      ...columns.map(
        ([server, client]) => this.cells.get([row, server.name, client.name].join('\n')) ?? 'not seen',
      ),
    ]);
    return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  }
}
