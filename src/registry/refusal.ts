import { decodeUtf8, excerpt } from '../encoding.ts';
import { MalformedError, SigstoreError } from '../errors.ts';
import { describeUrl } from '../http/request.ts';
import { parseJson } from '../shape.ts';

/** An answer of a registry that is not the one that was wanted. */
export interface RefusingAnswer {
  readonly url: URL;
  readonly status: number;
  readonly body: Uint8Array;
}

/** The error for an answer with a status that was not expected, with the registry's own words. */
export function registryRefusal(answer: RefusingAnswer, hint?: string): SigstoreError {
  const { url, status, body } = answer;
  const words = wordsIn(body);
  const said = words === '' ? '' : `: ${excerpt(words, 200)}`;
  return new SigstoreError('UNCHECKED', `${describeUrl(url)} answered with status ${status}${said}`, hint);
}

/** The error for an answer that makes no sense. */
export function badRegistryAnswer(url: URL, what: string): SigstoreError {
  return new SigstoreError(
    'UNCHECKED',
    `${describeUrl(url)} gave an answer that cannot be used: ${what}`,
    'check that this is the address of a registry, and that nothing answers in its place',
  );
}

/** What a registry says went wrong: distribution specification 1.1, "Error Codes". */
function wordsIn(body: Uint8Array): string {
  try {
    const { errors } = parseJson(body) as { readonly errors?: unknown };
    const [first] = Array.isArray(errors) ? (errors as readonly unknown[]) : [];
    const { code, message } = (first ?? {}) as Readonly<Record<string, unknown>>;
    const words = [code, message].filter((each): each is string => typeof each === 'string' && each !== '');
    return words.join(': ');
  } catch (error) {
    if (!(error instanceof MalformedError || error instanceof TypeError)) throw error;
    return plainTextIn(body);
  }
}

function plainTextIn(body: Uint8Array): string {
  try {
    const text = decodeUtf8(body).trim();
    return text.startsWith('<') ? 'an HTML page' : text;
  } catch {
    return '';
  }
}
