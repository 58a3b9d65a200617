import { tgzOf, type Member } from './archives.ts';

/** A packed chart named parent with charts in it. */
export interface OddContents {
  readonly what: string;
  readonly bytes: () => Promise<Uint8Array>;
  /** What Helm renders of it: the names of charts, in order; or `refused`. */
  readonly helm: readonly string[] | 'refused';
  /** What this reader lists of what Helm refuses, if it does not refuse it as well; `?` has no name. */
  readonly here?: readonly string[];
  /** What this reader warns of, in part. */
  readonly warns?: readonly string[];
}

/** The files of a chart that renders something: a template is called after it. */
function chartFiles(folder: string, name: string, more = ''): readonly Member[] {
  return [
    [`${folder}/Chart.yaml`, `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${more}`],
    [`${folder}/templates/${name}.yaml`, `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: ${name} }\n`],
  ];
}

const needs = (...names: readonly string[]): string =>
  `dependencies:\n${names.map((name) => `- { name: ${name}, version: 1.0.0, repository: "https://charts.example" }\n`).join('')}`;

const parent = (...names: readonly string[]): readonly Member[] =>
  chartFiles('parent', 'parent', names.length === 0 ? '' : needs(...names));

const packed = async (name: string, ...inside: readonly Member[]): Promise<Uint8Array> =>
  await tgzOf(...chartFiles(name, name), ...inside);

const odd = (
  what: string,
  helm: OddContents['helm'],
  members: readonly Member[] | (() => Promise<readonly Member[]>),
  more: Pick<OddContents, 'here' | 'warns'> = {},
): OddContents => ({
  what,
  helm,
  ...more,
  bytes: async () => await tgzOf(...(typeof members === 'function' ? await members() : members)),
});

