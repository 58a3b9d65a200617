// The rule of eslint that holds every regular expression to linear time: `linear-pattern.mjs` says what that means.

import { whyNotLinear } from './linear-pattern.mjs';

/** @type {import('eslint').Rule.RuleModule} */
export const linearPattern = {
  meta: {
    type: 'problem',
    docs: { description: 'regular expressions take time linear in their text' },
    messages: {
      slow: '{{why}}: anchor the pattern, or write a loop',
      unknown: 'a pattern is written out, so that it can be looked at',
    },
    schema: [],
  },
  create(context) {
    /** @type {(node: import('eslint').AST.Program | import('eslint').Rule.Node, source: string, flags: string) => void} */
    const look = (node, source, flags) => {
      const why = whyNotLinear(source, flags);
      if (why !== undefined) context.report({ node, messageId: 'slow', data: { why } });
    };
    /** @type {(node: Extract<import('eslint').Rule.Node, { type: 'NewExpression' | 'CallExpression' }>) => void} */
    const lookAtCall = (node) => {
      if (node.callee.type !== 'Identifier' || node.callee.name !== 'RegExp') return;
      const [source, flags] = node.arguments;
      if (source?.type === 'Literal' && 'regex' in source) return; // looked at as a literal
      if (typeof textOf(source) !== 'string' || (flags && typeof textOf(flags) !== 'string'))
        context.report({ node, messageId: 'unknown' });
      else look(node, /** @type {string} */ (textOf(source)), textOf(flags) ?? '');
    };
    return {
      Literal(node) {
        if ('regex' in node && node.regex) look(node, node.regex.pattern, node.regex.flags);
      },
      NewExpression: lookAtCall,
      CallExpression: lookAtCall,
    };
  },
};

/**
 * @param {{ type: string, value?: unknown } | undefined} node
 * @returns {string | undefined}
 */
function textOf(node) {
  return node?.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
}
