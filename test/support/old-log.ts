import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkpointText, noteOf, signLine } from './independent/note.mjs';
import { leafHash, ReferenceTree } from './independent/tree.mjs';

/**
 * Writes the files that version 0.4.0 had of a log with these entries, each a batch of its own, and the lock of a
 * process that has ended.
 * @returns the tree ID, and the last checkpoint
 */
export async function writeOldLog(
  directory: string,
  names: readonly string[],
  time: number,
): Promise<{ treeId: string; checkpoint: string }> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const treeId = '4094888233754802084';
  const tree = new ReferenceTree();
  const lines: object[] = [];
  let checkpoint = '';
  const close = () => {
    const head = { origin: `helm-sigstore - ${treeId}`, size: tree.size, rootHash: tree.root() };
    const text = checkpointText(head);
    checkpoint = noteOf(text, [signLine(text, privateKey, 'helm-sigstore')]);
    lines.push({ checkpoint });
  };
  close();
  names.forEach((name, index) => {
    const body = Buffer.from(name);
    tree.append(leafHash(body));
    lines.push({
      integratedTime: time + index,
      indexKeys: [`${name}@charts.example`],
      body: body.toString('base64'),
    });
    close();
  });
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
  await writeFile(join(directory, 'entries.jsonl'), text, { mode: 0o600 });
  await writeFile(join(directory, 'key.pem'), privateKey.export({ format: 'pem', type: 'pkcs8' }), {
    mode: 0o600,
  });
  await writeFile(join(directory, 'public-key.pem'), publicKey.export({ format: 'pem', type: 'spki' }));
  await writeFile(join(directory, 'lock'), '1\n');
  return { treeId, checkpoint };
}
