import { NAMING_CHARTS } from '../proving/named-charts.ts';
import { defineCommand } from '../run/command.ts';
import { SIGNING_OPTIONS } from '../settings/option-groups.ts';
import { answerSigned } from '../signing/answer-signed.ts';

export const sign = defineCommand({
  arguments: '[chart...]',
  description:
    'Signs each packaged chart as helm package --sign does, with your own gpg: its keys, agent, smartcards and pinentry. The archive stays as ' +
    'it is; the signature is judged as helm sigstore verify judges it, and only then written beside it, as CHART.tgz.prov. A signature by the same ' +
    'key that is there and holds is kept; another one is not overwritten without --force. With --upload, each is put on the ' +
    `transparency log, as helm sigstore upload does, which takes the options about logs, keyrings and evidence.\n\n${NAMING_CHARTS}`,
  examples: [
    'sign hello-0.1.0.tgz',
    'sign hello-0.1.0.tgz --key 0123456789ABCDEF0123456789ABCDEF01234567 --passphrase-file passphrase.txt',
    'sign *.tgz --upload',
  ],
  audience: 'publisher',
  options: [...SIGNING_OPTIONS, 'output'],
  run: answerSigned,
});
