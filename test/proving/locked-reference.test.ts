import { describe, expect, test } from 'vitest';
import { parseRepositories } from '../../src/chart/fetch/repositories.ts';
import { InputError } from '../../src/errors.ts';
import { referenceOfLocked } from '../../src/proving/locked-reference.ts';

const configured = parseRepositories(
  Buffer.from('repositories:\n- name: mine\n  url: https://charts.example/?token=s3cr3t\n'),
);
const of = (repository: string) =>
  referenceOfLocked({ name: 'hello', version: '0.1.0', repository }, configured, { plainHttp: false });

describe('a chart that a lock lists', () => {
  test('of a URL with a query is asked for by the name of the repository, or not at all', () => {
    expect(of('https://charts.example/?token=s3cr3t')).toMatchObject({ configured: { name: 'mine' } });
    expect(of('https://other.example/charts')).toMatchObject({ form: 'repository-url' });
    const refused = () => of('https://other.example/charts?token=s3cr3t');
    expect(refused).toThrow(InputError);
    expect(refused).toThrow(/^(?!.*s3cr3t).*has no query/);
  });
});
