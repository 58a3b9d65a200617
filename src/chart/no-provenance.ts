import { InputError, NotFoundError } from '../errors.ts';

/** A chart is there and has no provenance. A policy may still say what becomes of it. */
export class NoProvenanceError extends InputError {}

/** The same of a chart that is elsewhere. */
export class NoProvenanceOfferedError extends NotFoundError {}

/** Whether an error says that a chart is there and has no provenance. */
export function isWithoutProvenance(error: unknown): boolean {
  return error instanceof NoProvenanceError || error instanceof NoProvenanceOfferedError;
}
