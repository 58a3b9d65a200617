// A plot of what a log costs as it grows.

/** @typedef {{ size: number, start: number, proof: number, memory: number }} Grown start in ms, proof in µs, memory in MiB */

const WIDTH = 720;
const HEIGHT = 360;
const MARGIN = { left: 60, right: 150, top: 20, bottom: 50 };

/** @type {readonly { name: string, unit: string, of: (grown: Grown) => number, colour: string }[]} */
const LINES = [
  { name: 'CPU of a start', unit: 'ms', of: ({ start }) => start, colour: '#1f77b4' },
  { name: 'CPU of a proof', unit: 'µs', of: ({ proof }) => proof, colour: '#d62728' },
  { name: 'most memory', unit: 'MiB', of: ({ memory }) => memory, colour: '#2ca02c' },
];

/**
 * The plot as SVG: entries from left to right, by powers of ten.
 * @param {readonly Grown[]} grown at least two sizes
 */
export function growthPlot(grown) {
  const most = Math.max(...grown.flatMap((each) => LINES.map(({ of }) => of(each)))) * 1.1;
  const [first = 1, last = 10] = [grown[0]?.size, grown.at(-1)?.size];
  const x = (/** @type {number} */ size) =>
    MARGIN.left +
    ((Math.log10(size) - Math.log10(first)) / (Math.log10(last) - Math.log10(first))) *
      (WIDTH - MARGIN.left - MARGIN.right);
  const y = (/** @type {number} */ value) =>
    HEIGHT - MARGIN.bottom - (value / most) * (HEIGHT - MARGIN.top - MARGIN.bottom);
  const ticks = Array.from({ length: 6 }, (_, at) => Math.round((most * at) / 5 / 10) * 10);
  const text = (/** @type {string} */ attributes, /** @type {string} */ content) =>
    `<text ${attributes}>${content}</text>`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" role="img" aria-label="What a log costs as it grows">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...ticks.map(
      (tick) =>
        `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(tick)}" y2="${y(tick)}" stroke="#ddd"/>` +
        text(`x="${MARGIN.left - 8}" y="${y(tick) + 4}" text-anchor="end"`, String(tick)),
    ),
    ...grown.map(({ size }) =>
      text(
        `x="${x(size)}" y="${HEIGHT - MARGIN.bottom + 20}" text-anchor="middle"`,
        size.toLocaleString('en'),
      ),
    ),
    text(
      `x="${(MARGIN.left + WIDTH - MARGIN.right) / 2}" y="${HEIGHT - 10}" text-anchor="middle"`,
      'entries',
    ),
    ...LINES.map(({ name, unit, of, colour }, at) => {
      const points = grown.map((each) => `${x(each.size).toFixed(1)},${y(of(each)).toFixed(1)}`);
      return (
        `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>` +
        text(
          `x="${WIDTH - MARGIN.right + 12}" y="${MARGIN.top + 20 + at * 20}" fill="${colour}"`,
          `${name} (${unit})`,
        )
      );
    }),
    '</svg>\n',
  ].join('\n');
}
