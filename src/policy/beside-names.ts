import { excerpt } from '../encoding.ts';

/** Names that files get beside a policy, in its own folder: a policy names none that is elsewhere. */
export class BesideNames {
  readonly #names = new Map<string, string>();
  readonly #elsewhere: string[] = [];

  /** What a policy calls the file at a path: the path itself if that leads into the folder of the policy, else a name there. */
  nameOf(path: string): string {
    const known = this.#names.get(path);
    if (known !== undefined) return known;
    const isBeside = /^[^/\\:]+(?:\/[^/\\:]+)*$/.test(path) && !/(?:^|\/)\.\./.test(path);
    const last = (path.split(/[/\\:]/).at(-1) ?? '').replace(/^\.+/, '') || 'keys';
    let name = isBeside ? path : last;
    for (let count = 2; [...this.#names.values()].includes(name); count += 1) name = `${count}-${last}`;
    this.#names.set(path, name);
    if (!isBeside) this.#elsewhere.push(path);
    return name;
  }

  /** Comments that say what to put where. */
  lines(): string[] {
    if (this.#names.size === 0) return [];
    return [
      '# Paths are those of files beside this one.',
      ...this.#elsewhere.map(
        (path) => `# Copy ${excerpt(path, 300)} there, as ${excerpt(this.#names.get(path) ?? '', 300)}.`,
      ),
    ];
  }
}
