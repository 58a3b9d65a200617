// A process that opens a log, answers, and prints what that cost, as JSON: LOG_MODULE DIRECTORY PROOFS
import { readFileSync } from 'node:fs';

const [, , module = '', directory = '', proofs = '0'] = process.argv;
/** @type {typeof import('../../../src/embedded-log/log/log.ts')} */
const { Log } = await import(module);

const began = { wall: performance.now(), cpu: process.cpuUsage() };
const log = await Log.open(directory, () => Math.floor(Date.now() / 1000));
const opened = took(began);
const memoryAtStart = process.memoryUsage().rss;
const { size } = log.head;

const reading = { wall: performance.now(), cpu: process.cpuUsage() };
let seed = 1;
for (let proof = 0; proof < Number(proofs); proof++) {
  seed = (seed * 48_271) % 2_147_483_647;
  await log.entry(seed % size);
}
const read = took(reading);

const asking = { wall: performance.now(), cpu: process.cpuUsage() };
for (let proof = 0; proof < 1000; proof++) {
  seed = (seed * 48_271) % 2_147_483_647;
  log.indexOf(seed.toString(16).padStart(64, '0'));
}
const asked = took(asking);
const memory = Number(/^VmHWM:\s+([0-9]+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1024;
await log.close();
console.log(JSON.stringify({ size, opened, memoryAtStart, memory, proofs: Number(proofs), read, asked }));

/** @param {{ wall: number, cpu: NodeJS.CpuUsage }} since */
function took({ wall, cpu }) {
  const { user, system } = process.cpuUsage(cpu);
  return { wall: performance.now() - wall, cpu: (user + system) / 1000 };
}
