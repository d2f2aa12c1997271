import { parseArn, resourceTypeOf, shortName, Arn as ArnSchema, type Arn } from '../../../layers/core/arn.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import type { EdgeSource } from '../../../layers/core/topology.ts';
import type { Environment, EventSource, LoadBalancerFacts, TracedCall } from '../facts.ts';
import type { Known } from './known.ts';

/** Text that, found in a program's environment, says that it uses a resource. */
export interface Clue {
  readonly resource: Arn;
  readonly source: EdgeSource;
  /** `anywhere` in a value; or the `whole` of it, where the variable's name says what it holds. */
  readonly text: string;
  readonly where: 'anywhere' | { readonly wholeOf: RegExp };
}

/** A bare name is too common a word to be looked for everywhere: `orders` may be a table, or the service's own name. */
const WHOLE_OF: Partial<Record<string, RegExp>> = {
  'sqs-queue': /queue/i,
  'dynamodb-table': /table/i,
  'lambda-function': /function|lambda/i,
  'lambda-alias': /function|lambda/i,
};

/** The clues for all watched resources and the load balancers before them. */
export function cluesOf(known: Known, loadBalancers: readonly LoadBalancerFacts[]): Clue[] {
  return [...[...known.watched].flatMap(cluesOfResource), ...loadBalancers.flatMap((lb) => cluesOfBalancer(lb, known))];
}

function cluesOfResource(arn: Arn): Clue[] {
  const type = resourceTypeOf(arn);
  const whole = type && WHOLE_OF[type];
  const clues: Clue[] = [{ resource: arn, source: 'environment', text: arn, where: 'anywhere' }];
  if (whole) clues.push({ resource: arn, source: 'name', text: shortName(arn), where: { wholeOf: whole } });
  // A queue's URL has its account and name in it, whatever its host.
  if (type === 'sqs-queue') {
    const text = `${parseArn(arn).account}/${shortName(arn)}`;
    clues.push({ resource: arn, source: 'environment', text, where: 'anywhere' });
  }
  return clues;
}

/** A load balancer's name says which service is called only when one alone stands behind it. */
function cluesOfBalancer({ arn, dnsName }: LoadBalancerFacts, known: Known): Clue[] {
  const [service, ...others] = servicesBehind(arn, known);
  if (!service || others.length > 0 || !dnsName) return [];
  return [{ resource: service, source: 'target-group', text: dnsName, where: 'anywhere' }];
}

/** The watched services, each once, that a load balancer has before it. */
export function servicesBehind(loadBalancer: Arn, { targetGroups, servicesOf }: Known): Arn[] {
  const groups = [...targetGroups.values()].filter(({ loadBalancers }) => loadBalancers.includes(loadBalancer));
  return [...new Set(groups.flatMap(({ arn }) => servicesOf.get(arn) ?? []))];
}

/** Something that a program uses, and how it is known. */
export interface Use {
  readonly arn: Arn;
  readonly source: EdgeSource;
}

/** What a program uses, by its environment. The values are looked through and forgotten. */
export function usedIn(environment: Environment, clues: readonly Clue[]): Use[] {
  return environment.flatMap(({ name, value }) =>
    clues.filter((clue) => found(clue, name, value)).map(({ resource, source }) => ({ arn: resource, source })),
  );
}

/** What an owner lists in `prunella:depends-on`. */
export const listedIn = (tag: string | undefined, known: Known): Use[] =>
  listed(tag, known).map((arn) => ({ arn, source: 'tag' }));

/** What Lambda polls for it. */
export const polledBy = (arn: Arn, eventSources: readonly EventSource[]): Use[] =>
  eventSources.filter((one) => one.function === arn).map(({ source }) => ({ arn: source, source: 'event-source' }));

/** What it was measured to call. */
export const tracedFrom = (arn: Arn, traces: readonly TracedCall[], known: Known): Use[] =>
  traces
    .filter(({ service, environment }) => called(service, environment, known).includes(arn))
    .flatMap(({ remote, environment }) => called(remote, environment, known))
    .map((callee) => ({ arn: callee, source: 'trace' }));

/** The watched resource that publishes under a name: a service of the cluster that the environment names, else the only one so called. */
function called(name: string, environment: string, { byName, watched }: Known): readonly Arn[] {
  const cluster = /^ecs:(.+)$/.exec(environment)?.[1];
  return (cluster && byName.get(`${cluster}/${name}`)) || byName.get(name) || bySecondName(name, watched);
}

/** Each thing used once, with all that tells of it. */
export function dependenciesOf(arn: Arn, uses: readonly Use[]): Pick<Resource, 'dependsOn' | 'dependsBy'> {
  const others = Map.groupBy(
    uses.filter((use) => use.arn !== arn),
    (use) => use.arn,
  );
  const sources = [...others].map(
    ([other, all]) => [other, [...new Set(all.map(({ source }) => source))].sort()] as const,
  );
  return { dependsOn: [...others.keys()], dependsBy: Object.fromEntries(sources) };
}

function found({ text, where }: Clue, name: string, value: string): boolean {
  return where === 'anywhere' ? namedIn(value, text) : value === text && where.wholeOf.test(name);
}

/** Whether a name stands in a text as a whole: `…:function:quote` is in neither `…:function:quote-2` nor `…:function:quote:live`. */
function namedIn(value: string, text: string): boolean {
  for (let at = value.indexOf(text); at >= 0; at = value.indexOf(text, at + 1)) {
    const before = value[at - 1] ?? '';
    const after = value.slice(at + text.length);
    if (!/[\w-]/.test(before) && /^(?:$|:\d|[^\w:-])/.test(after)) return true;
  }
  return false;
}

/** ARNs, watched or not, and names of watched resources. */
function listed(tag: string | undefined, { byName, watched }: Known): Arn[] {
  const words = (tag ?? '').split(/[\s,]+/).filter(Boolean);
  return words.flatMap((word) => {
    if (watched.has(word)) return [word];
    if (ArnSchema.safeParse(word).success) return [word];
    return byName.get(word) ?? bySecondName(word, watched);
  });
}

/** `orders` for `cluster/orders`, where only one service has that name. */
function bySecondName(word: string, watched: ReadonlySet<Arn>): Arn[] {
  const meant = [...watched].filter((arn) => shortName(arn).endsWith(`/${word}`));
  return meant.length === 1 ? meant : [];
}
