import { createHash } from 'node:crypto';
import { canonicalJson } from '../../layers/core/audit.ts';
import type { Mutation } from '../../layers/core/mutation.ts';
import type { Candidate } from '../../layers/core/plan.ts';
import { readerAws } from '../../layers/runtime/aws.ts';
import { actionNamed } from '../recover/catalogue.ts';

export interface Intent {
  /** [] when it may run. */
  readonly reasonsNot: readonly string[];
  readonly mutations: readonly Mutation[];
  /** What an approval binds: action, target, parameters and the exact mutations. */
  readonly planHash: string;
}

/** What a candidate would change right now. Reads only. */
export async function intentOf(candidate: Candidate): Promise<Intent> {
  const action = actionNamed(candidate.action);
  const aws = await readerAws(candidate.resource);
  const params = action.params.parse(candidate.params);
  const [reasonsNot, mutations] = await Promise.all([action.preconditions(params, aws), action.intend(params, aws)]);
  return { reasonsNot, mutations, planHash: planHash(candidate, mutations) };
}

export function planHash({ action, resource, params }: Candidate, mutations: readonly Mutation[]): string {
  return createHash('sha256').update(canonicalJson({ action, resource, params, mutations })).digest('hex');
}

/** `taskDefinition of shop/orders: orders:8 becomes orders:7`. */
export const describeMutation = ({ resource, field, was, becomes }: Mutation): string =>
  `${field} of ${resource}: ${String(was)} becomes ${String(becomes)}`;
