// How the set-up talks: a line when something takes over two seconds, and errors that name the remedy.

/** An absent prerequisite or a failed step, with what to do about it. */
export class SetupError extends Error {
  /**
   * @param {string} problem what is wrong, and what was found
   * @param {string} remedy what to do
   */
  constructor(problem, remedy) {
    super(`${problem}\n  To fix it: ${remedy}`);
    this.name = 'SetupError';
  }
}

/**
 * Runs a step; when it takes over two seconds, says so, and again when it is done.
 * @template T
 * @param {string} what e.g. `installing the npm packages`
 * @param {() => Promise<T>} step
 * @returns {Promise<T>}
 */
export async function step(what, step) {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  let said = false;
  const timer = setInterval(() => {
    if (!said || seconds() % 10 === 0) process.stderr.write(`set-up: ${what} … ${seconds()} s\n`);
    said = true;
  }, 2000);
  try {
    const result = await step();
    if (said) process.stderr.write(`set-up: ${what}: done in ${seconds()} s\n`);
    return result;
  } finally {
    clearInterval(timer);
  }
}
