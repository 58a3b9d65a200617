import type { ApiAnswer } from './api-message.ts';

declare const __LOG_PAGE__: string | undefined;

/** The files of the page by their names, put in as JSON by the build; sources that run unbuilt have no page. */
const BUILT = JSON.parse(typeof __LOG_PAGE__ === 'string' ? __LOG_PAGE__ : '{}') as Files;

type Files = Readonly<Record<string, string>>;

/**
 * The file of the page for people (`src/log-page`) at a path: `/`, or what that refers to, relative to it, so that it
 * works below a prefix. Undefined if there is none.
 */
export function pageAnswer(path: string, files: Files = BUILT): ApiAnswer | undefined {
  const name = path === '/' ? 'index.html' : path.slice(1);
  const type = name === 'index.html' && path !== '/' ? undefined : TYPES[name];
  const body = files[name];
  if (type === undefined || body === undefined) return undefined;
  return { status: 200, headers: { 'content-type': type, ...HEADERS }, body };
}

const TYPES: Readonly<Record<string, string | undefined>> = Object.assign(Object.create(null) as object, {
  'index.html': 'text/html; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
});

/** What the page may do: nothing but load its own files and ask its own log. Nobody may frame it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
];

const HEADERS = {
  'content-security-policy': POLICY.join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // A new version of the program brings a new page.
  'cache-control': 'no-cache',
};
