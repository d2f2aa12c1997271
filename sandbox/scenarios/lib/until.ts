import type { Seconds } from '../../../layers/core/units.ts';

const LOOK: Seconds = 5;

/**
 * Looks every five seconds whether something is so.
 * @param what as in `the tag should have been read within 420 s`
 * @throws Error when it was not so in time
 */
export async function until(
  isSo: () => Promise<boolean>,
  what: string,
  within: Seconds,
  sleep: (time: Seconds) => Promise<void>,
): Promise<void> {
  for (let waited = 0; !(await isSo()); waited += LOOK) {
    if (waited > within) throw new Error(`${what} within ${within} s: that has not happened`);
    await sleep(LOOK);
  }
}
