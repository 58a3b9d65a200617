declare const __VERSION__: string | undefined;

/** The version of package.json, put in by the build; sources that run unbuilt call themselves `0.0.0-source`. */
export const VERSION = typeof __VERSION__ === 'string' ? __VERSION__ : '0.0.0-source';
