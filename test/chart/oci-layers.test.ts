import { describe, expect, test } from 'vitest';
import { chartLayersOf } from '../../src/chart/fetch/oci-layers.ts';
import { MalformedError } from '../../src/errors.ts';
import { hexOf, OTHER_DIGEST } from '../registry/asking.ts';

const part = (mediaType: string) => ({ mediaType, digest: hexOf(OTHER_DIGEST), size: 1 });
const config = part('application/vnd.cncf.helm.config.v1+json');
const archive = part('application/vnd.cncf.helm.chart.content.v1.tar+gzip');
const old = part('application/tar+gzip');
const provenance = part('application/vnd.cncf.helm.chart.provenance.v1.prov');
const other = part('text/plain');

describe('the parts of a chart in a registry', () => {
  test.each([
    ['an archive', [archive], { archive }],
    ['an archive as Helm pushed it before 3.7', [old], { archive: old }],
    ['a provenance, in any order', [provenance, archive], { archive, provenance }],
    ['something else beside them', [other, archive], { archive }],
  ])('%s', (_, layers, parts) => {
    expect(chartLayersOf({ config, layers })).toEqual(parts);
  });

  test.each([
    ['no archive', { config, layers: [provenance] }],
    ['two archives', { config, layers: [archive, archive] }],
    ['an archive of each kind', { config, layers: [archive, old] }],
    ['two provenances', { config, layers: [archive, provenance, provenance] }],
    ['another configuration', { config: other, layers: [archive] }],
    ['nothing', { config, layers: [] }],
  ])('are not those of a chart: %s', (_, manifest) => {
    expect(() => chartLayersOf(manifest)).toThrow(MalformedError);
  });
});
