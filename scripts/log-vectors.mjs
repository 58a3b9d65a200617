// Writes the vectors that hold the proofs of a log and its signed notes: test/tlog/merkle-vectors.json and
// test/tlog/note-vectors.json. They are made without the program's own code: trees and proofs from the definitions of
// RFC 6962 2.1, signatures with the published test keys of RFC 8032 and RFC 6979.
//   npm run vectors
// A test holds that the files are what this script makes, and another one holds the program to them.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { merkleVectors } from './log-vectors/merkle.mjs';
import { noteVectors } from './log-vectors/notes.mjs';
import { vectorText } from './log-vectors/text.mjs';

const folder = path.join(import.meta.dirname, '..', 'test', 'tlog');
await writeFile(path.join(folder, 'merkle-vectors.json'), vectorText(merkleVectors()));
await writeFile(path.join(folder, 'note-vectors.json'), vectorText(noteVectors()));
