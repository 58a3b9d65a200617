/**
 * The part of undici that is used and bundled. Its index would add fetch, caches and WebSockets, which are
 * twice as large.
 */
export { default as Client } from 'undici/lib/dispatcher/client.js';
