import { AwsError } from '../../../sandbox/contract.ts';
import { page } from '../../../sandbox/cloudwatch/inputs.ts';
import type { Alarms } from '../alarms.ts';
import type { Fleet } from '../model/fleet.ts';
import type { Principal } from '../model/writes.ts';

/** What an operation may use. */
export interface Context {
  readonly fleet: Fleet;
  readonly alarms: Alarms;
  readonly by: Principal;
}

/** Answers one operation as the SDK would: dates are Dates, errors carry the name of AWS's model. */
export type Answer = (input: never, context: Context) => object;
/** The operations of a service that are modelled, by name. */
export type Answers = Readonly<Record<string, Answer>>;

export { AwsError };

/** One page, and the token of the next under the name the service gives it. */
export function paged<T, Name extends string>(
  items: readonly T[],
  token: string | undefined,
  size: number,
  name: Name,
): { readonly items: readonly T[]; readonly next: Partial<Record<Name, string>> } {
  const { items: some, next } = page(items, token, size);
  return { items: some, next: (next === undefined ? {} : { [name]: next }) as Partial<Record<Name, string>> };
}

export const date = (at: number | undefined): Date | undefined => (at === undefined ? undefined : new Date(at));
