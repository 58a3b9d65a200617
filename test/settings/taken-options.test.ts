import { describe, expect, test } from 'vitest';
import { defineCommand, type CommandDefinition } from '../../src/run/command.ts';
import type { LogOption, TrustOption } from '../../src/settings/option-groups.ts';
import { OPTION_NAMES } from '../../src/settings/options.ts';
import { Settings } from '../../src/settings/settings.ts';
import { COMMANDS } from '../../src/program/table.ts';

/** What has no other members than the search command has options. */
const common = { description: '', examples: [], options: ['sha256', 'email', 'output'] } as const;
const done = () => Promise.resolve({ status: 0, text: [], document: {} } as const);

// What `npm run lint:types` holds: without an error below such a comment, the comment is one.
describe('the compiler refuses to read an option that a command does not take:', () => {
  test('by its name', () => {
    const definition = defineCommand({
      ...common,
      run: (_, settings) => {
        settings.one('sha256');
        // @ts-expect-error -- search takes no --as
        settings.one('as');
        // @ts-expect-error -- nor does it take this one
        settings.all('keyring');
        // @ts-expect-error -- nor does it take this one
        settings.has('verbose');
        // @ts-expect-error -- nor does it take this one
        settings.given('rekorServer');
        // @ts-expect-error -- nor does it take this one
        settings.givenByFlag('keyring');
        return done();
      },
    });
    expect(definition.options).toEqual(['sha256', 'email', 'output']);
  });

  test('in a function that asks for settings with more options', () => {
    const needsTrust = (settings: Settings<TrustOption>) => settings.one('rekorServer');
    const taken = (settings: Settings<'sha256' | 'output'>) => {
      // @ts-expect-error -- no option of it is taken
      needsTrust(settings);
    };
    const more = (settings: Settings<LogOption | 'as'>) => needsTrust(settings);
    expect(more(new Settings({}, { REKOR_SERVER: 'https://log.example' }))).toBe('https://log.example');
    expect(() => {
      taken(new Settings({}, {}));
    }).not.toThrow();
  });

  test('in a definition whose work asks for more than it takes', () => {
    const work = (_: readonly string[], settings: Settings<'as' | 'output'>) => {
      settings.one('as');
      return done();
    };
    // @ts-expect-error -- `as` is not among its options
    const definition: CommandDefinition = defineCommand({ ...common, run: work });
    expect(defineCommand({ ...common, options: ['as', 'output'], run: work }).options).toContain('as');
    expect(definition.options).not.toContain('as');
  });
});

test('help lists the options of each command in the order of their declaration, each once', async () => {
  expect(COMMANDS.length).toBeGreaterThan(10);
  for (const { load } of COMMANDS) {
    const { options } = await load();
    expect(options).toEqual(OPTION_NAMES.filter((name) => options.includes(name)));
  }
});
