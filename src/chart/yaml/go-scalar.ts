/**
 * The text that Helm reads from a YAML scalar without quotes, where it expects text. Numbers and truth values
 * are read as in YAML 1.1, and printed as Go prints them. An empty scalar or null gives `null`. Everything
 * else is taken as it is written.
 */
export function scalarAsGo(source: string): string | null {
  if (NOTHING.has(source)) return null;
  if (TRUE.test(source)) return 'true';
  if (FALSE.test(source)) return 'false';
  return numberAsGo(source) ?? source;
}

/** A YAML scalar without quotes that Go reads as a number or a truth value. */
export class Unquoted {
  /** @param source as it stands there */
  constructor(
    readonly source: string,
    readonly kind: 'number' | 'truth value',
  ) {}
}

/**
 * What Go reads from a YAML scalar without quotes, where it does not know that text is expected. Helm refuses
 * an index in which a name or a version is not text. An empty scalar gives empty text: for Go it is null as
 * well, but nobody means `null` by it.
 */
export function valueAsGo(source: string): string | Unquoted | null {
  if (source === '') return '';
  if (NOTHING.has(source)) return null;
  if (TRUE.test(source) || FALSE.test(source)) return new Unquoted(source, 'truth value');
  return numberAsGo(source) === undefined ? source : new Unquoted(source, 'number');
}

/** A number as Go prints it. */
function numberAsGo(source: string): string | undefined {
  if (!/^[-+.0-9]/.test(source) || source.length > LONGEST_NUMBER) return undefined;
  if (/^\.nan$/i.test(source)) return 'NaN';
  const infinity = /^([-+]?)\.inf$/i.exec(source);
  if (infinity !== null) return infinity[1] === '-' ? '-Inf' : '+Inf';
  const plain = source.startsWith('.') ? source : source.replaceAll('_', '');
  return integer(plain) ?? float(plain);
}

const NOTHING = new Set(['', '~', 'null', 'Null', 'NULL']);
const TRUE = /^(?:y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|false|False|FALSE|off|Off|OFF)$/;

/** In characters; no number of 64 bits needs as many. */
const LONGEST_NUMBER = 80;

/** An integer of 64 bits in decimal; a zero in front makes it octal. */
function integer(plain: string): string | undefined {
  const [, sign, digits = ''] =
    /^([-+]?)(0|[1-9][0-9]*|0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+)$/.exec(plain) ?? [];
  if (digits === '') return undefined;
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  const value = sign === '-' ? -magnitude : magnitude;
  // Only a number without a sign may have all 64 bits.
  const isWithin = value >= -(2n ** 63n) && value < 2n ** (sign === '' ? 64n : 63n);
  return isWithin ? value.toString() : undefined;
}

/** In the shortest form that is the same number of 32 bits. */
function float(plain: string): string | undefined {
  if (!/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(plain)) return undefined;
  const value = Number(plain);
  if (!Number.isFinite(value)) return undefined;
  const single = Math.fround(value);
  if (!Number.isFinite(single)) return value < 0 ? '-Inf' : '+Inf';
  let shortest = value;
  for (let digits = 1; digits <= 9; digits++) {
    shortest = Number(single.toPrecision(digits));
    if (Math.fround(shortest) === single) break;
  }
  const [mantissa = '', power = '0'] = shortest.toExponential().split('e');
  const exponent = Number(power);
  const sign = Object.is(value, -0) ? '-' : '';
  if (exponent >= -4 && exponent < 6) return `${sign}${String(shortest)}`;
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}
