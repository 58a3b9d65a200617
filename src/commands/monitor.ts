import { answerMonitored, MONITOR_OPTIONS } from '../monitor/answer-monitored.ts';
import { defineCommand } from '../run/command.ts';

export const monitor = defineCommand({
  description:
    'Tells what your keys, addresses and identities sign: goes once through what is new in the log since the last time, and tells of ' +
    'each entry of yours whether it is published, and of what the log contradicts. A log that shows its entries as tiles is ' +
    'looked through completely; of another one the index is asked, which is a best effort and may leave out entries. cron, a ' +
    'timer or a CronJob repeats it.',
  examples: [
    'monitor --fingerprint 58DDDAEF3DB8D5F6DBED5F2F2C4FEDE4A7F7F4D8 --public-key publisher.asc --published index.yaml --state monitor.json',
    'monitor --identity "https://github.com/acme/charts/.github/workflows/release.yml@refs/tags/*" --state monitor.json',
    'monitor --policy helm-sigstore.yaml --state monitor.json --output jsonl --exec ./alert',
  ],
  options: [...MONITOR_OPTIONS, 'output'],
  audience: 'publisher',
  run: async (_, settings, context, show) => await answerMonitored(settings, context, show),
});
