import * as z from 'zod';
import { Arn, parseArn, shortName } from '../../layers/core/arn.ts';
import type { Evidence } from '../../layers/core/evidence.ts';
import { impactLines, impactTogether } from '../../layers/core/impact.ts';
import { EscalationCause, type Incident } from '../../layers/core/incident.ts';
import { Mutation } from '../../layers/core/mutation.ts';
import { readingOf } from '../../layers/core/points.ts';
import type { Attempt, Plan } from '../../layers/core/plan.ts';
import { Outcome } from '../../layers/core/posterior.ts';
import { redactDeep } from '../../layers/core/redact.ts';
import { sayExpected } from '../../layers/core/sequence.ts';
import { percent, secondsBetween, type Instant } from '../../layers/core/units.ts';
import { expectedNext } from '../diagnose/knowledge/order.ts';

/** What a person is told when Prunella stops: everything needed to take over. */
export const Escalation = z.object({
  kind: z.literal('escalation'),
  schema: z.literal(1),
  incidentId: z.string(),
  resource: Arn,
  severity: z.string(),
  priority: z.string().optional(),
  since: z.string(),
  at: z.string(),
  /** Other incidents that share its cause, outside the dependency graph: this message stands for them, too. */
  sharedWith: z.array(z.object({ incidentId: z.string(), resource: Arn, since: z.string() })).optional(),
  /** What they share. */
  shared: z.string().optional(),
  /** Who is affected and what it cost, then the metrics that were bad. */
  impact: z.array(z.string()),
  cause: z.object({ fault: z.string(), confidence: z.number(), because: z.array(z.string()) }),
  otherCauses: z.array(z.object({ fault: z.string(), confidence: z.number() })),
  gaps: z.array(z.string()),
  /** Trouble of others that has followed before; absent in older messages. */
  expected: z.array(z.string()).optional(),
  attempts: z.array(
    z.object({
      attempt: z.number(),
      action: z.string(),
      at: z.string(),
      outcome: Outcome.or(z.literal('not begun')),
      why: z.array(z.string()),
    }),
  ),
  /** What is still changed: nothing here means that everything is as it was found. */
  stillChanged: z.array(Mutation.extend({ state: z.string() })),
  stoppedBecause: EscalationCause,
  why: z.array(z.string()),
  /** Candidates that were not run, and why. */
  notTried: z.array(z.string()),
  nextStep: z.string(),
  links: z.record(z.string(), z.string()),
});
export type Escalation = z.infer<typeof Escalation>;

export interface EscalationInput {
  readonly incident: Incident;
  /** The other incidents that it tells of. */
  readonly sharing?: readonly Incident[];
  readonly because: EscalationCause;
  readonly why: readonly string[];
  readonly evidence?: Evidence;
  readonly attempts: readonly Attempt[];
  readonly plan?: Plan;
  readonly executionArn: Arn;
  readonly runbook: string;
  readonly now: Instant;
}

/** Pure: the facts of an incident as a message. Redacted. */
export function escalationOf(input: EscalationInput): Escalation {
  const { incident, because, why, evidence, attempts, plan, now, sharing = [] } = input;
  const [first, ...others] = incident.diagnosis?.hypotheses ?? [];
  const impact =
    incident.impact &&
    impactTogether(
      incident.impact,
      sharing.flatMap((other) => other.impact ?? []),
    );
  return redactDeep<Escalation>({
    kind: 'escalation',
    schema: 1,
    incidentId: incident.incidentId,
    resource: incident.resource,
    severity: impact?.severity ?? incident.severity,
    ...(impact ? { priority: impact.priority } : {}),
    since: incident.onset,
    at: now,
    ...(sharing.length > 0 ? { shared: incident.shared?.what, sharedWith: sharing.map(sharerLine) } : {}),
    impact: [...(impact ? impactLines(impact) : []), ...badMetrics(evidence)],
    cause: first
      ? { fault: first.fault, confidence: first.confidence, because: first.because }
      : { fault: 'unknown', confidence: 0, because: ['it was not diagnosed'] },
    otherCauses: others.slice(0, 4).map(({ fault, confidence }) => ({ fault, confidence })),
    gaps: incident.diagnosis?.gaps ?? [],
    ...expectedBy(incident, now, evidence),
    attempts: attempts.map(attemptLine),
    stillChanged: attempts
      .flatMap(({ mutations }) => mutations)
      .filter(({ state }) => state === 'applied' || state === 'intended' || state === 'undo-failed')
      .map(({ resource, field, was, becomes, state }) => ({ resource, field, was, becomes, state })),
    stoppedBecause: because,
    why: [...why],
    notTried: (plan?.rejected ?? []).map(({ action, why: reason }) => `${action}: ${reason}`),
    nextStep: nextStep(because, incident),
    links: links(input),
  });
}

