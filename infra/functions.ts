import { Duration } from 'aws-cdk-lib';
import type { HandlerFile } from './bundle.ts';
import { timeoutOf } from './definition.ts';

export interface FunctionSpec extends HandlerFile {
  readonly description: string;
  readonly memory: number;
  readonly timeout: Duration;
}

/**
 * Memory is chosen for its share of a CPU: at 512 MB a bundle of half a megabyte with a few SDK clients starts in well
 * under a second, and no step computes for long. Diagnose compares many series, discover holds an account's inventory,
 * intake is the first of a chain of cold starts and takes the storms.
 *
 * A step may run a little less long than its state waits for it: the state machine says how long. Jobs walk the whole
 * account; queues' functions make a few calls a message.
 */
const step = (name: string) => ({ memory: 512, timeout: Duration.seconds(timeoutOf(name)) });

export const FUNCTIONS = {
  Intake: {
    folder: 'intake',
    description: 'Turns signals into incidents and starts their executions',
    memory: 1024,
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
  WatchPlan: {
    folder: 'watch',
    file: 'plan-handler.ts',
    description: 'Sends what is due to be watched to the queue, once a minute',
    memory: 512,
    timeout: Duration.seconds(50), // less than the time between two runs
  },
  Watch: {
    folder: 'watch',
    description: 'Reads metrics, steps the detectors, foretells what runs out',
    memory: 1769, // a whole CPU: it computes for ten milliseconds a series
    timeout: Duration.minutes(2),
  },
  Probe: {
    folder: 'probe',
    description: 'Makes the health checks that tags ask for, once a minute',
    memory: 256, // it waits for answers
    timeout: Duration.seconds(55), // less than the time between two runs
  },
  Train: {
    folder: 'train',
    description: 'Judges the failures that were foretold, and learns from those that happened',
    memory: 1769, // a whole CPU: it learns for half a minute
    timeout: Duration.minutes(10),
  },
  Detect: { ...step('Detect'), folder: 'detect', description: 'Tells a real incident from noise' },
  Diagnose: {
    ...step('Diagnose'),
    folder: 'diagnose',
    lazy: true, // what asks a language model, with Bedrock's client: most deployments never do
    description: 'Collects evidence and names the fault',
    memory: 1024,
  },
  Decide: { ...step('Decide'), folder: 'decide', description: 'Chooses what to do, if anything may be done' },
  Approval: {
    folder: 'approval',
    description: 'Asks a person to agree to an action',
    memory: 512,
    timeout: Duration.seconds(60), // its state waits for the person, not for it
  },
  ApprovalAnswer: {
    folder: 'approval',
    file: 'answer.ts',
    description: 'Takes the answer of a person and lets the execution go on',
    memory: 512,
    timeout: Duration.seconds(60),
  },
  Recover: {
    ...step('Recover'),
    folder: 'recover',
    description: 'Takes the leases, stores the intent, makes the change',
  },
  Verify: { ...step('Verify'), folder: 'verify', description: 'Judges on raw metrics whether it helped' },
  Rollback: { ...step('Rollback'), folder: 'rollback', description: 'Undoes what did not help' },
  Learn: { ...step('Learn'), folder: 'learn', description: 'Records the outcome once' },
  Escalate: {
    ...step('Escalate'),
    folder: 'escalate',
    description: 'Tells the operators what happened and what is left to do',
  },
  Close: { ...step('Close'), folder: 'close', description: 'Ends the incident, unless a signal joined meanwhile' },
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
