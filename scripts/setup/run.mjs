import { spawn } from 'node:child_process';

/**
 * Runs a command to its end.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<{ code: number, output: string }>} `code` is -1 when it could not be started
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.once('error', (error) => resolve({ code: -1, output: error.message }));
    child.once('close', (code) => resolve({ code: code ?? -1, output }));
  });
}

/** Whether a package manager's output says that its registry could not be reached. */
export function unreachable(output) {
  return /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|ERR_SOCKET_TIMEOUT|NewConnectionError|ConnectTimeout|ProxyError|Temporary failure in name resolution|CERT_|SSLError|network/i.test(
    output,
  );
}

/** What of a long output says what went wrong: the lines a package manager marks as errors come first, else the last ones. */
export function tail(output) {
  const lines = output.trim().split('\n');
  const marked = lines.filter((line) => /^(npm error|ERROR)\b./i.test(line) && line.trim().length > 'npm error'.length);
  return marked.length > 0 ? marked.slice(0, 12).join('\n') : lines.slice(-15).join('\n');
}
