import type { Action, Heals } from '../../layers/core/action.ts';
import { LONG_SHOT, type Diagnosis, type Hypothesis } from '../../layers/core/diagnosis.ts';
import type { Evidence } from '../../layers/core/evidence.ts';
import { canonicalJson } from '../../layers/core/audit.ts';
import { criteriaOf, type Resource } from '../../layers/core/inventory.ts';
import { permissionFor, type Risk } from '../../layers/core/mode.ts';
import type { Candidate, Plan } from '../../layers/core/plan.ts';
import type { Policy } from '../../layers/core/policy.ts';
import { posteriorMean, type Posterior } from '../../layers/core/posterior.ts';
import { percent, type Seconds } from '../../layers/core/units.ts';
import type { ActionCatalogue } from '../recover/catalogue.ts';

/** What was learned, by `fault/action`: `{ 'memory-leak/restart-service': { alpha: 5, beta: 2 } }`. */
export type Posteriors = Readonly<Partial<Record<string, Posterior>>>;

/** How often an action healed and failed on this very resource against a fault, by `fault/action`. */
export type OwnHistory = Readonly<Partial<Record<string, { readonly healed: number; readonly failed: number }>>>;

export interface PlanOptions {
  /** Candidates of attempts already made in this incident, by `candidateKey`: none is tried twice. */
  readonly tried?: ReadonlySet<string>;
  /** Why an action must rest now, by name (cooldown, quota). */
  readonly resting?: Readonly<Record<string, string>>;
  readonly own?: OwnHistory;
}

const FLAT: Posterior = { alpha: 1, beta: 1 };
/** An outcome on this very resource counts as much as so many on others of its type. */
const OWN_WEIGHT = 4;
/** What the risk of an action costs, in seconds of trouble. */
export const RISK_COST: Readonly<Record<Risk, Seconds>> = { R0: 0, R1: 5, R2: 20, R3: 300, R4: 3600 };
/** Trouble that a failed attempt causes where it takes all capacity away. */
export const DISRUPTION_COST: Seconds = 600;
/** A person answers in about this time. */
const ASKING_COST: Seconds = 600;

/** What makes two candidates the same. */
export const candidateKey = ({ action, resource, params }: Pick<Candidate, 'action' | 'resource' | 'params'>): string =>
  `${action} ${resource} ${canonicalJson(params)}`;

/**
 * Which actions to try, first to try first. Pure.
 *
 * Candidates come from each hypothesis whose fault an action heals on that type of resource. The chance of success is the
 * hypothesis' confidence times the mean of what was learned. Trying one after another until one heals costs least when
 * they are ordered by chance over cost (Simon & Kadane 1975, "Optimal problem-solving search", theorem 1); cost is the
 * time until it is known, and what the action risks, in seconds.
 */
export function plan(
  diagnosis: Diagnosis,
  evidence: Evidence,
  posteriors: Posteriors,
  policy: Policy,
  actions: ActionCatalogue,
  { tried = new Set(), resting = {}, own = {} }: PlanOptions = {},
): Plan {
  const rejected: Plan['rejected'][number][] = [];
  const candidates = new Map<string, Candidate & { cost: Seconds }>();
  for (const hypothesis of diagnosis.hypotheses) {
    const resource = evidence.resources.find(({ arn }) => arn === hypothesis.resource);
    if (!resource) continue;
    for (const { action, heals } of healers(actions, resource, hypothesis)) {
      const no = (why: string) => rejected.push({ action: action.name, resource: resource.arn, why });
      const params = action.propose({ hypothesis, resource, evidence });
      if (isUnfit(params)) {
        no(params.unfit);
        continue;
      }
      const candidate = candidateFor(action, heals, hypothesis, resource, params, {
        posteriors,
        own,
        evidence,
        policy,
      });
      const key = candidateKey(candidate);
      const why = tried.has(key)
        ? 'it was tried in this incident already'
        : (resting[action.name] ?? whyNever(action, resource));
      if (why) no(why);
      else candidates.set(key, merged(candidates.get(key), candidate));
    }
  }
  const worthwhile = [...candidates.values()].filter(({ action, resource, success }) => {
    // Not worth disturbing what still runs: it is told to a person instead.
    if (success >= LONG_SHOT) return true;
    rejected.push({
      action,
      resource,
      why: `the chance that it heals is ${percent(success)}, too small to try`,
    });
    return false;
  });
  const ordered = worthwhile.sort(
    (a, b) => b.success / b.cost - a.success / a.cost || (candidateKey(a) < candidateKey(b) ? -1 : 1),
  );
  return { candidates: ordered.map(({ cost: _cost, ...candidate }) => candidate), rejected: unique(rejected) };
}

