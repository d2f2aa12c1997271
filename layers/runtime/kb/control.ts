/** The table `control`: what is open, who may act now, and what stops everybody. */
export { freeze, freezes, frozen, lever, setLever, unfreeze } from './levers.ts';
export { keptPointers, openOrKept, pointer, pointers, removeKeptPointer } from './pointers.ts';
export type { Pointer } from './pointers.ts';
export type { Freeze, LeverName, LeverState } from './levers.ts';
export { IDLE, expired, hold, leases, release, renew } from './leases.ts';
export type { Held, Lease } from './leases.ts';
export { acquire, REFUSALS } from './acquire.ts';
export type { Acquired, Acquiring, Refusal } from './acquire.ts';
export { budget } from './budget.ts';
export type { BudgetState } from './budget.ts';
export { answer, approval, ask } from './approvals.ts';
export type { Answer, Answered, Approval, Question } from './approvals.ts';
export { brake } from './brake.ts';
export type { Brake } from './brake.ts';
export { claimTelling, endStorm, fleetsHolding, holdsNothing, storms } from './storms.ts';
export type { Storm } from './storms.ts';
export { addRevert, removeRevert, reverts } from './reverts.ts';
export type { Revert, RevertId } from './reverts.ts';
