import * as z from 'zod';
import type { Arn } from '../../layers/core/arn.ts';
import type { Signal } from '../../layers/core/signal.ts';

type WithoutResource<S> = S extends Signal ? Omit<S, 'resource'> : never;
/** A signal of which it is not yet known which watched resource it concerns. */
export type Draft = WithoutResource<Signal>;

/** What a signal is about: a resource it names, several of which each gets its own, or an alarm that the inventory resolves. */
export type About = { readonly resource: Arn } | { readonly resources: readonly Arn[] } | { readonly alarm: Arn };

/** What a source makes of an event it understood. */
export type Reading =
  /** `effect`: `joins` tells an open incident something, but never opens one. */
  | { readonly kind: 'signal'; readonly signal: Draft; readonly about: About; readonly effect: 'opens' | 'joins' }
  /** Normal work: not a sign of trouble. */
  | { readonly kind: 'ignored'; readonly why: string }
  /** Something was changed: the change feed records it. */
  | { readonly kind: 'change'; readonly why: string };

/** Which events a source understands, as an EventBridge pattern: the rule in infra is made from it. */
export interface Pattern {
  readonly source: readonly string[];
  readonly 'detail-type': readonly string[];
}

/** One kind of event: one file in functions/intake/sources, exported as `source`. */
export interface Source {
  readonly name: string;
  readonly pattern: Pattern;
  /** @throws z.ZodError when the event is not what its source and detail-type promise. */
  read(event: unknown): Reading;
}

/** Parses with the source's own schema, then reads. */
export function defineSource<Schema extends z.ZodType>(source: {
  readonly name: string;
  readonly pattern: Pattern;
  readonly event: Schema;
  readonly read: (event: z.infer<Schema>) => Reading;
}): Source {
  const { name, pattern, event: schema, read } = source;
  return { name, pattern, read: (event) => read(schema.parse(event)) };
}

/** AWS writes `2026-11-22T00:41:08.123+0000` in some events: the same instant as `Date.toISOString()` writes it. */
export const Timestamp = z.string().transform((text, context) => {
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  context.addIssue({ code: 'custom', message: `supply a time, e.g. 2026-11-22T00:41:08.123Z, got ${text}` });
  return z.NEVER;
});
