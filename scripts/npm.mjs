// Runs npm from a script: the same npm that started it, if one did.
import { spawn } from 'node:child_process';

/**
 * Runs npm; only what it says on stderr is shown.
 *
 * @param {readonly string[]} argv
 * @param {string} [directory]
 * @returns {Promise<void>} rejects when npm's exit status is not 0
 */
export function runNpm(argv, directory) {
  const npm = process.env['npm_execpath'];
  const [command, ...first] = npm?.endsWith('.js') ? [process.execPath, npm] : ['npm'];
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...first, ...argv], {
      cwd: directory,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: command === 'npm' && process.platform === 'win32',
    });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve();
      else reject(new Error(`npm ${argv.join(' ')}: exit status ${status}`));
    });
  });
}
