import { NAMING_CHARTS } from '../proving/named-charts.ts';
import { defineCommand } from '../run/command.ts';
import { UsageError } from '../errors.ts';
import { spellingOf } from '../settings/options.ts';
import { SIGNING_OPTIONS } from '../settings/option-groups.ts';
import { answerSigned } from '../signing/answer-signed.ts';

/** Options that say nothing of signatures by gpg. */
const IDENTITY_ALONE = ['identityToken', 'signingConfig', 'signatureFormat'] as const;

export const sign = defineCommand({
  arguments: '[chart...]',
  description:
    'Signs each packaged chart as helm package --sign does, with your own gpg: its keys, agent, smartcards and pinentry. The archive stays as ' +
    'it is; the signature is judged as helm sigstore verify judges it, and only then written beside it, as CHART.tgz.prov. A signature by the same ' +
    'key that is there and holds is kept; another one is not overwritten without --force. With --upload, each is put on the ' +
    `transparency log, as helm sigstore upload does, which takes the options about logs, keyrings and evidence.\n\n` +
    'With --identity, a token of the CI or of a file vouches for who signs: Sigstore certifies that, logs the signature and dates it. The ' +
    `bundle is written as CHART.tgz.sigstore.json when it holds. No gpg is needed.\n\n${NAMING_CHARTS}`,
  examples: [
    'sign hello-0.1.0.tgz',
    'sign hello-0.1.0.tgz --key 0123456789ABCDEF0123456789ABCDEF01234567 --passphrase-file passphrase.txt',
    'sign *.tgz --upload',
    'sign *.tgz --identity',
  ],
  audience: 'publisher',
  options: [...SIGNING_OPTIONS, 'output'],
  run: async (operands, settings, context, show) => {
    if (!settings.has('identity')) {
      const isUploaded = settings.has('upload');
      const about = IDENTITY_ALONE.find(
        (name) => settings.isGiven(name) && !(isUploaded && name === 'signingConfig'),
      );
      if (about !== undefined)
        throw new UsageError(
          `${spellingOf(about)} is about signing by an identity, but --identity was not given`,
        );
      return await answerSigned(operands, settings, context, show);
    }
    const { answerByIdentity } = await import('../signing/answer-identity.ts');
    return await answerByIdentity(operands, settings, context, show);
  },
});
