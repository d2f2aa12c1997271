import { afterEach, beforeEach } from 'vitest';

/** A test that writes to the console fails: what is said there is either a missing assertion or noise. */
const methods = ['debug', 'error', 'info', 'log', 'trace', 'warn'] as const;
const said: string[] = [];

for (const method of methods) {
  // eslint-disable-next-line no-console -- this is what keeps it from being used
  console[method] = (...args: unknown[]) => {
    said.push(`console.${method}(${args.map(String).join(', ').slice(0, 300)})`);
  };
}

beforeEach(() => {
  said.length = 0;
});

afterEach(() => {
  if (said.length > 0) throw new Error(`the test wrote to the console:\n${said.join('\n')}`);
});
