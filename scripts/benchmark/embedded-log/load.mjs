// A process that sends prepared requests to a server of a log, and prints what came of it, as JSON: URL FILE CLIENTS
//
// It takes as little CPU as it can, as it shares the machine with the server: the requests are bytes already, and of an answer
// only the status and the length are read. Each client has one connection, and asks again when it was answered.
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { requestsIn } from './requests.mjs';

/** The end of an answer in chunks (RFC 9112 7.1). */
const END = Buffer.from('\r\n0\r\n\r\n');

const [, , url = '', file = '', clients = '16'] = process.argv;
const requests = requestsIn(await readFile(file));
const { hostname, port } = new URL(url);
const times = new Float64Array(requests.length);
let next = 0;

const began = { wall: performance.now(), cpu: process.cpuUsage() };
await Promise.all(Array.from({ length: Number(clients) }, client));
const { user, system } = process.cpuUsage(began.cpu);
const sorted = times.sort();
const at = (/** @type {number} */ part) => sorted[Math.floor(part * (sorted.length - 1))] ?? 0;
const wall = performance.now() - began.wall;
console.log(JSON.stringify({ wall, cpu: (user + system) / 1000, p50: at(0.5), p99: at(0.99), most: at(1) }));

/** Sends requests until none is left. */
async function client() {
  await new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    let [number, sent] = [0, 0];
    /** What is missing of the answer, in bytes: negative before its head was read, infinite when only its end will tell. */
    let missing = -1;
    const send = () => {
      const request = requests[next];
      if (request === undefined) {
        socket.destroy();
        resolve(undefined);
        return;
      }
      [number, sent, missing] = [next++, performance.now(), -1];
      socket.write(request);
    };
    socket.on('connect', send);
    socket.on('data', (bytes) => {
      missing = missing < 0 ? missingOf(bytes) : missing - bytes.length;
      if (missing > 0 && !(missing === Infinity && bytes.subarray(-END.length).equals(END))) return;
      times[number] = performance.now() - sent;
      send();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the server closed a connection')));
  });
}

/**
 * How many bytes of an answer follow those that came first, which have its whole head.
 * @param {Buffer} bytes
 */
function missingOf(bytes) {
  const end = bytes.indexOf('\r\n\r\n') + 4;
  const head = bytes.toString('latin1', 0, end);
  const [, status] = /^HTTP\/1\.1 (\d+)/.exec(head) ?? [];
  const [, length] = /\r\ncontent-length: (\d+)/i.exec(head) ?? [];
  if (status !== '200' && status !== '201')
    throw new Error(`expected 200 or 201, found ${bytes.toString('latin1', 0, 1000)}`);
  return length === undefined ? Infinity : end + Number(length) - bytes.length;
}
