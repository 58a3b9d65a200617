import { RegExpParser, type AST } from '@eslint-community/regexpp';

/** What is done from a position on; says whether the match succeeds. */
type Matcher = (at: number, then: (at: number) => boolean) => boolean;

/**
 * How many characters a matcher looks at that searches a text for a pattern by trying one way after the other, as
 * engines do; but without what they know to save work. Another machine counts the same.
 * @param source of characters, sets and classes of them, groups, alternatives, repetitions, `^` and `$`
 * @throws Error for what else may be in a pattern
 */
export function stepsOfSearch(source: string, text: string): number {
  let steps = 0;
  const pattern = new RegExpParser().parsePattern(source);
  const match = anyOf(pattern.alternatives.map(sequence));
  for (let start = 0; start <= text.length; start++) if (match(start, () => true)) break;
  return steps;

  function sequence({ elements }: AST.Alternative): Matcher {
    return elements.map(element).reduceRight<Matcher>(
      (rest, first) => (at, then) => first(at, (next) => rest(next, then)),
      (at, then) => then(at),
    );
  }

  function element(node: AST.Element): Matcher {
    switch (node.type) {
      case 'Assertion':
        return edge(node);
      case 'Character':
      case 'CharacterSet':
      case 'CharacterClass':
        return oneOf(new RegExp(`^${node.raw}$`));
      case 'Group':
      case 'CapturingGroup':
        return anyOf(node.alternatives.map(sequence));
      case 'Quantifier':
        return repeated(node);
      case 'Backreference':
      case 'ExpressionCharacterClass':
        throw new Error(`this matcher does not know ${node.raw}`);
    }
  }

  function edge({ kind }: AST.Assertion): Matcher {
    return (at, then) => {
      steps++;
      return at === (kind === 'start' ? 0 : text.length) && then(at);
    };
  }

  function oneOf(accepts: RegExp): Matcher {
    return (at, then) => {
      steps++;
      return at < text.length && accepts.test(text.charAt(at)) && then(at + 1);
    };
  }

  function repeated({ element: once, min, max, greedy }: AST.Quantifier): Matcher {
    const match = element(once);
    const from = (times: number, at: number, then: (at: number) => boolean): boolean => {
      // A further time that takes nothing would be taken for ever.
      const more = () =>
        times < max && match(at, (next) => (next > at || times < min) && from(times + 1, next, then));
      if (times < min) return more();
      return greedy ? more() || then(at) : then(at) || more();
    };
    return (at, then) => from(0, at, then);
  }
}

function anyOf(matchers: readonly Matcher[]): Matcher {
  return (at, then) => matchers.some((match) => match(at, then));
}
