/** Secrets of a run that it never shows, whoever repeats them: a server in an error, or a file. */
export class Concealed {
  readonly #forms = new Set<string>();

  /** @param secret of visible ASCII characters, eight or more: fewer would be in much that is no secret */
  add(secret: string): void {
    this.#forms
      .add(secret)
      .add(encodeURIComponent(secret))
      .add(base64Of(secret))
      .add(base64Of(`Bearer ${secret}`));
  }

  /** The text with stars in place of each secret, as it is, in a URL and in base64. */
  hide(text: string): string {
    let shown = text;
    for (const form of this.#forms) shown = shown.replaceAll(form, '***');
    return shown;
  }
}

/** Without the last characters, which depend on what follows. */
function base64Of(secret: string): string {
  const whole = secret.length - (secret.length % 3);
  return Buffer.from(secret).subarray(0, whole).toString('base64');
}
