import type { Command } from 'commander';
import { expect, it } from 'vitest';
import { commandTree } from '../../src/program/command-tree.ts';
import { codeBlocks, DOCUMENTS, inlineCode, readDocument } from '../support/documents.ts';

/** Options of other programs that the documents name, by the program. Those that are ours as well are not here. */
const OF_OTHERS: Readonly<Record<string, readonly string[]>> = {
  Helm: [
    '--sign',
    '--prov',
    '--install',
    '--wait',
    '--destination',
    '--verify',
    '--color',
    '--dependency-update',
    '--pass-credentials',
    '--insecure-skip-tls-verify',
    '--set',
    '--namespace',
    '--create-namespace',
    '--values',
    '--include-crds',
    '--untar',
    '--plain-http',
    '--username',
    '--password',
    '--password-stdin',
    '--generate-name',
    '--debug',
    '--kube-insecure-skip-tls-verify',
    '--registry-config',
    '--repository-config',
    '--repository-cache',
  ],
  cosign: [
    '--type',
    '--certificate-identity-regexp',
    '--certificate-oidc-issuer-regexp',
    '--rekor-url',
    '--new-bundle-format',
    '--tlog-upload',
    '--insecure-ignore-tlog',
    '--insecure-ignore-sct',
    '--private-infrastructure',
    '--certificate-chain',
    '--ca-roots',
  ],
  GnuPG: ['--quick-generate-key', '--armor', '--export', '--batch', '--import', '--clearsign', '--dearmor'],
  'curl and tar': [
    '--fail',
    '--silent',
    '--show-error',
    '--location',
    '--remote-name',
    '--extract',
    '--gzip',
    '--file',
    '--directory',
  ],
  Bun: ['--compile-jit-policy', '--smol'],
  'Rekor and Docker': ['--enabled_entry_types', '--init'],
  Python: ['--bind'],
  'systemctl and useradd': ['--now', '--system', '--shell'],
  'Node.js': ['--use-system-ca', '--single-threaded', '--cpu-prof', '--semi-space-growth-factor'],
  'scripts of this checkout': [
    '--minutes',
    '--anew',
    '--only',
    '--cosign',
    '--json',
    '--peer',
    '--standalone',
    '--rekor',
    '--sizes',
    '--rounds',
    '--before',
    '--publishers',
    '--svg',
  ],
};

const ofOthers = Object.values(OF_OTHERS).flat();

/** What stands for many options: `--insecure-…`. */
const BEGINNINGS = ['--insecure-', '--kube-'];

function optionsBelow(command: Command): string[] {
  return [
    ...command.options.flatMap(({ long }) => long ?? []),
    ...command.commands.flatMap((each) => optionsBelow(each)),
  ];
}

/** The options that stand in the code of a document. */
function optionsIn(document: string): string[] {
  const text = readDocument(document);
  const code = [...codeBlocks(text).map(({ lines }) => lines.join('\n')), ...inlineCode(text)];
  return code.flatMap((each) =>
    [...each.matchAll(/(?<![\w-])--[a-z][a-z0-9_-]*/g)].map(([option]) => option),
  );
}

it('every option that a document names is one of ours, or known to be that of another program', async () => {
  const ours = new Set(['--help', ...optionsBelow(await commandTree())]);
  const unknown = DOCUMENTS.flatMap((document) =>
    optionsIn(document)
      .filter((option) => ![...ours, ...ofOthers, ...BEGINNINGS].includes(option))
      .map((option) => `${document}: ${option}`),
  );
  expect([...new Set(unknown)]).toEqual([]);
});

it('of other programs, only options that a document names are known', async () => {
  const ours = optionsBelow(await commandTree());
  const named = new Set(DOCUMENTS.flatMap(optionsIn));
  expect(ofOthers.filter((option) => !named.has(option) || ours.includes(option))).toEqual([]);
  expect(named.size).toBeGreaterThan(80);
});
