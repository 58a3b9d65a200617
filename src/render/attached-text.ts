/** A file that is attached to a chart. */
interface File {
  readonly path: string;
  readonly artifactType: string;
  /** Of the manifest of the attachment. */
  readonly digest: string;
  readonly wasThere: boolean;
}

/** What came of attaching files. */
interface AttachedFiles {
  readonly chart: string;
  readonly files: readonly File[];
}

/** The files that are attached to a chart now, for people. */
export function attachedText({ chart, files }: AttachedFiles): string[] {
  if (files.length === 0) return [];
  const isNew = files.some(({ wasThere }) => !wasThere);
  return [
    `${isNew ? 'Evidence Attached' : 'Evidence Already Attached'}: ${chart}`,
    ...files.flatMap(({ path, artifactType, digest, wasThere }) => [
      '',
      `File: ${path}`,
      `Artifact Type: ${artifactType}`,
      `Manifest: sha256:${digest} (${wasThere ? 'was there already' : 'pushed'})`,
    ]),
  ];
}

/** The same for JSON. */
export function attachedMembers({ chart, files }: AttachedFiles): Record<string, unknown> {
  return {
    chart,
    attached: files.map(({ path, artifactType, digest, wasThere }) => ({
      file: path,
      artifactType,
      digest: `sha256:${digest}`,
      wasThere,
    })),
  };
}