const sharerLine = ({ incidentId, resource, onset }: Incident) => ({ incidentId, resource, since: onset });

function expectedBy({ diagnosis }: Incident, now: Instant, evidence?: Evidence): Pick<Escalation, 'expected'> {
  const expected = evidence && diagnosis ? expectedNext({ ...evidence, takenAt: now }, diagnosis) : [];
  return expected.length > 0 ? { expected: expected.map(sayExpected) } : {};
}

function attemptLine({
  attempt,
  candidate,
  startedAt,
  outcome,
  judged,
  outcomeWhy,
  mutations,
}: Attempt): Escalation['attempts'][number] {
  const known = outcome ?? judged ?? 'unknown';
  return {
    attempt,
    action: candidate.action,
    at: startedAt,
    outcome: mutations.length === 0 ? 'not begun' : known,
    why: outcomeWhy,
  };
}

/** The metrics that are bad: what they are now, against their limit and against before. */
function badMetrics(evidence: Evidence | undefined): string[] {
  if (!evidence) return ['no evidence was collected'];
  const onset = Date.parse(evidence.window.onset) / 1000;
  const resource = evidence.resources.find(({ arn }) => arn === evidence.resource);
  const targets = [...(resource?.alarms ?? []).flatMap(({ criteria }) => criteria), ...(resource?.own ?? [])].filter(
    ({ role }) => role === 'target',
  );
  const metrics = targets.flatMap((criterion) => {
    const points = [...readingOf(criterion, evidence.series).values.entries()].sort(([a], [b]) => a - b);
    const [before, now] = [points.filter(([at]) => at < onset).at(-1)?.[1], points.at(-1)?.[1]];
    if (now === undefined) return [];
    return [
      `${criterion.id}: ${round(now)}${before === undefined ? '' : `, before ${round(before)}`} (limit ${criterion.threshold})`,
    ];
  });
  const state = evidence.services.find((service) => service.resource === evidence.resource);
  return [...(state ? [`${state.running} of ${state.desired} tasks run`] : []), ...metrics];
}

const round = (value: number): number => Math.round(value * 100) / 100;

const NEXT_STEPS: Readonly<Record<EscalationCause, (id: string, resource: string) => string>> = {
  'no-candidate': (id, resource) =>
    `Nothing that Prunella may do fits. Look at ${resource} with the evidence: npx prunella explain ${id}`,
  exhausted: (id, resource) =>
    `Everything that was allowed was tried. Mend ${resource} by hand; what was seen: npx prunella explain ${id}`,
  'approval-refused': (id, resource) =>
    `The proposed action was refused. Mend ${resource} by hand, or let it be proposed again after the incident: npx prunella explain ${id}`,
  'approval-late': (id, resource) =>
    `Nobody answered in time. Mend ${resource} by hand; what was proposed: npx prunella explain ${id}`,
  brake: (id) =>
    `Many resources are in trouble at once: look for what they share (network, region, a common dependency). Healing goes on by itself when the brake releases: npx prunella status, npx prunella explain ${id}`,
  'other-writer': (id, resource) =>
    `Someone else is at work on ${resource}. Talk to them; Prunella keeps off until it is well: npx prunella explain ${id}`,
  'undo-failed': (id, resource) =>
    `${resource} is frozen. Put back by hand what stands under "still changed", then: npx prunella unfreeze ${resource}; npx prunella explain ${id}`,
  'our-fault': (id) =>
    `Prunella itself failed. Look at the execution and its functions' logs, and at the resource: npx prunella explain ${id}`,
};

const nextStep = (because: EscalationCause, { incidentId, resource }: Incident): string =>
  NEXT_STEPS[because](incidentId, resource);

