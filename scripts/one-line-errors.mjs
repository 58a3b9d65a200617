// How a script ends that was given something wrong, or lacks a tool: one line that says what, and no stack. With
// HELM_DEBUG=true the stack, for whoever looks for a defect.

/** From now on an error that nobody catches ends the process with this status, after one line on stderr. */
export function endWithOneLine(status = 1) {
  process.on('uncaughtException', (error) => {
    const text = error instanceof Error ? error.message : String(error);
    const line = text.split('\n').find((each) => each.trim() !== '') ?? 'failed without a reason';
    console.error(process.env['HELM_DEBUG'] === 'true' ? error : `Error: ${line}`);
    process.exit(status);
  });
}
