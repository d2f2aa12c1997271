import type { Answers } from './answering.ts';

/** No function and no action sends anything to the healed account's DynamoDB yet: whatever comes is refused loudly. */
export const answers: Answers = {};
