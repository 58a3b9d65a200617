// What to measure, from the command line.
import path from 'node:path';
import { parseArgs } from 'node:util';

/**
 * @typedef {object} Log
 * @property {string} url
 * @property {string} publicKey a PEM file
 */

/**
 * @typedef {object} Plan
 * @property {string[]} only names of cases; empty: all
 * @property {number} rounds
 * @property {number[]} roundTrips milliseconds
 * @property {string | undefined} peer a program that is called like the Go plugin
 * @property {boolean} withRekor whether a real Rekor is started beside the log
 * @property {Log | undefined} log one that runs already; undefined: one is started
 * @property {string | undefined} json a file for what was found
 */

/**
 * @param {string[]} argv
 * @returns {Plan}
 * @throws {Error} when it makes no sense
 */
export function readPlan(argv) {
  const { values } = parseArgs({
    args: argv,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string', default: '21' },
      rtt: { type: 'string', default: '20,50' },
      peer: { type: 'string' },
      rekor: { type: 'boolean', default: false },
      json: { type: 'string' },
      server: { type: 'string' },
      'rekor-public-key': { type: 'string' },
    },
  });
  const { only, rounds, rtt, peer, rekor, json, server, 'rekor-public-key': publicKey } = values;
  return {
    only,
    rounds: wholeNumber('--rounds', rounds),
    roundTrips: rtt.split(',').map((text) => wholeNumber('--rtt', text)),
    peer: peer && path.resolve(peer),
    withRekor: rekor,
    json,
    log: server === undefined ? undefined : ownLog(server, publicKey),
  };
}

/**
 * A log that is written to: never one of others, where entries are for good.
 *
 * @param {string} url
 * @param {string | undefined} publicKey
 * @returns {Log}
 */
function ownLog(url, publicKey) {
  if (publicKey === undefined) throw new Error('--server needs --rekor-public-key');
  const { protocol, hostname } = new URL(url);
  if (protocol !== 'http:' || !['127.0.0.1', 'localhost'].includes(hostname))
    throw new Error(`--server expects a log on loopback over http, found ${url}`);
  return { url, publicKey };
}

/**
 * @param {string} option
 * @param {string} text
 */
function wholeNumber(option, text) {
  if (!/^[1-9][0-9]{0,5}$/.test(text))
    throw new Error(`${option} expects a whole number above 0, found ${text}`);
  return Number(text);
}
