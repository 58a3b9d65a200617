/** A request that is answered with an error: `{"code": …, "message": …}` under an HTTP status. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly status: number,
    message: string,
    /** Rekor's code; above 600 those of its schema checks, else the status. */
    readonly code: number = status,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** The refusal of a request that does not fit the schema of the API: status 422 with the code of what is wrong. */
export function invalid(code: number, message: string): Refusal {
  return new Refusal(422, message, code);
}

/** The codes of schema checks. */
export const invalidity = { type: 601, required: 602, pattern: 605, value: 606, minimum: 609, items: 611 };
