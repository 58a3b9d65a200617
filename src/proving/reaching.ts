import type { Login } from '../run/login.ts';

/** How the charts of a run are reached that are elsewhere. */
export interface Reaching {
  /** A user and a password that were given for the one chart of this run. */
  readonly login?: Login | undefined;
  /** Whether a chart that the gate gives to nobody is fetched all the same, to be explained: see `refused` of `ChartFiles`. */
  readonly looksPastGate?: boolean | undefined;
}
