import type { Arn } from '../../layers/core/arn.ts';
import type { Diagnosis } from '../../layers/core/diagnosis.ts';
import type { Case } from './episodes.ts';

/** Whether a resource is where the cause is: that itself, or the function of an alias. */
const isAt = (cause: Arn, resource: Arn): boolean => cause === resource || cause.startsWith(`${resource}:`);
const isOfCause = ({ evidence, truth }: Case): boolean => truth.some((one) => isAt(one.resource, evidence.resource));

/**
 * What an incident should be called: its own fault, or on a resource that only suffers, a failure of what it calls. Where AWS
 * fails what it calls, it may be called an outage, too.
 */
export function faultsOf({ evidence, truth }: Case): readonly string[] {
  const own = truth.find(({ resource }) => isAt(resource, evidence.resource))?.faults;
  if (own) return own;
  const isOutage = truth.some(({ faults }) => faults.includes('external-outage'));
  return isOutage ? ['dependency-failure', 'external-outage'] : ['dependency-failure'];
}

/** The one name of the taxonomy that a model learns. */
export const labelOf = (one: Case): string => faultsOf(one)[0] ?? 'unknown';

/** Right: the first hypothesis names the fault, and on a resource that only suffers the first root is where the cause is. */
export function judged(
  one: Case,
  { hypotheses, roots = [] }: Diagnosis,
): { readonly fault: boolean; readonly root: boolean } {
  const root = roots[0]?.resource ?? one.evidence.resource;
  return {
    fault: faultsOf(one).includes(hypotheses[0]?.fault ?? ''),
    root: one.truth.some(({ resource }) => isAt(resource, root)),
  };
}

export interface Named {
  readonly one: Case;
  readonly named: string | undefined;
  readonly fault: boolean;
  readonly root: boolean;
}

/** One line a kind of fault: how often the fault and the resource were right, and what it was called otherwise. */
export function confusions(all: readonly Named[]): string[] {
  const kindOf = ({ one }: Named) => `${one.kind}${isOfCause(one) ? '' : ', a caller'}`;
  return [...Map.groupBy(all, kindOf)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, some]) => {
      const right = (what: 'fault' | 'root') => String(some.filter((one) => one[what]).length).padStart(4);
      const wrong = some.filter(({ fault }) => !fault);
      const names = [...Map.groupBy(wrong, ({ named }) => named ?? 'nothing')].map(
        ([name, of]) => `${name} ${of.length}`,
      );
      return `${kind.padEnd(34)}${String(some.length).padStart(4)}: fault${right('fault')}, resource${right('root')}   ${names.sort().join(', ')}`;
    });
}
