import type { Helm } from '../../scripts/fetch-helm.mjs';

/** Which route works with which Helm: what the tests found, as it stands in docs/install.md. */
export class RouteTable {
  readonly #cells = new Map<string, Map<string, string>>();
  readonly #reasons: string[] = [];
  readonly #versions: readonly string[];

  constructor(versions: readonly string[]) {
    this.#versions = [...versions].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  }

  ok(route: string, helm: Helm): void {
    this.#put(route, helm, 'ok');
  }

  /** Helm does not do this, for a reason of its own. */
  skipped(route: string, helm: Helm, reason: string): void {
    if (!this.#reasons.includes(reason)) this.#reasons.push(reason);
    this.#put(route, helm, `– (${this.#reasons.indexOf(reason) + 1})`);
  }

  /** In Markdown; a cell that no test filled is empty. */
  text(): string {
    const rows = [...this.#cells].map(([route, cells]) => [
      route,
      ...this.#versions.map((version) => cells.get(version) ?? ''),
    ]);
    const header = ['installed from', ...this.#versions];
    const table = [header, header.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
    const reasons = this.#reasons.map((reason, index) => `(${index + 1}) \`${reason}\``);
    return [...table, '', `What Helm says: ${reasons.join(', ')}`, ''].join('\n');
  }

  #put(route: string, { version }: Helm, cell: string): void {
    const row = this.#cells.get(route) ?? new Map<string, string>();
    this.#cells.set(route, row.set(version, cell));
  }
}
