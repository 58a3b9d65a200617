/** How an option is spelt, what it means, and where its value comes from when it is not given. */
export interface OptionDeclaration {
  /** In the syntax of commander. */
  readonly flags: string;
  readonly description: string;
  /** The environment variable that is used when the option is not given; an empty one is unset. */
  readonly variable?: string;
  readonly default?: string;
  /** The only values that it takes. */
  readonly choices?: readonly string[];
  /** May be given several times; each gives one more value. */
  readonly repeatable?: true;
  /**
   * May be given only once, because a second value must not be ignored. For other options the last value
   * counts.
   */
  readonly once?: true;
  /** Takes a path, and a URL as well. */
  readonly mayBeUrl?: true;
}
