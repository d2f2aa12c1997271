import type { Answers } from './answering.ts';

/** Nothing in the modelled account sends traces. */
export const answers: Answers = {
  GetServiceGraph: () => ({ Services: [] }),
};
