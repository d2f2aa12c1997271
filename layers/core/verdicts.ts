/**
 * The verdicts each state may answer: heal.asl.json has a branch for each of them, and a test compares the two.
 */
export const VERDICTS = {
  /** `gather`: real, wait `waitSeconds` for alarms of the same cause. `look`: too early to tell, look again in `waitSeconds`.
   *  `closing`: noise or suppressed; the ending is written. */
  Detect: ['gather', 'look', 'closing'],
  Diagnose: ['diagnosed'],
  /** `act`: attempt n is written; `ask`: a person must agree; `wait`: folded, no slot or lease taken: look again in `waitSeconds`;
   *  `diagnose`: the evidence is too old to wait on; `verify`: nothing to do here, see whether it is well (folded incident's cause was healed); `escalate`: because; `closing`: suppressed. */
  Decide: ['act', 'ask', 'wait', 'diagnose', 'verify', 'escalate', 'closing'],
  /** Answered by a person through the task token. */
  AwaitApproval: ['approved', 'refused'],
  /** `applied`: settle; `again`: nothing was changed, decide again after `waitSeconds`; `undo`: something was changed and must be undone; `escalate`: nothing changed, because. */
  Recover: ['applied', 'again', 'undo', 'escalate'],
  /** `settling`: look again in `waitSeconds`; `rollback`: unchanged, worse or unknown; `recovered`; `again`: nothing was
   *  tried and it is not well, begin at Detect; `escalate`: other writer. */
  Verify: ['settling', 'recovered', 'rollback', 'again', 'escalate'],
  /** The same function after an undo. `unsettled`: look again in `waitSeconds`; `undone`: at least as well as before the
   *  attempt, or not worse as far as can be seen; `escalate`: worse than before. */
  VerifyUndo: ['unsettled', 'undone', 'escalate'],
  /** `undone`: look again whether it is at least as well as before; `nothing`: nothing to undo; `busy`: a function that
   *  outlived its state may still be at work, look again in `waitSeconds`; `failed`: loud. */
  Rollback: ['undone', 'nothing', 'busy', 'failed'],
  /** `next`: decide again; `close`: it is over; `escalate`: because. */
  Learn: ['next', 'close', 'escalate'],
  Escalate: ['escalated'],
  /** `closed`, or `rejoined`: a signal joined since, verify again. */
  Close: ['closed', 'rejoined'],
} as const;
export type Verdict<S extends keyof typeof VERDICTS> = (typeof VERDICTS)[S][number];
