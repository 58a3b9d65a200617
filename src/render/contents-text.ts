import type { ChartContents, Subchart } from '../chart/archive/chart-contents.ts';

/** The most charts, and the most warnings about them, that a text shows; JSON has all of them. */
const SHOWN = 50;

/** The charts in a packed chart, one a line; none where nobody looked. */
export function subchartLines(contents: ChartContents | undefined): string[] {
  return shown(contents?.subcharts.map(subchartLine) ?? [], 'Subcharts');
}

/** What is odd about them, as warnings. */
export function contentsWarnings(contents: ChartContents | undefined): string[] {
  return shown(contents?.warnings.map((warning) => `Warning: ${warning}`) ?? [], 'Warnings');
}

/** For JSON, without the warnings. */
export function contentsMembers({ subcharts }: ChartContents): Record<string, unknown> {
  return { dependencies: subcharts.map(subchartMembers) };
}

function subchartLine({ path, name, version = '' }: Subchart): string {
  return `Subchart: ${name === undefined ? '' : `${name} ${version} in `}${path}`;
}

function subchartMembers({ isDeclared, ...subchart }: Subchart): Record<string, unknown> {
  return { ...subchart, declared: isDeclared };
}

function shown(lines: readonly string[], what: string): string[] {
  const more = lines.length - SHOWN;
  return more > 0 ? [...lines.slice(0, SHOWN), `${what} Not Shown: ${more}`] : [...lines];
}
