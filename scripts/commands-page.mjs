// docs/commands.md: every command with its help, from the tree of commands. `npm run docs:commands` writes it.

/** @typedef {import('commander').Command} Command */

/**
 * @param {Command} program
 * @returns {string} Markdown
 */
export function commandsPage(program) {
  const commands = program.commands.flatMap((command) => [command, ...command.commands]);
  return `# Commands

Made from the same source as \`--help\` by \`npm run docs:commands\`.

${[program, ...commands].map(section).join('\n')}`;
}

/** @param {Command} command */
function section(command) {
  let help = '';
  command.configureOutput({ writeOut: (text) => (help += text) });
  command.outputHelp();
  return `## ${pathOf(command)}\n\n\`\`\`\n${help.trim()}\n\`\`\`\n`;
}

/**
 * @param {Command} command
 * @returns {string}
 */
function pathOf(command) {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}
