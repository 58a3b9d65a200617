import type { Diagnosis } from '../errors.ts';
import type { Answer, ShownResult } from './answer.ts';
import { writeDiagnosis } from './diagnose.ts';
import type { ExitStatus } from './exit-status.ts';
import { KeptJson } from './kept-json.ts';
import type { Output, Outputs } from './output.ts';

/** How an answer is written: for people, as one JSON document, or as one document a line. */
export type OutputForm = 'text' | 'json' | 'jsonl';

/** What was asked for: the members that every document has. */
export interface Asked {
  /** Absent when the command line was not understood, or asks for help. */
  readonly command?: string;
  /** The options that weaken something: whoever reads the answer must know. */
  readonly insecure?: readonly string[];
}

/** Writes the answer of a run: each result as it comes, and the rest at the end. Whoever waits for it waits for a slow reader. */
export interface Printer {
  readonly show: (result: ShownResult) => Promise<void>;
  readonly end: (answer: Answer) => Promise<void>;
}

/**
 * A printer in this form; diagnoses for people go to stderr in each. What to do about a failure that many charts have is
 * said there once.
 */
export function printerIn(form: OutputForm, asked: Asked, { stdout, stderr }: Outputs): Printer {
  const printer = PRINTERS[form](stdout, asked);
  const toldHints = new Set<string>();
  const write = ({ hint, ...diagnosis }: Diagnosis) => {
    const isNew = hint !== undefined && !toldHints.has(hint);
    if (isNew && toldHints.size < MOST_HINTS) toldHints.add(hint);
    writeDiagnosis({ ...diagnosis, ...(isNew && { hint }) }, stderr);
  };
  return {
    show: async (result) => {
      await printer.show(result);
      if (result.diagnosis !== undefined && !result.isOnlyCounted) write(result.diagnosis);
    },
    end: async (answer) => {
      await printer.end(answer);
      if (form === 'text') stderr.print(answer.summary ?? []);
      for (const diagnosis of answer.diagnoses ?? []) write(diagnosis);
    },
  };
}

/** How many different hints are remembered: some name a file, and there may be ten thousand charts. */
const MOST_HINTS = 100;

const PRINTERS: Record<OutputForm, (stdout: Output, asked: Asked) => Printer> = {
  text: textPrinter,
  json: jsonPrinter,
  jsonl: jsonLinesPrinter,
};

/** Separates results by an empty line. */
function textPrinter(stdout: Output): Printer {
  let isFirst = true;
  const write = async ({ text }: { readonly text: readonly string[] }) => {
    if (text.length === 0) return;
    stdout.print(isFirst ? text : ['', ...text]);
    isFirst = false;
    await stdout.arrived();
  };
  return { show: write, end: write };
}

/** Writes one document for the whole run, at its end. */
function jsonPrinter(stdout: Output, asked: Asked): Printer {
  const results = new KeptJson();
  const errors = new KeptJson();
  return {
    show: ({ status, members: { chart, ...members }, diagnosis, isOnlyCounted }) => {
      results.add({ ...(chart !== undefined && { chart }), status, ...members });
      if (diagnosis !== undefined && !isOnlyCounted) errors.add(errorOf(diagnosis));
      return Promise.resolve();
    },
    end: async ({ status, document, diagnoses = [] }) => {
      for (const diagnosis of diagnoses) errors.add(errorOf(diagnosis));
      const members = { ...document, ...(results.length > 0 && { results }) };
      await stdout.printDocument(envelope(asked, status, members, errors));
    },
  };
}

/** Writes one document for each result as it comes, and a last one for the run. */
function jsonLinesPrinter(stdout: Output, asked: Asked): Printer {
  const write = async (status: ExitStatus, members: object, diagnoses: readonly Diagnosis[]) => {
    await stdout.printJson(envelope(asked, status, members, diagnoses.map(errorOf)));
  };
  return {
    show: async ({ status, members, diagnosis }) => {
      await write(status, members, diagnosis === undefined ? [] : [diagnosis]);
    },
    end: async ({ status, document, diagnoses = [] }) => {
      await write(status, document, diagnoses);
    },
  };
}

/** What every document has, around its members. */
function envelope(
  { command, insecure = [] }: Asked,
  status: ExitStatus,
  members: object,
  errors: readonly object[] | KeptJson,
): object {
  return {
    schema: 'helm-sigstore/2',
    status,
    ...(command !== undefined && { command }),
    ...(insecure.length > 0 && { insecure }),
    ...members,
    ...(errors.length > 0 && { errors }),
  };
}

function errorOf({ code, message, hint }: Diagnosis): object {
  return { code, message, ...(hint && { hint }) };
}
