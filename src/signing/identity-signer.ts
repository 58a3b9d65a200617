import type {
  Announcement,
  IdentityContext,
  IdentityOptions,
  SignedByIdentity,
} from '../identity/sign-by-identity.ts';
import { signByIdentity } from '../identity/sign-by-identity.ts';
import type { ChartToSign } from '../identity/release-statement.ts';

/** Signs charts one after the other by one identity, with one certificate, whoever asks for it and when. */
export class IdentitySigner {
  readonly #options: IdentityOptions;
  readonly #context: IdentityContext;
  readonly #waiting: ChartToSign[] = [];
  #signing: AsyncGenerator<SignedByIdentity, void, void> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #announced: Announcement | undefined;

  /** @param context who is told what becomes public is told once, whatever becomes of a chart */
  constructor(
    options: IdentityOptions,
    context: Omit<IdentityContext, 'announce'>,
    announce: IdentityContext['announce'],
  ) {
    this.#options = options;
    this.#context = {
      ...context,
      announce: (announcement) => {
        if (this.#announced === undefined) announce(announcement);
        this.#announced = announcement;
      },
    };
  }

  /** By whom it signs. Throws UsageError and InputError as `signByIdentity` does. */
  async who(): Promise<Announcement> {
    if (this.#announced === undefined) {
      const asked = this.#last.then(async () => {
        // Without a chart it ends when it has found that out.
        if (this.#announced === undefined) await signByIdentity([], this.#options, this.#context).next();
      });
      this.#last = asked.catch(() => undefined);
      await asked;
    }
    if (this.#announced === undefined) throw new Error('nobody was announced');
    return this.#announced;
  }

  /** Throws UsageError, InputError and LogError as `signByIdentity` does. */
  async sign(chart: ChartToSign): Promise<SignedByIdentity> {
    const mine = this.#last.then(async () => await this.#signNow(chart));
    this.#last = mine.catch(() => undefined);
    return await mine;
  }

  async #signNow(chart: ChartToSign): Promise<SignedByIdentity> {
    this.#waiting.push(chart);
    this.#signing ??= signByIdentity(this.#given(), this.#options, this.#context);
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
