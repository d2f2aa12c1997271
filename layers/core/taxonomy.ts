import * as z from 'zod';

/** The eight classes of cause. Every fault belongs to exactly one. */
export const FaultCategory = z.enum([
  'change', // something was deployed or configured
  'capacity', // more work than the resource can do
  'exhaustion', // a finite resource runs out over time
  'process', // the program itself fails
  'dependency', // something it calls fails
  'infrastructure', // host, network, zone
  'data', // bad or missing data
  'unknown',
]);
export type FaultCategory = z.infer<typeof FaultCategory>;

/** From most to least severe. */
export const Severity = z.enum(['critical', 'high', 'medium', 'low', 'info']);
export type Severity = z.infer<typeof Severity>;

/** The known faults with their category. Adding one is adding a line. */
export const FAULTS = {
  'bad-deployment': { category: 'change', summary: 'A new revision of the code makes requests fail or slow.' },
  'bad-configuration': { category: 'change', summary: 'A changed parameter makes the program fail.' },
  'bad-function-version': {
    category: 'change',
    summary: 'The function version behind an alias fails more than the one before.',
  },
  overload: { category: 'capacity', summary: 'More requests arrive than the tasks can serve.' },
  throttling: {
    category: 'capacity',
    summary: 'A quota or a provisioned capacity is used up, so that AWS refuses calls.',
  },
  'memory-leak': { category: 'exhaustion', summary: 'Memory grows until the task is killed.' },
  'connection-leak': {
    category: 'exhaustion',
    summary: 'Connections or other things that a process opens are not closed, until none is left.',
  },
  'memory-limit': {
    category: 'exhaustion',
    summary: 'The task needs more memory than its limit allows, from the start.',
  },
  'crash-loop': {
    category: 'process',
    summary: 'Tasks keep exiting soon after they start, without a change that explains it.',
  },
  deadlock: { category: 'process', summary: 'Tasks run but answer nothing.' },
  'stale-connection': { category: 'process', summary: 'Tasks hold connections or credentials that no longer work.' },
  'bad-task': { category: 'process', summary: 'One task of several fails while its peers are well.' },
  'dependency-failure': { category: 'dependency', summary: 'A resource that this one calls fails.' },
  'placement-failure': {
    category: 'infrastructure',
    summary: 'Tasks cannot be placed or cannot start (image, network, capacity).',
  },
  'external-outage': {
    category: 'infrastructure',
    summary: 'AWS reports an issue of a service that it runs on or calls.',
  },
  'data-corruption': { category: 'data', summary: 'Stored data or messages make processing fail.' },
  unknown: { category: 'unknown', summary: 'Evidence does not point to one cause.' },
} as const satisfies Record<string, { category: FaultCategory; summary: string }>;

export type Fault = keyof typeof FAULTS;
export const Fault = z.enum(Object.keys(FAULTS) as [Fault, ...Fault[]]);

/** In which way a resource fails, where its symptoms tell: what a fault looks like from outside, with the category it speaks for. */
export const FAILURE_MODES = {
  'cpu-contention': { category: 'infrastructure', summary: 'Another program takes the processor that it needs.' },
  'cpu-consumption': { category: 'process', summary: 'Its own work uses up the processor.' },
  'network-latency': { category: 'infrastructure', summary: 'Messages to and from it take longer than they did.' },
  exception: { category: 'process', summary: 'Its work is broken off by an error.' },
  'early-return': { category: 'process', summary: 'It leaves out part of its work and goes on as if it were done.' },
} as const satisfies Record<string, { category: FaultCategory; summary: string }>;

export type FailureMode = keyof typeof FAILURE_MODES;
export const FailureMode = z.enum(Object.keys(FAILURE_MODES) as [FailureMode, ...FailureMode[]]);
