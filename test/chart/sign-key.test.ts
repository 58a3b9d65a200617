import { describe, expect, it } from 'vitest';
import { readSignKey } from '../../src/chart/archive/sign-key.ts';

const FINGERPRINT = '5e615389b53ca37f0ee60bd3843bbf981fc18762';

function chartYaml(annotation: string): string {
  const lines = annotation.split('\n').map((line) => `    ${line}\n`);
  return `name: hello\nannotations:\n  artifacthub.io/signKey: |\n${lines.join('')}version: 0.1.0\n`;
}

describe('the key that a chart says it is signed with', () => {
  it.each([
    ['as Artifact Hub documents it', `fingerprint: ${FINGERPRINT}\nurl: https://charts.example/keys/pgp.asc`],
    [
      'with a fingerprint as gpg shows it',
      'fingerprint: 5E61 5389 B53C A37F 0EE6  0BD3 843B BF98 1FC1 8762\nurl: https://charts.example/keys/pgp.asc',
    ],
  ])('is read %s', (_, annotation) => {
    expect(readSignKey(chartYaml(annotation))).toEqual({
      fingerprint: FINGERPRINT,
      url: 'https://charts.example/keys/pgp.asc',
    });
  });

  it('may lack one of its members', () => {
    expect(readSignKey(chartYaml(`fingerprint: "${FINGERPRINT}"`))).toEqual({ fingerprint: FINGERPRINT });
    expect(readSignKey(chartYaml('url: https://charts.example/'))).toEqual({
      url: 'https://charts.example/',
    });
  });

  it.each([
    ['no annotation', 'name: hello\n'],
    ['annotations that are a list', 'annotations: [a]\n'],
    ['an annotation that is no text', 'annotations:\n  artifacthub.io/signKey: [1]\n'],
    ['an annotation that is no YAML', chartYaml('{{{')],
    ['an annotation without members', chartYaml('hello')],
    ['no YAML at all', '\u0000: [[['],
    ['a Chart.yaml of two megabytes', `${chartYaml(`fingerprint: ${FINGERPRINT}`)}#${' '.repeat(2 << 20)}`],
    ['a key ID in place of a fingerprint', chartYaml('fingerprint: 843BBF981FC18762')],
    ['a URL that is not https', chartYaml('url: http://charts.example/key.asc')],
    ['a URL with credentials', chartYaml('url: https://user:password@charts.example/key.asc')],
    ['a URL that a shell would act on', chartYaml('url: https://charts.example/$(reboot)')],
    ['a URL that a terminal would act on', chartYaml('url: "https://charts.example/\\e[2J"')],
  ])('is not read from %s', (_, yaml) => {
    expect(readSignKey(yaml)).toBeUndefined();
  });
});
