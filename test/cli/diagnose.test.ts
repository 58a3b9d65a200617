import { describe, expect, it } from 'vitest';
import { diagnose, writeDiagnosis } from '../../src/cli/diagnose.ts';
import { InputError, UsageError } from '../../src/errors.ts';
import { outputTo } from '../support/program.ts';

function written(diagnosis: Parameters<typeof writeDiagnosis>[0]): string {
  let text = '';
  writeDiagnosis(
    diagnosis,
    outputTo((piece) => (text += piece)),
  );
  return text;
}

describe('errors', () => {
  it('are one line, and a hint is another', () => {
    expect(written(diagnose(new UsageError('expected a chart, found none', 'name one')))).toBe(
      'Error: expected a chart, found none\nHint: name one\n',
    );
  });

  it('stay on one line, whatever is in them', () => {
    expect(written(diagnose(new InputError('first\nsecond')))).toBe('Error: first\\u000asecond\n');
  });

  it('cannot send commands to a terminal', () => {
    const text = written(diagnose(new InputError('file \u001b]0;title\u0007\u009b31m.tgz')));
    expect(text).toBe('Error: file \\u001b]0;title\\u0007\\u009b31m.tgz\n');
  });

  it('of ours show no stack, but say that they are ours', () => {
    const text = written(diagnose(new TypeError('x is not a function')));
    expect(text).toMatch(
      /^Error: this is a defect of helm sigstore: x is not a function\nHint: .*HELM_DEBUG=true\n$/,
    );
  });

  it('of ours show the stack when asked to', () => {
    expect(written(diagnose(new TypeError('x'), true))).toMatch(/\n {4}at /);
  });
});
