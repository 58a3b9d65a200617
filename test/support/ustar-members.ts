/** A member of a tar archive. */
export interface ArchiveMember {
  readonly header: Buffer;
  readonly content: Buffer;
}

/** The members of an archive, read from POSIX alone. */
export function ustarMembers(archive: Buffer): ArchiveMember[] {
  const members: ArchiveMember[] = [];
  for (let at = 0; archive[at] !== 0;) {
    const header = archive.subarray(at, at + 512);
    const size = parseInt(header.toString('latin1', 124, 135), 8);
    members.push({ header, content: archive.subarray(at + 512, at + 512 + size) });
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return members;
}

/** Its path. */
export function nameIn({ header }: ArchiveMember): string {
  return header.toString('latin1', 0, header.indexOf(0));
}

/** The same member with other fields of its header, each from an offset on, and a checksum that fits. */
export function withFields(member: ArchiveMember, fields: Readonly<Record<number, string>>): ArchiveMember {
  const header = Buffer.from(member.header);
  for (const [offset, text] of Object.entries(fields)) header.write(text, Number(offset), 'latin1');
  header.write('        ', 148, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return { ...member, header };
}

/** The same member under another name. */
export function named(member: ArchiveMember, name: string): ArchiveMember {
  return withFields(member, { 0: name.padEnd(100, '\0') });
}