function healers(
  actions: ActionCatalogue,
  { type }: Resource,
  { fault }: Hypothesis,
): { action: Action; heals: Heals }[] {
  return Object.keys(actions)
    .sort()
    .flatMap((name) => {
      const action = actions[name];
      const heals = action?.heals.find(({ resource, faults }) => resource === type && faults.includes(fault));
      return action && heals ? [{ action, heals }] : [];
    });
}

const isUnfit = (params: unknown): params is { readonly unfit: string } =>
  typeof params === 'object' && params !== null && 'unfit' in params && typeof params.unfit === 'string';

interface Known {
  readonly posteriors: Posteriors;
  readonly own: OwnHistory;
  readonly evidence: Evidence;
  readonly policy: Policy;
}

function candidateFor(
  action: Action,
  heals: Heals,
  hypothesis: Hypothesis,
  resource: Resource,
  params: unknown,
  known: Known,
) {
  const key = `${hypothesis.fault}/${action.name}`;
  const learned = known.posteriors[key] ?? heals.prior ?? FLAT;
  const here = known.own[key] ?? { healed: 0, failed: 0 };
  const belief = { alpha: learned.alpha + OWN_WEIGHT * here.healed, beta: learned.beta + OWN_WEIGHT * here.failed };
  const chance = posteriorMean(belief);
  const success = hypothesis.confidence * chance;
  const expectedSeconds = action.settles.typical + known.policy.goodPoints * finestPeriod(resource);
  const asks = permissionFor(resource.mode, action.risk, resource.maxRisk) === 'ask';
  const cost =
    expectedSeconds +
    RISK_COST[action.risk] +
    (1 - success) * action.disruption * DISRUPTION_COST +
    (asks ? ASKING_COST : 0);
  const experience =
    here.healed + here.failed > 0
      ? `; on this resource it healed ${percent(here.healed / (here.healed + here.failed))} of the latest times`
      : '';
  return {
    action: action.name,
    params: params as Record<string, unknown>,
    resource: resource.arn,
    fault: hypothesis.fault,
    risk: action.risk,
    success,
    expectedSeconds,
    because: [
      `${action.name} against ${hypothesis.fault}: ${percent(hypothesis.confidence)} that it is the fault, ${percent(chance)} that it heals it${experience}.`,
    ],
    cost,
  };
}

const finestPeriod = (resource: Resource): Seconds => Math.min(60, ...criteriaOf(resource).map(({ period }) => period));

/** Why no state of the world would let it run by itself; undefined where mode and risk leave a way. */
function whyNever(action: Action, { mode, maxRisk }: Resource): string | undefined {
  const permission = permissionFor(mode, action.risk, maxRisk);
  if (permission === 'never') return `mode ${mode} allows no action`;
  if (permission === 'suggest' && mode !== 'suggest')
    return `${action.risk} cannot be undone: it is prepared for a person, never executed`;
  return undefined;
}

/** The same action for two faults: it heals if either is the cause, and the likelier names it. */
function merged<C extends Candidate>(known: C | undefined, candidate: C): C {
  if (!known) return candidate;
  const [first, second] = known.success >= candidate.success ? [known, candidate] : [candidate, known];
  return {
    ...first,
    success: Math.min(1, first.success + second.success),
    because: [...first.because, ...second.because],
  };
}

const unique = (rejected: Plan['rejected']): Plan['rejected'] => [
  ...new Map(rejected.map((one) => [`${one.action} ${one.resource} ${one.why}`, one])).values(),
];
