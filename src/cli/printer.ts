import type { Diagnosis } from '../errors.ts';
import type { Answer, ShownResult } from './command.ts';
import type { Context, Output } from './context.ts';
import { writeDiagnosis } from './diagnose.ts';
import type { ExitStatus } from './exit-status.ts';

/** How an answer is written: for people, as one JSON document, or as one document a line. */
export type OutputForm = 'text' | 'json' | 'jsonl';

/** Whose answer it is, for the members that every document has. */
export interface Asked {
  /** Absent when the command line was not understood, or asks for help. */
  readonly command?: string;
  /** The options that weaken something: whoever reads the answer must know. */
  readonly insecure?: readonly string[];
}

/** Writes the answer of a run: results as they come, and what is left to say at its end. */
export interface Printer {
  readonly show: (result: ShownResult) => void;
  readonly end: (answer: Answer) => void;
}

/** A printer in this form; diagnoses for people go to stderr in each. */
export function printerIn(form: OutputForm, asked: Asked, { stdout, stderr }: Context): Printer {
  const printer = PRINTERS[form](stdout, asked);
  return {
    show: (result) => {
      printer.show(result);
      if (result.diagnosis !== undefined && !result.isOnlyCounted) writeDiagnosis(result.diagnosis, stderr);
    },
    end: (answer) => {
      printer.end(answer);
      if (form === 'text' && answer.summary !== undefined) stderr.write(`${answer.summary}\n`);
      for (const diagnosis of answer.diagnoses ?? []) writeDiagnosis(diagnosis, stderr);
    },
  };
}

const PRINTERS: Record<OutputForm, (stdout: Output, asked: Asked) => Printer> = {
  text: textPrinter,
  json: jsonPrinter,
  jsonl: jsonLinesPrinter,
};

/** Results are apart by an empty line. */
function textPrinter(stdout: Output): Printer {
  let isFirst = true;
  const write = (text: string) => {
    if (text === '') return;
    stdout.write(isFirst ? text : `\n${text}`);
    isFirst = false;
  };
  return {
    show: ({ text }) => {
      write(text);
    },
    end: ({ text }) => {
      write(text);
    },
  };
}

/** One document a run, at its end. */
function jsonPrinter(stdout: Output, asked: Asked): Printer {
  const results: object[] = [];
  const told: Diagnosis[] = [];
  return {
    show: ({ status, members: { chart, ...members }, diagnosis, isOnlyCounted }) => {
      results.push({ chart, status, ...members });
      if (diagnosis !== undefined && !isOnlyCounted) told.push(diagnosis);
    },
    end: ({ status, document, diagnoses = [] }) => {
      const members = { ...document, ...(results.length > 0 && { results }) };
      const whole = envelope(asked, status, members, [...told, ...diagnoses]);
      stdout.write(`${JSON.stringify(whole, null, 2)}\n`);
    },
  };
}

/** One document a result, when it comes, and a last one for the run. */
function jsonLinesPrinter(stdout: Output, asked: Asked): Printer {
  const write = (status: ExitStatus, members: object, diagnoses: readonly Diagnosis[]) => {
    stdout.write(`${JSON.stringify(envelope(asked, status, members, diagnoses))}\n`);
  };
  return {
    show: ({ status, members, diagnosis }) => {
      write(status, members, diagnosis === undefined ? [] : [diagnosis]);
    },
    end: ({ status, document, diagnoses = [] }) => {
      write(status, document, diagnoses);
    },
  };
}

/** What every document has, around its members. */
function envelope(
  { command, insecure = [] }: Asked,
  status: ExitStatus,
  members: object,
  diagnoses: readonly Diagnosis[],
): object {
  const errors = diagnoses.map(({ code, message, hint }) => ({ code, message, ...(hint && { hint }) }));
  return {
    schema: 'helm-sigstore/1',
    status,
    ...(command !== undefined && { command }),
    ...(insecure.length > 0 && { insecure }),
    ...members,
    ...(errors.length > 0 && { errors }),
  };
}
