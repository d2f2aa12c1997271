import { Duration } from 'aws-cdk-lib';
import type { HandlerFile } from './bundle.ts';

export interface FunctionSpec extends HandlerFile {
  readonly description: string;
  readonly memory: number;
  readonly timeout: Duration;
}

/**
 * Memory is chosen for its share of a CPU: at 512 MB a bundle of half a megabyte with a few SDK clients starts in well
 * under a second, and no step computes for long. Diagnose compares many series, discover holds an account's inventory.
 *
 * Timeouts are what the slowest honest run takes, with room: a step makes some tens of calls; Recover and Rollback also
 * wait for AWS to take a change; jobs walk the whole account. A state's own timeout is longer than its function's.
 */
const step = { memory: 512, timeout: Duration.seconds(60) };

export const FUNCTIONS = {
  Intake: {
    folder: 'intake',
    description: 'Turns signals into incidents and starts their executions',
    memory: 1024, // the first of a chain of cold starts, and it takes the storms
    timeout: Duration.seconds(30),
  },
  Discover: {
    folder: 'discover',
    description: 'Writes the inventory: what is watched, its alarms, what it depends on',
    memory: 1024,
    timeout: Duration.minutes(10),
  },
  Changes: {
    folder: 'changes',
    description: 'Records deployments, parameter writes and other changes as they arrive',
    memory: 256, // one write an event, nobody waits for it
    timeout: Duration.seconds(30),
  },
  Reconcile: {
    folder: 'reconcile',
    description: 'Compares what is with what should be, and brings what was left behind to its end',
    memory: 512,
    timeout: Duration.minutes(5), // no longer than the time between two runs
  },
  Detect: { ...step, folder: 'detect', description: 'Tells a real incident from noise' },
  Diagnose: { ...step, folder: 'diagnose', description: 'Collects evidence and names the fault', memory: 1024, timeout: Duration.minutes(2) },
  Decide: { ...step, folder: 'decide', description: 'Chooses what to do, if anything may be done' },
  Approval: { ...step, folder: 'approval', description: 'Asks a person to agree to an action' },
  ApprovalAnswer: {
    ...step,
    folder: 'approval',
    file: 'answer.ts',
    description: 'Takes a person’s answer and lets the execution go on',
  },
  Recover: {
    ...step,
    folder: 'recover',
    description: 'Takes the leases, stores the intent, makes the change',
    timeout: Duration.minutes(5),
  },
  Verify: { ...step, folder: 'verify', description: 'Judges on raw metrics whether it helped' },
  Rollback: { ...step, folder: 'rollback', description: 'Undoes what did not help', timeout: Duration.minutes(5) },
  Learn: { ...step, folder: 'learn', description: 'Records the outcome once', timeout: Duration.seconds(30) },
  Escalate: { ...step, folder: 'escalate', description: 'Tells the operators what happened and what is left to do' },
  Close: { ...step, folder: 'close', description: 'Ends the incident, unless a signal joined meanwhile', timeout: Duration.seconds(30) },
} as const satisfies Record<string, FunctionSpec>;
export type FunctionName = keyof typeof FUNCTIONS;

/** The functions that heal.asl.json calls: placeholder `${<name>Arn}`. */
export const STEPS = [
  'Detect',
  'Diagnose',
  'Decide',
  'Approval',
  'Recover',
  'Verify',
  'Rollback',
  'Learn',
  'Escalate',
  'Close',
] as const satisfies readonly FunctionName[];
