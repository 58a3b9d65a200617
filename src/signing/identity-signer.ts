import {
  findSigner,
  signAs,
  type Announcement,
  type FoundSigner,
  type IdentityContext,
  type IdentityOptions,
  type SignedByIdentity,
} from '../identity/sign-by-identity.ts';
import type { ChartToSign } from '../identity/release-statement.ts';

/** Signs charts one after the other by one identity, with one certificate, whoever asks for it and when. */
export class IdentitySigner {
  readonly #options: IdentityOptions;
  readonly #context: IdentityContext;
  readonly #waiting: ChartToSign[] = [];
  #signing: AsyncGenerator<SignedByIdentity, void, void> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #found: FoundSigner | undefined;

  /** @param announce is told what becomes public, once, before the first chart is signed, whatever becomes of it */
  constructor(
    options: IdentityOptions,
    context: Omit<IdentityContext, 'announce'>,
    announce: IdentityContext['announce'],
  ) {
    this.#options = options;
    let isAnnounced = false;
    this.#context = {
      ...context,
      announce: (announcement) => {
        if (!isAnnounced) announce(announcement);
        isAnnounced = true;
      },
    };
  }

  /** By whom it signs. Nothing is announced, and nothing sent. Throws UsageError and InputError as `findSigner` does. */
  async who(): Promise<Announcement> {
    const { announcement } = await this.#inTurn(() => this.#find());
    return announcement;
  }

  /** Throws UsageError, InputError and LogError as `signByIdentity` does. */
  async sign(chart: ChartToSign): Promise<SignedByIdentity> {
    return await this.#inTurn(() => this.#signNow(chart));
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    return await mine;
  }

  async #find(): Promise<FoundSigner> {
    return (this.#found ??= await findSigner(this.#options, this.#context));
  }

  async #signNow(chart: ChartToSign): Promise<SignedByIdentity> {
    const found = await this.#find();
    this.#waiting.push(chart);
    this.#signing ??= signAs(found, this.#given(), this.#options.format, this.#context);
    try {
      const { value } = await this.#signing.next();
      if (value === undefined) throw new Error('the signer ended before the charts did');
      return value;
    } catch (error) {
      // It has ended. The next chart begins anew.
      this.#signing = undefined;
      this.#waiting.length = 0;
      throw error;
    }
  }

  *#given(): Generator<ChartToSign, void, void> {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) yield next;
  }
}
