import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { writeSignedChart } from '../support/chart.ts';
import { createSigner } from '../support/signer.ts';
import { PluginUser } from './plugin-user.ts';
import { provenanceOptions, RekorCliUser } from './rekor-cli-user.ts';

const interop = inject('interop');

describe.skipIf(interop === undefined)('a chart and Rekor', () => {
  if (interop === undefined) return;
  const { rekor } = interop;
  let user: PluginUser;
  let rekorCli: RekorCliUser;

  beforeAll(async () => {
    user = await PluginUser.create(interop.launcher);
    rekorCli = await RekorCliUser.create(interop.binaries.cli);
  });

  afterAll(async () => {
    await user.remove();
    await rekorCli.remove();
  });

  test('a chart that was uploaded is found and verified', async () => {
    const chart = await writeSignedChart(user.directory, await createSigner());
    const keyring = ['--keyring', chart.keyring];
    const uploaded = await user.ask(rekor, ['upload', chart.path, ...keyring]);
    expect(uploaded).toMatchObject({ status: 0, results: [{ outcome: 'created', verdict: 'verified' }] });
    const uuid = uploaded.results?.[0]?.entry?.uuid ?? '';

    const found = await user.ask(rekor, ['search', chart.path]);
    expect(found).toMatchObject({ status: 0, entries: [{ uuid, proofs: 'hold' }] });
    const verified = await user.ask(rekor, ['verify', chart.path, ...keyring]);
    expect(verified).toMatchObject({ status: 0, results: [{ verdict: 'verified', entry: { uuid } }] });

    const asked = provenanceOptions(`${chart.path}.prov`, chart.keyring);
    for (const argv of [['--uuid', uuid], asked])
      expect(await rekorCli.ask(rekor, ['verify', ...argv])).toMatchObject({ EntryUUID: uuid });
  });
});
