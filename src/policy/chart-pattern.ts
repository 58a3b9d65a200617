import { excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { isGated } from '../gate-schemes.ts';
import { isReferenceText, normaliseReference } from './asked-reference.ts';
import { fillGlob, isLiteral, parseGlob, type Glob } from './glob.ts';
import { PolicyError } from './policy-error.ts';
import type { Located } from './policy-members.ts';

/** Which charts a rule is about: a pattern for references, or, without `://`, one for the names of charts. */
export interface ChartPattern extends Located {
  readonly of: 'reference' | 'name';
  readonly glob: Glob;
}

/**
 * A pattern that some reference, or some name, matches. That it does is shown by finding one, so a pattern is refused too
 * whose only matches are so odd that none is found.
 * @throws PolicyError
 */
export function parseChartPattern({ value, at }: Located): ChartPattern {
  const glob = parseGlob(value);
  if (glob === undefined)
    throw new PolicyError(at, `expected * or ** in a pattern, found three stars in ${excerpt(value)}`);
  const of = isReferenceText(value) ? 'reference' : 'name';
  const why = of === 'reference' ? whyNoReference(glob) : whyNoName(glob);
  if (why !== undefined)
    throw new PolicyError(at, `no ${of} can match the pattern ${excerpt(value)}: ${why}`, HINTS[of]);
  return { value, at, of, glob };
}

const HINTS = {
  reference:
    'write references as they are compared: HOST in lower case, no default port, no tag, nothing encoded but / : @ and the like in a query',
  name: 'a pattern for references begins with a scheme, such as https:// or oci://',
};

/** What Helm takes for the name of a chart. */
const NAME = /^[A-Za-z0-9._-]{1,250}$/;

function whyNoName(glob: Glob): string | undefined {
  return NAME.test(fillGlob(glob, () => 'x')) ? undefined : 'it is no name of a chart';
}

function whyNoReference(glob: Glob): string | undefined {
  if (isGated(glob.text.toLowerCase())) return 'a rule is chosen by the address behind sigstore+';
  let why: string | undefined;
  for (const witness of witnesses(glob)) {
    try {
      const normal = normaliseReference(witness);
      if (normal === witness) return undefined;
      why ??= `it would be written ${excerpt(isLiteral(glob) ? normal : normal.replaceAll('xx', '*'))}`;
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      why ??= error.message;
    }
  }
  return why;
}

/** Values that the pattern stands for. A wildcard may stand for a scheme, a host, a port, or a part of a path. */
function* witnesses(glob: Glob): Generator<string> {
  for (const word of ['xx', 'xx/xx', '', '1'])
    yield fillGlob(glob, (before) => {
      const scheme = before.indexOf('://');
      if (scheme < 0) return before === '' ? 'https' : '';
      const isPort = before.endsWith(':') && !before.includes('/', scheme + 3);
      return isPort ? '8443' : word;
    });
}
