import { parse, resolve } from 'node:path';
import { cut } from '../encoding.ts';
import { InputError, messageOf, SigstoreError, type Hint } from '../errors.ts';
import {
  runProgram,
  SECRET_DESCRIPTOR,
  type ChildProgram,
  type EndedProgram,
} from '../files/child-program.ts';
import type { Deadline } from '../http/deadline.ts';

/** What a run of the user's gpg depends on. */
export interface GpgSurroundings extends Pick<ChildProgram, 'env' | 'platform'> {
  /** For questions that gpg answers by itself. */
  readonly deadline: () => Deadline;
  /** Ends a gpg at once that waits for a person. */
  readonly interrupted: AbortSignal;
  /** Of the secret key; undefined: the agent has it, or asks for it. */
  readonly passphrase: Uint8Array | undefined;
}

/** What gpg is told to sign, and how. */
export interface SigningOrder {
  /** Of the very key that signs. */
  readonly fingerprint: string;
  /** As gpg spells it: `SHA256`. */
  readonly digest: string;
}

/**
 * The user's own gpg, with its configuration, keys, agent and cards. It makes one signature at a time, so that a person is
 * asked for one passphrase, and not for sixteen.
 */
export class Gpg {
  readonly #around: GpgSurroundings;
  #before: Promise<unknown> = Promise.resolve();

  constructor(around: GpgSurroundings) {
    this.#around = around;
  }

  /**
   * What gpg, or a program that comes with it, answers to a question.
   * @throws InputError if it cannot be run, or does not end in time
   */
  async ask(words: readonly string[], program = 'gpg'): Promise<EndedProgram> {
    const { deadline } = this.#around;
    const call = this.#call(program, words);
    return await orExplained(program, () =>
      deadline().hold(({ signal }) => runProgram(call, OUTPUT_LIMIT, signal)),
    );
  }

  /** Does the work when all that was asked for before is done. */
  async inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = this.#before.then(work);
    this.#before = turn.catch(() => undefined);
    return await turn;
  }

  /**
   * The text as a cleartext-signed message, RFC 9580 7. Nobody has looked at it yet: the configuration of gpg may have added to it.
   * @throws InputError if gpg cannot be run, fails, or says nothing
   * @throws SigstoreError `UNCHECKED` if it was interrupted
   */
  async clearsign(text: string, { fingerprint, digest }: SigningOrder): Promise<Uint8Array> {
    const { passphrase, interrupted } = this.#around;
    const words = [
      ...['--batch', '--no-tty', '--status-fd', '2', ...OVERRULING],
      ...(passphrase ? ['--pinentry-mode', 'loopback', '--passphrase-fd', `${SECRET_DESCRIPTOR}`] : []),
      ...['--digest-algo', digest, '--local-user', `${fingerprint.toUpperCase()}!`],
      ...['--output', '-', '--clearsign'],
    ];
    const call = { ...this.#call('gpg', words), input: Buffer.from(text), secret: passphrase };
    const ended = await orExplained('gpg', () => runProgram(call, OUTPUT_LIMIT, interrupted));
    if (interrupted.aborted) throw new SigstoreError('UNCHECKED', 'interrupted while gpg signed');
    if (ended.status !== 0) throw failureOf(ended);
    if (ended.printed === '')
      throw new InputError(`gpg ended without an error, and wrote no signature${said(ended)}`, OWN_GPG);
    return Buffer.from(ended.printed);
  }

  #call(program: string, argv: readonly string[]): ChildProgram {
    const { platform, env } = this.#around;
    const home = env['GNUPGHOME'];
    return {
      program,
      argv,
      platform,
      env: home ? { ...env, GNUPGHOME: resolve(home) } : env,
      // Windows looks for programs in the working directory first, and charts of others may lie there.
      cwd: platform === 'win32' ? parse(resolve('.')).root : undefined,
    };
  }
}

/** Of what gpg writes: a certificate that many people certified has megabytes. */
const OUTPUT_LIMIT = 32 << 20;

/**
 * What a configuration may add that is no part of what Helm signs, taken out again. What cannot be taken out, such as a second
 * signer, shows in what gpg writes.
 */
const OVERRULING = [
  '--no-ask-sig-expire',
  ...['--default-sig-expire', '0'],
  '--no-comments',
  '--no-emit-version',
];

async function orExplained(program: string, run: () => Promise<EndedProgram>): Promise<EndedProgram> {
  try {
    return await run();
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing) throw new InputError(`there is no ${program} to sign with`, INSTALL, { cause: error });
    throw new InputError(`cannot run ${program}: ${messageOf(error)}`, undefined, { cause: error });
  }
}

const INSTALL = 'install GnuPG, and see that gpg is in a directory that PATH names';
const OWN_GPG = 'see that the gpg that PATH finds is that of GnuPG: gpg --version';

function failureOf(ended: EndedProgram): InputError {
  const code = Number(/^\[GNUPG:\] FAILURE [a-z-]+ ([0-9]+)/m.exec(ended.complained)?.[1] ?? NaN) & 0xffff;
  const { what, hint } = FAILURES.get(code) ?? { what: undefined, hint: undefined };
  const how = ended.status === undefined ? 'a signal ended it' : `it ended with status ${ended.status}`;
  return new InputError(`gpg did not sign: ${what ?? how}${said(ended)}`, hint);
}

const PINENTRY: Hint = {
  publisher: 'on a terminal, export GPG_TTY=$(tty); where nobody can be asked, give --passphrase-file',
};

/** What libgpg-error calls by these numbers, gpg-error.h. */
const FAILURES = new Map<number, { readonly what: string; readonly hint: Hint | undefined }>([
  [11, { what: 'the passphrase is wrong', hint: undefined }],
  [85, { what: 'it has no pinentry, which would ask for the passphrase', hint: PINENTRY }],
  [86, { what: 'its pinentry does not work, which would ask for the passphrase', hint: PINENTRY }],
  [99, { what: 'it was cancelled', hint: undefined }],
  [198, { what: 'it was cancelled', hint: undefined }],
  // The system's "inappropriate ioctl for device": a pinentry for terminals, and no terminal.
  [0x8000 | 102, { what: 'it has no terminal on which to ask for the passphrase', hint: PINENTRY }],
]);

/** What to do about a configuration that makes gpg sign otherwise than Helm can read. */
export const OWN_CONFIGURATION =
  'look into gpg.conf for options that change signatures, such as local-user, sig-notation or not-dash-escaped; and see that the gpg that PATH finds is that of GnuPG';

/** The words of gpg itself, in one line. */
export function said({ complained }: Pick<EndedProgram, 'complained'>): string {
  const lines = complained
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('[GNUPG:]'));
  if (lines.length === 0) return '';
  const all = lines.join('; ');
  return `: ${all.length > MESSAGE_LIMIT ? `${cut(all, MESSAGE_LIMIT)}…` : all}`;
}

const MESSAGE_LIMIT = 500;
