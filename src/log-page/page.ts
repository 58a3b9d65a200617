// The page for people at `/` of the embedded log, as it runs in a browser. It asks the log that served it, nobody else.
import { MalformedError } from '../errors.ts';
import { chartIn, type ChosenChart } from './chosen-file.ts';
import { keyIn, type GivenKey } from './given-key.ts';
import { byId, element } from './elements.ts';
import { foreignText } from './foreign-text.ts';
import { LogApi, Unanswered } from './log-api.ts';
import { fragmentOf, placeAt, placeTyped, type Place } from './place.ts';
import { message, viewOf, type View } from './view.ts';

const page = location.href.replace(/[?#].*$/s, '');
const api = new LogApi(page);
/** The names of the files that were chosen here, by digest. They are gone with the page. */
const names = new Map<string, string>();
let key: GivenKey | undefined;
/** Counts what was begun: only the last of it is shown. */
let turn = 0;
let isFirst = true;
/** Ends what is said in passing. */
let fading: ReturnType<typeof setTimeout> | undefined;

const view = byId('view', HTMLElement);
const status = byId('status', HTMLElement);
const words = byId('words', HTMLInputElement);
const chartFile = byId('chart-file', HTMLInputElement);
const keyFile = byId('key-file', HTMLInputElement);
const keyText = byId('key-text', HTMLTextAreaElement);
const drop = byId('drop', HTMLElement);

/** Says something in passing. */
function say(text: string): void {
  status.classList.remove('sr');
  status.textContent = text;
  clearTimeout(fading);
  fading = setTimeout(() => {
    status.classList.add('sr');
  }, 5000);
}

/** Says to screen readers what others see. */
function sayAgain(text: string): void {
  clearTimeout(fading);
  status.classList.add('sr');
  status.textContent = text;
}

/** Goes to a place, also if the page is there already. */
function goTo(place: Place): void {
  const fragment = `#${fragmentOf(place)}`;
  if (location.hash === fragment) void showPlace();
  else location.hash = fragment;
}

async function showPlace(): Promise<void> {
  const mine = ++turn;
  const place = placeAt(location.hash.slice(1));
  say('Asking the log…');
  view.setAttribute('aria-busy', 'true');
  const shown = place === undefined ? UNKNOWN_PLACE : await viewOrReason(place);
  // Somebody went on meanwhile.
  if (mine === turn) show(shown);
}

const UNKNOWN_PLACE: View = {
  title: 'Nothing here',
  parts: [
    message('The address of this page ends in something that it does not know. Search for what you need.'),
  ],
};

async function viewOrReason(place: Place): Promise<View> {
  try {
    return await viewOf(place, { page, api, key, say, fileNamed: (sha256) => names.get(sha256) });
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error;
    return { title: 'No answer', parts: [message(error.message)] };
  }
}

function show({ title, about, parts }: View): void {
  const heading = element('h2', { tabindex: '-1' }, title);
  const isHome = location.hash.length < 2;
  const back = element('p', { class: 'back' }, element('a', { href: '#' }, '← Newest entries'));
  view.replaceChildren(...(isHome ? [] : [back]), heading, ...(about ? [about] : []), ...parts);
  view.removeAttribute('aria-busy');
  document.title = `${title} · Chart log`;
  sayAgain(`${title}.`);
  // Whoever opened the page stands at its beginning; whoever searched stands at the result.
  if (!isFirst) heading.focus();
  isFirst = false;
}

/** Says below a field what is wrong with what was put in; nothing, if it is right. */
function complain(field: HTMLElement, problem: string): void {
  const place = byId(`${field.id}-problem`, HTMLElement);
  place.textContent = problem;
  place.hidden = problem === '';
  field.setAttribute('aria-invalid', String(problem !== ''));
}

function searchWords(): void {
  const place = placeTyped(words.value);
  complain(
    words,
    place === undefined
      ? 'This is neither a SHA-256 digest, nor an e-mail address, an entry ID or a log index.'
      : '',
  );
  if (place === undefined) words.focus();
  else goTo(place);
}

async function searchFile(file: File | undefined): Promise<void> {
  if (file === undefined) return;
  const mine = ++turn;
  view.removeAttribute('aria-busy');
  complain(chartFile, '');
  say(`Computing the digest of ${foreignText(file.name)}…`);
  const chart = await chartIn(file).catch((error: unknown) => problemOf(error));
  if (mine !== turn) return;
  if (typeof chart === 'string') {
    sayAgain('');
    complain(chartFile, chart);
  } else searchChart(chart);
}

function searchChart({ name, sha256 }: ChosenChart): void {
  names.set(sha256, name);
  goTo({ kind: 'hash', sha256, page: 1 });
}

function searchKey(content: Uint8Array, field: HTMLElement): void {
  complain(keyFile, '');
  complain(keyText, '');
  try {
    key = keyIn(content);
    goTo({ kind: 'key', page: 1 });
  } catch (error) {
    complain(field, problemOf(error));
  }
}

async function searchKeyFile(file: File | undefined): Promise<void> {
  if (file === undefined) return;
  // One byte more than is taken.
  const content = await file.slice(0, (1 << 20) + 1).arrayBuffer();
  searchKey(new Uint8Array(content), keyFile);
}

/** What people are told of an error; that of a defect ends in the console. */
function problemOf(error: unknown): string {
  if (error instanceof MalformedError) return error.message;
  if (error instanceof DOMException) return 'The browser could not read this file.';
  throw error;
}

byId('search', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  searchWords();
});
chartFile.addEventListener('change', () => {
  void searchFile(chartFile.files?.[0]);
  // So that the same file can be chosen again.
  chartFile.value = '';
});
keyFile.addEventListener('change', () => {
  void searchKeyFile(keyFile.files?.[0]);
  keyFile.value = '';
});
byId('key-form', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  searchKey(new TextEncoder().encode(keyText.value), keyText);
});
// A file that is dropped beside the field would else take the place of the page.
document.addEventListener('dragover', (event) => {
  event.preventDefault();
  drop.classList.add('over');
});
document.addEventListener('dragleave', (event) => {
  if (event.relatedTarget === null) drop.classList.remove('over');
});
document.addEventListener('drop', (event) => {
  event.preventDefault();
  drop.classList.remove('over');
  void searchFile(event.dataTransfer?.files[0]);
});
addEventListener('hashchange', () => void showPlace());

byId('host', HTMLElement).textContent = page.replace(/^https?:\/\//, '').replace(/\/$/, '');
byId('without-script', HTMLElement).remove();
byId('with-script', HTMLElement).hidden = false;
void showPlace();
