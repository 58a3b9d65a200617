import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** An error of the source: where it is made, its code if that is written there, and its words, `…` for each part that differs. */
export interface ErrorText {
  readonly file: string;
  readonly code: string | undefined;
  readonly words: string;
}

const CODE_OF: Readonly<Record<string, string>> = {
  UsageError: 'USAGE',
  InputError: 'INPUT',
  NotFoundError: 'NOT_FOUND',
  RejectedError: 'REJECTED',
};

/** Of `… is …` the words come from elsewhere as well. */
const FEWEST_LETTERS = 3;

/** Every error that the source makes with words of its own; not those whose words come from elsewhere. */
export function errorTexts(): ErrorText[] {
  const source = join(import.meta.dirname, '../../src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const contents = files.map((file) => [file, readFileSync(join(source, file), 'utf8')] as const);
  const named = new Set(contents.flatMap(([, content]) => heirsIn(content)));
  return contents.flatMap(([file, content]) => textsIn(file, content, named));
}

/** The classes that are made with a code and words, as those of which they are a kind. */
function heirsIn(content: string): string[] {
  return [...content.matchAll(/class (\w+) extends (?:SigstoreError|LogError) \{\}/g)].map(
    ([, name = '']) => name,
  );
}

function textsIn(file: string, content: string, heirs: ReadonlySet<string>): ErrorText[] {
  const found: ErrorText[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node)) {
      const name = node.expression.getText();
      const takesCode = name === 'LogError' || name === 'SigstoreError' || heirs.has(name);
      const [first, second] = node.arguments ?? [];
      const code = takesCode && first && ts.isStringLiteral(first) ? first.text : CODE_OF[name];
      const message = takesCode ? second : first;
      if ((takesCode || name in CODE_OF) && message !== undefined)
        for (const words of wordsOf(message)) found.push({ file, code, words });
    }
    if (ts.isObjectLiteralExpression(node)) {
      const code = valueOf(node, 'code');
      const message = valueOf(node, 'message');
      if (code && ts.isStringLiteral(code) && message !== undefined)
        for (const words of wordsOf(message)) found.push({ file, code: code.text, words });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, content, ts.ScriptTarget.Latest, true));
  return found.filter(({ words }) => words.replace(/[^a-z]/gi, '').length > FEWEST_LETTERS);
}

function valueOf(literal: ts.ObjectLiteralExpression, name: string): ts.Expression | undefined {
  for (const property of literal.properties)
    if (ts.isPropertyAssignment(property) && property.name.getText() === name) return property.initializer;
  return undefined;
}

/** What a message may be; a part of it that only a run knows is `…`. */
function wordsOf(node: ts.Expression): string[] {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [node.text];
  if (ts.isTemplateExpression(node))
    return [node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('')];
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
    return wordsOf(node.left).flatMap((left) => wordsOf(node.right).map((right) => left + right));
  if (ts.isConditionalExpression(node)) return [...wordsOf(node.whenTrue), ...wordsOf(node.whenFalse)];
  return ['…'];
}
