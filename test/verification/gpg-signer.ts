import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GnupgHome } from '../support/gnupg.ts';

/** Why a key was revoked, as gpg numbers it. RFC 9580 5.2.3.31. */
const REASON = { none: 0, compromised: 1, superseded: 2, retired: 3 } as const;

export type Reason = keyof typeof REASON;

/** A publisher who has gpg do everything, at times that the test chooses (seconds since 1970). */
export class GpgSigner {
  private constructor(
    readonly home: GnupgHome,
    /** Of the primary key. */
    readonly fingerprint: string,
  ) {}

  /** Has gpg make an Ed25519 key that signs; `until` is when it expires. */
  static async create(home: GnupgHome, at: number, until?: number): Promise<GpgSigner> {
    const name = `Publisher ${created++} <publisher@charts.example>`;
    const made = ['--status-fd', '1', '--quick-generate-key', name, 'ed25519', 'sign', span(at, until)];
    const status = await act(home, at, made);
    const [, fingerprint] = /KEY_CREATED P ([0-9A-F]{40})/.exec(status.toString()) ?? [];
    if (fingerprint === undefined) throw new Error('gpg made no key');
    return new GpgSigner(home, fingerprint);
  }

  /** The certificate as gpg exports it now. */
  async certificate(): Promise<Uint8Array> {
    return await this.home.gpg(['--export', this.fingerprint]);
  }

  /** A cleartext signature over the text, by the newest key that may sign. */
  async sign(text: string, at: number): Promise<Uint8Array> {
    const path = await this.#file('signed', text);
    const options = ['--ignore-time-conflict', '--digest-algo', 'SHA512', '--local-user', this.fingerprint];
    return await act(this.home, at, [...options, '--output', '-', '--clearsign', path]);
  }

  /** Replaces the self-signature by one that says another end. */
  async expireAt(until: number, at: number): Promise<void> {
    await act(this.home, at, ['--quick-set-expire', this.fingerprint, span(at, until)]);
  }

  async addSubkey(at: number): Promise<void> {
    await act(this.home, at, ['--quick-add-key', this.fingerprint, 'ed25519', 'sign', 'never']);
  }

  async revoke(reason: Reason, at: number): Promise<void> {
    await this.#revokeBy('--generate-revocation', reason, at);
  }

  /** Has another key, which `nameRevoker` named, revoke this one. */
  async revokeByRevoker(reason: Reason, at: number): Promise<void> {
    await this.#revokeBy('--generate-designated-revocation', reason, at);
  }

  /** Revokes the subkey of this number, beginning with 1. */
  async revokeSubkey(number: number, reason: Reason, at: number): Promise<void> {
    await this.#edit([`key ${number}`, 'revkey', 'y', ...revocationAnswers(reason), 'save'], at);
  }

  async nameRevoker({ fingerprint }: GpgSigner, at: number): Promise<void> {
    await this.#edit(['addrevoker', fingerprint, 'y', 'save'], at);
  }

  async #revokeBy(command: string, reason: Reason, at: number): Promise<void> {
    const answers = ['y', ...revocationAnswers(reason)];
    const revocation = await this.#converse([command, this.fingerprint], answers, at);
    await act(this.home, at, ['--import', await this.#file('revocation', revocation)]);
  }

  async #edit(answers: readonly string[], at: number): Promise<void> {
    await this.#converse(['--edit-key', this.fingerprint], answers, at);
  }

  /** Runs a command that asks, which gpg does not do with `--batch`. */
  async #converse(command: readonly string[], answers: readonly string[], at: number): Promise<Uint8Array> {
    const path = await this.#file('answers', answers.map((answer) => `${answer}\n`).join(''));
    return await act(this.home, at, ['--no-batch', '--no-tty', '--command-file', path, ...command]);
  }

  async #file(name: string, content: string | Uint8Array): Promise<string> {
    const path = join(this.home.path, name);
    await writeFile(path, content);
    return path;
  }
}

let created = 0;

async function act(home: GnupgHome, at: number, args: readonly string[]): Promise<Buffer> {
  return await home.gpgWithSecrets(['--faked-system-time', `${at}!`, ...args]);
}

/** How long a key lives from now, as gpg takes it. */
function span(at: number, until?: number): string {
  return until === undefined ? 'never' : `seconds=${until - at}`;
}

/** The reason, no description of it, and yes. */
function revocationAnswers(reason: Reason): string[] {
  return [`${REASON[reason]}`, '', 'y'];
}