/** Causes that the runbook has a section of; for the others the message itself says what to do. */
const RUNBOOK_SECTIONS: Readonly<Partial<Record<EscalationCause, string>>> = {
  brake: '#storm-brake',
  'undo-failed': '#undo-failed',
  'our-fault': '#execution-failed',
};

function links({ incident, executionArn, runbook, because }: EscalationInput): Record<string, string> {
  const { region } = parseArn(executionArn);
  const console = `https://${region}.console.aws.amazon.com`;
  return {
    execution: `${console}/states/home?region=${region}#/v2/executions/details/${executionArn}`,
    runbook: runbook + (RUNBOOK_SECTIONS[because] ?? ''),
    ...resourceLink(incident.resource),
  };
}

function resourceLink(arn: Arn): Record<string, string> {
  const { service, region, resource } = parseArn(arn);
  const console = `https://${region}.console.aws.amazon.com`;
  const [, cluster, name] = resource.split('/');
  if (service === 'ecs')
    return { resource: `${console}/ecs/v2/clusters/${cluster}/services/${name}/health?region=${region}` };
  if (service === 'lambda')
    return { resource: `${console}/lambda/home?region=${region}#/functions/${resource.split(':')[1]}` };
  return {};
}

/** Under 100 characters, as SNS wants it. */
export const subjectOf = ({ resource, stoppedBecause, severity, sharedWith = [] }: Escalation): string =>
  sharedWith.length === 0
    ? `[${severity}] ${shortName(resource)} needs a person: ${stoppedBecause}`
    : `[${severity}] ${shortName(resource)} and ${sharedWith.length} more need a person: ${stoppedBecause}`;

/** What is told of here beside the incident itself; others may join it later. */
function sharedLines({ incidentId, shared, sharedWith = [] }: Escalation): string[] {
  if (sharedWith.length === 0) return [];
  return [
    '',
    `With the same cause outside what is watched (${shared ?? 'not named'}), and not told of by themselves`,
    ...sharedWith.map((one) => `- ${one.resource}, since ${one.since}: incident ${one.incidentId}`),
    `- whatever joins later: npx prunella explain ${incidentId}`,
  ];
}

/** For a person; the last line is the same as JSON, for a program. */
export function textOf(told: Escalation): string {
  const list = (lines: readonly string[], none: string) =>
    lines.length === 0 ? [`- ${none}`] : lines.map((line) => `- ${line}`);
  const minutes = Math.max(0, Math.round(secondsBetween(told.since, told.at) / 60));
  return [
    `${told.resource} is in trouble since ${told.since} (${minutes} min). Prunella has stopped: ${told.stoppedBecause}.`,
    ...list(told.why, 'no reason was given'),
    ...sharedLines(told),
    '',
    'Impact',
    ...list(told.impact, 'no metric was bad'),
    '',
    `Likely cause: ${told.cause.fault} (${percent(told.cause.confidence)})`,
    ...list(told.cause.because, 'no reasons'),
    ...told.otherCauses.map(({ fault, confidence }) => `- otherwise ${fault} (${percent(confidence)})`),
    ...told.gaps.map((gap) => `- not known: ${gap}`),
    ...(told.expected ? ['', 'To be expected next', ...list(told.expected, '')] : []),
    '',
    'Attempts',
    ...list(
      told.attempts.map(
        ({ attempt, action, at, outcome, why }) =>
          `${attempt}. ${action} at ${at}: ${outcome}${why.length > 0 ? ` (${why.join('; ')})` : ''}`,
      ),
      'none was made',
    ),
    ...told.notTried.map((line) => `- not tried: ${line}`),
    '',
    'Still changed',
    ...list(
      told.stillChanged.map(
        ({ field, resource, was, becomes, state }) =>
          `${field} of ${resource}: was ${String(was)}, ${state === 'applied' ? 'is' : `${state}:`} ${String(becomes)}`,
      ),
      'nothing: all is as it was found',
    ),
    '',
    `Next step: ${told.nextStep}`,
    ...Object.entries(told.links).map(([name, url]) => `${name}: ${url}`),
    '',
    JSON.stringify(told),
  ].join('\n');
}

/** Reads a message back. @throws ZodError when its last line is no escalation */
export const parseMessage = (message: string): Escalation =>
  Escalation.parse(JSON.parse(message.slice(message.lastIndexOf('\n') + 1)));
