import { getBuiltinModule } from 'node:process';

/**
 * Has the heap grow by small steps. V8 lets it grow to a multiple of what is in use before it looks for garbage, so that a
 * run over thousands of charts took up to 80 MiB more, and no less time. V8 takes no compiled code that was kept under
 * other flags: what is loaded after this is compiled anew.
 */
export function growHeapSlowly(): void {
  // Loaded only here: few runs need it.
  getBuiltinModule('node:v8').setFlagsFromString('--optimize-for-size');
}
