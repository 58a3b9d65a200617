import { tgzOf } from '../../support/archives.ts';

const TEMPLATE = `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-{{ .Chart.Name }}
data:
  version: {{ .Chart.Version | quote }}
  from: FROM
  greeting: {{ .Values.greeting | quote }}
`;

/** The archive of a chart with one ConfigMap, `RELEASE-NAME`, which says its version and from whom it comes. */
export async function configMapChart(name: string, version: string, from = 'publisher'): Promise<Uint8Array> {
  return await tgzOf(
    [`${name}/Chart.yaml`, `apiVersion: v2\nname: ${name}\nversion: ${version}\n`],
    [`${name}/values.yaml`, 'greeting: hello\n'],
    [`${name}/templates/config-map.yaml`, TEMPLATE.replace('FROM', from)],
  );
}
