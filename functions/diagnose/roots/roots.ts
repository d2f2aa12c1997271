import type { Root } from '../../../layers/core/diagnosis.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import { edgesAmong } from '../../../layers/core/topology.ts';
import { epoch } from '../../../layers/core/points.ts';
import { failureOf, type FailureInput } from '../classify/failure-mode.ts';
import type { Edge, Kind, Ranked } from '../ranking/input.ts';
import { knownOf, type Known } from '../ranking/known.ts';
import { rank } from '../ranking/rank.ts';
import { callees } from '../support/callees.ts';
import { criteriaThatRang, slack, target } from '../support/facts.ts';
import { eventsOf } from './events.ts';
import { followed } from './followed.ts';
import { madeIn } from './made.ts';
import { measuredOf, type Told } from './measured.ts';

/** As many as a person reads. */
const MOST_ROOTS = 5;
const MOST_REASONS = 5;
/** What has less of the whole than this is no candidate. */
const LEAST_SHARE = 0.02;

/**
 * Which resource the trouble began in, most probable first: the ranking of functions/diagnose/ranking on what the evidence
 * holds. [] where nothing moved. Pure.
 */
export function rootsOf(evidence: Evidence): Root[] {
  const input = rankingInput(evidence);
  const known = knownOf(input);
  return rank(input, known)
    .filter(({ share, because }) => share >= LEAST_SHARE && because.length > 0)
    .slice(0, MOST_ROOTS)
    .map((ranked, i) => ({ ...rootOf(ranked, input), ...(i === 0 ? failureOfRoot(ranked, input, known) : {}) }));
}

interface Ground extends FailureInput {
  readonly measured: readonly Told[];
}

function rankingInput(evidence: Evidence): Ground {
  const measured = measuredOf(evidence);
  const kind = kindThatRang(evidence, measured);
  const onset = epoch(evidence.window.onset);
  return {
    measured,
    edges: edgesIn(evidence),
    events: eventsOf(evidence),
    changes: madeIn(evidence),
    sizes: new Map(evidence.services.flatMap(({ resource, memory }) => (memory ? [[resource, memory] as const] : []))),
    target: { node: evidence.resource, ...(kind ? { kind } : {}) },
    onset,
    tolerance: Math.max(60, slack(evidence)),
  };
}

/** Who calls whom, and how much of its trouble each caller puts down to whom it calls. */
function edgesIn(evidence: Evidence): Edge[] {
  const named = new Map(
    evidence.resources.flatMap((caller) =>
      callees(evidence, caller).map(({ arn, share, isWell }) => [`${caller.arn} ${arn}`, isWell ? 0 : share] as const),
    ),
  );
  return edgesAmong(evidence.resources).map(({ from, to, confidence }) => ({
    from,
    to,
    confidence,
    named: named.get(`${from} ${to}`) ?? 0,
  }));
}

/** What the alarms measure that told of the incident, where they agree. */
function kindThatRang(evidence: Evidence, measured: readonly Told[]): Kind | undefined {
  const rang = criteriaThatRang(evidence.signals, target(evidence));
  const own = measured.filter(({ node, criterion }) => node === evidence.resource && rang.has(criterion));
  const [only, ...others] = new Set(own.map(({ kind }) => kind));
  return others.length === 0 ? only : undefined;
}

function rootOf({ node, share, because }: Ranked, { measured, edges, onset }: Ground): Root {
  const order = followed(node, measured, edges, onset);
  return {
    resource: node,
    share: Math.round(share * 1e4) / 1e4,
    because: [...because.slice(0, MOST_REASONS), ...(order ? [order] : [])],
  };
}

/** In which way it fails. Asked of the most probable alone: of the others it is not known that they fail. */
function failureOfRoot({ node }: Ranked, input: Ground, known: Known): Pick<Root, 'failure'> {
  const failure = failureOf(node, input, known);
  return failure ? { failure } : {};
}
