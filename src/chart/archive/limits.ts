/** The longest Chart.yaml, in bytes, that is read; real ones have a kilobyte or two. */
export const CHART_YAML_LIMIT = 1 << 20;
