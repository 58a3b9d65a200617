import { once } from 'node:events';
import { fetchRekor } from '../../../scripts/fetch-rekor.mjs';
import { missingPrograms } from '../prerequisites.ts';
import { holdMetricsPort } from './metrics-port.ts';
import { Stack } from './stack.ts';

// A real Rekor for the benchmark: says where it is, and ends with its standard input.
const missing = missingPrograms();
if (missing !== undefined) throw new Error(`a real Rekor needs ${missing}`);
const releasePort = await holdMetricsPort();
const stack = await Stack.start(await fetchRekor());
try {
  const { url, publicKey } = await stack.startRekor();
  console.log(JSON.stringify({ url, publicKey }));
  await once(process.stdin.resume(), 'end');
} finally {
  await stack.remove();
  releasePort();
}
