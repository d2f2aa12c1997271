/** Fault types on Nezha: ours by what the symptoms of the service tell, the peers' learned from all other cases of the system. */
import { join } from 'node:path';
import { failureOf } from '../../functions/diagnose/classify/failure-mode.ts';
import { changeOf } from '../../functions/diagnose/ranking/change.ts';
import type { Ranked } from '../../functions/diagnose/ranking/input.ts';
import { knownOf, type Known } from '../../functions/diagnose/ranking/known.ts';
import { earliest } from '../../functions/diagnose/ranking/time.ts';
import type { FailureMode } from '../../layers/core/taxonomy.ts';
import { estimate, type Row } from '../support/measured-table.ts';
import { askPeers } from '../support/peers.ts';
import type { Case } from './cases.ts';

/** How the set calls our failure modes. */
const TYPES: Readonly<Record<FailureMode, string>> = {
  'cpu-contention': 'cpu_contention',
  'cpu-consumption': 'cpu_consumed',
  'network-latency': 'network_delay',
  exception: 'exception',
  'early-return': 'return',
};

const typeOf = (node: string, { input }: Case, known: Known): string => {
  const failure = failureOf(node, input, known);
  return failure ? TYPES[failure.mode] : 'unknown';
};

/**
 * Ours with the service given, as the peers have it, and for the service that we rank first.
 *
 * @returns what is missing where the learned peers could not be asked
 */
export function typeRows(
  cases: readonly Case[],
  ranked: readonly (readonly Ranked[])[],
): { rows: Row[]; missing?: string } {
  const types = cases.map(({ fault }) => fault.type);
  const { answer, missing } = askPeers<Record<string, string[]>>(join(import.meta.dirname, 'peers.py'), {
    rows: vectorsOf(cases),
    labels: types,
  });
  const ours = cases.map((one, i) => {
    const known = knownOf(one.input);
    return { given: typeOf(one.fault.service, one, known), first: typeOf(ranked[i]?.[0]?.node ?? '', one, known) };
  });
  const rows = [
    row(
      'Prunella',
      types,
      ours.map(({ given }) => given),
    ),
    row(
      'Prunella, service ranked first',
      types,
      ours.map(({ first }) => first),
    ),
    row(
      'most frequent type',
      types,
      types.map((_, i) => mostFrequent(types.filter((__, j) => j !== i))),
    ),
    ...Object.entries(answer ?? {}).map(([name, said]) => row(name, types, said)),
  ];
  return { rows, ...(missing === undefined ? {} : { missing }) };
}

function row(name: string, types: readonly string[], said: readonly string[]): Row {
  const right = (type?: string) =>
    estimate(types.flatMap((one, i) => (!type || one === type ? [said[i] === one ? 1 : 0] : [])));
  const each = [...new Set(types)].sort().map((type) => [type, right(type)] as const);
  return { name, metrics: { accuracy: right(), ...Object.fromEntries(each) } };
}

function mostFrequent(types: readonly string[]): string {
  const counts = [...Map.groupBy(types, (type) => type)].sort(
    ([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1),
  );
  return counts[0]?.[0] ?? 'unknown';
}

/** How every metric of the faulty service changed, in standard deviations with their sign; null where nothing is known. */
function vectorsOf(cases: readonly Case[]): (number | null)[][] {
  const own = cases.map(({ fault, input }) => {
    const from = earliest(input);
    const changes = input.measured
      .filter(({ node }) => node === fault.service)
      .flatMap((series) => changeOf(series, from) ?? []);
    return new Map(changes.map(({ metric, signed }) => [metric, signed]));
  });
  const metrics = [...new Set(own.flatMap((changes) => [...changes.keys()]))].sort();
  return own.map((changes) => metrics.map((metric) => changes.get(metric) ?? null));
}
