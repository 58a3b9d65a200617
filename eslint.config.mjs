import tseslint from 'typescript-eslint';
import { linearPattern } from './scripts/lint/linear-pattern-rule.mjs';

/** Rules of our own. */
const local = { rules: { 'linear-pattern': linearPattern } };

// Node 20 keeps the sources of both weakly: after a garbage collection they never abort.
const WEAK_SIGNALS = ['any', 'timeout'].map((property) => ({
  object: 'AbortSignal',
  property,
  message: 'use the class Deadline of http/deadline.ts, which owns its timers',
}));

export default tseslint.config(
  { ignores: ['dist/', 'build/', 'node_modules/', 'coverage/'] },
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'name what you export' },
        { selector: 'ExportAllDeclaration', message: 'no barrels: import from the file that defines it' },
      ],
    },
  },
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    rules: {
      'no-restricted-properties': ['error', ...WEAK_SIGNALS],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/run/context.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        {
          name: 'process',
          message: 'only run/context.ts reads the process; take what you need as an argument',
        },
        { name: 'fetch', message: 'use http/request.ts' },
        { name: 'console', message: 'write to the streams of the context' },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: ['process', 'node:process'].map((name) => ({
            name,
            importNames: ['stdin', 'stdout', 'stderr'],
            message: 'print to the outputs of the context: they escape, and hide credentials',
          })),
        },
      ],
      'no-restricted-properties': [
        'error',
        ...WEAK_SIGNALS,
        { object: 'Date', property: 'now', message: 'the clock is an argument' },
        { object: 'Math', property: 'random', message: 'randomness is an argument' },
      ],
    },
  },
  {
    // What runs in a browser has no process, and asks the log that served it.
    files: ['src/log-page/**'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...['process', 'Buffer', 'require', 'global', 'setImmediate'].map((name) => ({
          name,
          message: 'a browser has none',
        })),
        ...['eval', 'localStorage', 'sessionStorage'].map((name) => ({
          name,
          message: 'the page keeps nothing, and runs nothing but itself',
        })),
      ],
      'no-restricted-properties': [
        'error',
        ...WEAK_SIGNALS,
        ...['innerHTML', 'outerHTML', 'insertAdjacentHTML'].map((property) => ({
          property,
          message: 'foreign text is text: append it',
        })),
      ],
    },
  },
  {
    // What shares code with the program shares its errors.
    files: ['test/support/independent/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^(?!node:|\\./)', message: 'import nothing but Node and what is here' }] },
      ],
    },
  },
  {
    // The log of the tests of forgeries is made without the program, but for names of types.
    files: ['test/support/{hostile-api,hostile-log,log-keys,old-log,rewritten-log,statement}.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '/src/', allowTypeImports: true, message: 'take it from test/support/independent' },
          ],
        },
      ],
    },
  },
  {
    // Foreign text comes here: time grows with it, and no faster.
    files: ['src/**/*.ts', 'scripts/**/*.{mjs,cjs}', 'bin/*', '*.mjs'],
    plugins: { local },
    rules: { 'local/linear-pattern': 'error' },
  },
);
