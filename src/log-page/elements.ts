/** Attributes of an element; their values are ours, never foreign text. */
export type Attributes = Readonly<Record<string, string>>;

/** A new element. Texts become text nodes: what is foreign in them is never read as HTML. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Text that somebody else wrote: it cannot turn what stands beside it around. */
export function foreign(text: string, kind = 'foreign'): HTMLElement {
  return element('bdi', { class: kind }, text);
}

/** A command that can be copied. */
export function command(text: string, say: (text: string) => void): HTMLElement {
  const button = element(
    'button',
    { type: 'button', class: 'copy', 'aria-label': 'Copy the command' },
    'Copy',
  );
  button.addEventListener('click', () => {
    // Browsers offer it on https and on loopback only.
    const clipboard = navigator.clipboard as Clipboard | undefined;
    void (clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'))).then(
      () => {
        say('Copied.');
      },
      () => {
        say('The browser does not let this page copy. Select the command instead.');
      },
    );
  });
  return element('div', { class: 'command' }, element('code', { tabindex: '0' }, text), button);
}

/** A time of a log, in UTC. */
export function timeElement(seconds: number): HTMLElement {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return element('span', {}, `${seconds} seconds after 1970`);
  const text = date.toISOString().replace(/\.[0-9]{3}Z$/, 'Z');
  return element('time', { datetime: text }, text.replace('T', ' ').replace('Z', ' UTC'));
}

/** A number for people. */
export function numberText(value: number): string {
  return value.toLocaleString('en');
}

/** The element of the document with this ID. */
export function byId<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}