/** What Helm 3.17.3, 3.18.0, 3.22.0, 4.1.4 and 4.3.1 make of charts in charts; test/e2e asks them again. */
export const ODD_CONTENTS: readonly OddContents[] = [
  odd('no charts in it', ['parent'], parent()),
  odd(
    'a chart in a folder, as helm package leaves it',
    ['parent', 'sub'],
    [...parent('sub'), ...chartFiles('parent/charts/sub', 'sub')],
  ),
  odd(
    'a chart that nobody names',
    ['parent', 'sub'],
    [...parent(), ...chartFiles('parent/charts/sub', 'sub')],
    {
      warns: ['charts/sub is sub 1.0.0: Chart.yaml does not ask for it'],
    },
  ),
  odd('a packed chart', ['parent', 'sub'], async () => [
    ...parent('sub'),
    ['parent/charts/sub-1.0.0.tgz', await packed('sub')],
  ]),
  odd(
    'a chart in a chart',
    ['deep', 'parent', 'sub'],
    [
      ...parent('sub'),
      ...chartFiles('parent/charts/sub', 'sub', needs('deep')),
      ...chartFiles('parent/charts/sub/charts/deep', 'deep'),
    ],
  ),
  odd(
    'a chart in a chart that its own parent does not name',
    ['deep', 'deep', 'parent', 'sub'],
    [
      ...parent('sub', 'deep'),
      ...chartFiles('parent/charts/sub', 'sub'),
      ...chartFiles('parent/charts/sub/charts/deep', 'deep'),
      ...chartFiles('parent/charts/deep', 'deep'),
    ],
    { warns: ['Chart.yaml of charts/sub does not ask for it'] },
  ),
  odd(
    'a packed chart in a packed chart',
    ['deep', 'parent', 'sub'],
    async () => [
      ...parent('sub'),
      ['parent/charts/sub.tgz', await packed('sub', ['sub/charts/deep.tgz', await packed('deep')])],
    ],
    { warns: ['Chart.yaml of charts/sub.tgz does not ask for it'] },
  ),
  odd(
    'the files of a chart before the Chart.yaml around it',
    ['parent', 'sub'],
    [...chartFiles('parent/charts/sub', 'sub'), ...parent('sub')],
  ),
  odd(
    'a folder called otherwise than its chart',
    ['parent', 'sub'],
    [...parent('sub'), ...chartFiles('parent/charts/other', 'sub')],
  ),
  odd(
    'a folder that begins with an underscore',
    ['parent'],
    [...parent(), ...chartFiles('parent/charts/_sub', 'sub')],
  ),
  odd(
    'a folder that begins with a dot',
    ['parent'],
    [...parent(), ...chartFiles('parent/charts/.sub', 'sub')],
  ),
  odd('a provenance in charts/', ['parent', 'sub'], async () => [
    ...parent('sub'),
    ['parent/charts/sub-1.0.0.tgz', await packed('sub')],
    ['parent/charts/sub-1.0.0.tgz.prov', 'x'],
  ]),
  odd(
    'a folder with the name of a provenance',
    ['parent', 'sub'],
    [...parent(), ...chartFiles('parent/charts/sub.prov', 'sub')],
    {
      warns: ['charts/sub.prov is sub 1.0.0'],
    },
  ),
  odd('a file in charts/ that is no chart', 'refused', [...parent(), ['parent/charts/README.md', 'x']], {
    here: ['parent', '?'],
    warns: ['there is no Chart.yaml'],
  }),
  odd(
    'evidence in charts/',
    'refused',
    async () => [
      ...parent('sub'),
      ['parent/charts/sub-1.0.0.tgz', await packed('sub')],
      ['parent/charts/sub-1.0.0.tgz.rekor.json', '{}'],
    ],
    { here: ['parent', 'sub', '?'] },
  ),
  odd(
    'a file and a folder of one name',
    ['parent', 'sub'],
    [...parent('sub'), ['parent/charts/sub', 'x'], ...chartFiles('parent/charts/sub', 'sub')],
  ),
  odd(
    'a folder with the name of an archive',
    'refused',
    [...parent('sub'), ...chartFiles('parent/charts/sub.tgz', 'sub')],
    {
      here: ['parent', '?'],
      warns: ['expected an archive, found a folder'],
    },
  ),
  odd('an archive, and a folder of its name', ['parent', 'sub'], async () => [
    ...parent('sub'),
    ['parent/charts/sub.tgz', await packed('sub')],
    ...chartFiles('parent/charts/sub.tgz', 'other'),
  ]),
  odd('two archives of one name: the first counts', ['one', 'parent'], async () => [
    ...parent('one'),
    ['parent/charts/sub.tgz', await packed('one')],
    ['parent/charts/sub.tgz', await packed('two')],
  ]),
  odd(
    'the ending in other letters',
    'refused',
    async () => [...parent('sub'), ['parent/charts/sub.TGZ', await packed('sub')]],
    {
      here: ['parent', '?'],
    },
  ),
  odd('an archive that is none', 'refused', [...parent('sub'), ['parent/charts/sub.tgz', 'x']]),
  odd(
    'a chart in the charts/ of its templates',
    ['parent'],
    [...parent(), ['parent/templates/charts/sub/Chart.yaml', 'name: sub\nversion: 1.0.0\n']],
  ),
  odd(
    'two Chart.yaml: the last counts',
    ['other', 'parent'],
    [
      ...parent('other'),
      ...chartFiles('parent/charts/sub', 'sub').slice(0, 1),
      ...chartFiles('parent/charts/sub', 'other'),
    ],
  ),
  odd(
    'the list of dependencies in requirements.yaml',
    ['parent', 'sub'],
    [
      ['parent/Chart.yaml', 'apiVersion: v1\nname: parent\nversion: 1.0.0\n'],
      ['parent/requirements.yaml', needs('sub')],
      ...chartFiles('parent', 'parent').slice(1),
      ...chartFiles('parent/charts/sub', 'sub'),
    ],
  ),
  odd(
    'two lists of dependencies',
    ['parent', 'sub'],
    [
      ...parent('other'),
      ['parent/requirements.yaml', needs('sub')],
      ...chartFiles('parent/charts/sub', 'sub'),
    ],
    {
      warns: [
        'nobody can say what Chart.yaml asks for',
        'charts/sub is sub 1.0.0: Chart.yaml does not ask for it',
      ],
    },
  ),
  odd(
    'a chart without a version',
    'refused',
    [...parent('sub'), ['parent/charts/sub/Chart.yaml', 'name: sub\n']],
    {
      here: ['parent', '?'],
      warns: ['expected a version, found nothing'],
    },
  ),
  odd(
    'backslashes',
    ['parent', 'sub'],
    [
      ...parent('sub'),
      ...chartFiles('parent/charts/sub', 'sub').map(([name, content = '']): Member => [
        name.replaceAll('/', '\\'),
        content,
      ]),
    ],
  ),
  odd(
    'a version that nobody asks for',
    ['parent', 'sub'],
    [
      ...chartFiles('parent', 'parent', needs('sub').replace('1.0.0', '^2')),
      ...chartFiles('parent/charts/sub', 'sub'),
    ],
    { warns: ['charts/sub is sub 1.0.0: Chart.yaml does not ask for it'] },
  ),
];
