import { getBuiltinModule, versions } from 'node:process';

/**
 * Has the heap grow by small steps. V8 lets it grow to a multiple of what is in use before it looks for garbage, so that a
 * run over thousands of charts took up to 80 MiB more, and no less time. V8 takes no compiled code that was kept under
 * other flags: what is loaded after this is compiled anew.
 */
export function growHeapSlowly(): void {
  setFlag('--optimize-for-size');
}

/**
 * Has V8 optimise a function when it has run ten times as much as usually. Its optimising compiler took a quarter of the
 * CPU time of a run over a thousand charts, more than it saved. What is loaded after this is compiled anew, as above.
 * That holds for Node 20, for which it was measured: others do nothing here, as V8 complains of flags that it does not know.
 * @param v8 its version; for tests
 */
export function optimiseLater(v8 = versions.v8): void {
  if (v8.startsWith('11.')) setFlag(`--interrupt-budget=${10 * USUAL_BUDGET}`);
}

/** In bytes of bytecode that a function runs. */
const USUAL_BUDGET = 67_584;

function setFlag(flag: string): void {
  // Loaded only here: few runs need it.
  getBuiltinModule('node:v8').setFlagsFromString(flag);
}
