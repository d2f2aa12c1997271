import * as z from 'zod';
import type { Arn } from './arn.ts';
import type { Criterion } from './criterion.ts';
import { minutes, type Seconds } from './units.ts';

/** A health check that an owner asks for by a tag, because nothing else measures whether the resource answers. */
export const Probe = z.object({
  /** Stable within a resource, and the id of the criterion of health: `probe`, or `probe:NAME`. */
  id: z.string(),
  /** `http://…`, `https://…` or `tcp://host:port`, without a user or password. */
  target: z.string(),
  /** Seconds, whole minutes. */
  interval: z.number().int().positive(),
  /** So many failures in a row, and the resource is taken for ill. */
  retries: z.number().int().positive(),
  /** Failures within so many seconds after something was started or deployed do not count. */
  grace: z.number().int().nonnegative(),
  /** Seconds, name lookup and handshake included. */
  timeout: z.number().int().positive(),
  /** HTTP status codes that are well, both included. */
  status: z.tuple([z.number().int(), z.number().int()]),
});
export type Probe = z.infer<typeof Probe>;

/** `silent`: nothing answered in time, or nobody listens; `wrong`: something answered, but not well. */
export const ProbeFailure = z.enum(['silent', 'wrong']);
export type ProbeFailure = z.infer<typeof ProbeFailure>;

/** What a probe found. `why` never holds anything of what was answered. `refused`: it may not be asked, which says nothing. */
export type Reached =
  { readonly ok: true } | { readonly ok: false; readonly failure: ProbeFailure | 'refused'; readonly why: string };

/** How probing is done in a deployment. Set as context `prunella:probe`. */
export const ProbePolicy = z.object({
  /** Whether this machine itself may be asked. True where the account is on one machine; default false. */
  loopback: z.boolean().default(false),
  /** Subnets and security groups of the probing function, to reach what is private. Default none: it is in no VPC. */
  subnets: z.array(z.string().regex(/^subnet-\w+$/, 'supply ids of subnets, e.g. subnet-0123')).default([]),
  securityGroups: z.array(z.string().regex(/^sg-\w+$/, 'supply ids of security groups, e.g. sg-0123')).default([]),
});
export type ProbePolicy = z.infer<typeof ProbePolicy>;

const ALLOWED = {
  interval: { byDefault: 60, least: 60, most: 3600 },
  retries: { byDefault: 3, least: 1, most: 10 },
  grace: { byDefault: 120, least: 0, most: 3600 },
  timeout: { byDefault: 5, least: 1, most: 10 },
} as const;
type Setting = keyof typeof ALLOWED;
const SCHEMES = ['http:', 'https:', 'tcp:'];

/**
 * Reads the value of a tag `prunella:probe`: the target, then words key=value in any order: `interval=` (default 60),
 * `retries=` (3), `grace=` (120), `timeout=` (5) and, of HTTP, `status=200` or `status=200-399` (default 200-299). AWS allows
 * only `+ - = . _ : / @` beside letters, digits and spaces in a tag: a target has no query.
 * @returns what is wrong with the text, where it cannot be read
 */
export function parseProbe(id: string, text: string): Probe | { readonly misread: string } {
  const right = `supply "http://orders.internal:8080/health interval=60 retries=3 grace=120 timeout=5" or "tcp://10.0.0.5:5432", got "${withoutUser(text)}"`;
  const [target = '', ...words] = text.trim().split(/\s+/);
  const wrong = wrongTarget(target);
  if (wrong) return { misread: `${wrong}: ${right}` };
  const given = new Map<string, string>();
  for (const word of words) {
    const [, key, value] = /^([^=]+)=(.+)$/.exec(word) ?? [];
    if (!key || !value) return { misread: `"${word}" is no key=value: ${right}` };
    if (!(key in ALLOWED) && key !== 'status') return { misread: `"${key}" is no setting of a probe: ${right}` };
    if (key === 'status' && target.startsWith('tcp:')) return { misread: `only HTTP has a status: ${right}` };
    given.set(key, value);
  }
  const settings = Object.entries(ALLOWED).map(([key, { byDefault }]) => [key, Number(given.get(key) ?? byDefault)]);
  const { interval, retries, grace, timeout } = Object.fromEntries(settings) as Record<Setting, number>;
  for (const [key, { least, most }] of Object.entries(ALLOWED)) {
    const value = { interval, retries, grace, timeout }[key as Setting];
    if (!Number.isInteger(value) || value < least || value > most)
      return { misread: `${key} is a whole number from ${least} to ${most}: ${right}` };
  }
  if (interval % 60 !== 0) return { misread: `an interval is a multiple of 60 seconds: ${right}` };
  const status = statusOf(given.get('status') ?? '200-299');
  if (!status) return { misread: `a status is a code or a range of codes: ${right}` };
  return { id, target, interval, retries, grace, timeout, status };
}

function wrongTarget(target: string): string | undefined {
  if (!URL.canParse(target)) return 'no target';
  const { protocol, hostname, port, pathname, username, password, search } = new URL(target);
  if (!SCHEMES.includes(protocol)) return 'a target begins with http://, https:// or tcp://';
  if (hostname === '') return 'the target names no host';
  if (username !== '' || password !== '') return 'a tag is no place for a user or password';
  if (protocol === 'tcp:' && (port === '' || port === '0')) return 'a TCP target names its port';
  if (protocol === 'tcp:' && !['', '/'].includes(pathname)) return 'a TCP target has no path';
  return search === '' ? undefined : 'a target has no query';
}

/** What is shown of a text that cannot be read has no password in it. */
const withoutUser = (text: string): string => text.replace(/\/\/\S*@/, '//');

function statusOf(text: string): [number, number] | undefined {
  const [, first, last = first] = /^([1-5]\d\d)(?:-([1-5]\d\d))?$/.exec(text) ?? [];
  return first !== undefined && last !== undefined && first <= last ? [Number(first), Number(last)] : undefined;
}

/** Where the results of a probe are published, in CloudWatch: 1 where it failed, 0 where it was answered. */
export const PROBE_NAMESPACE = 'Prunella/Probe';
export const PROBE_METRIC = 'Failed';
export const probeDimensions = (resource: Arn, id: string) => ({ Resource: resource, Probe: id });

/** What a probe says is a criterion of health: it must not fail. */
export function criterionOf(resource: Arn, { id, interval }: Probe): Criterion {
  const metric = { namespace: PROBE_NAMESPACE, metric: PROBE_METRIC, dimensions: probeDimensions(resource, id) };
  return {
    id,
    resource,
    role: 'target',
    queries: [{ id: 'm', ...metric, stat: 'Maximum', period: interval }],
    returns: 'm',
    comparison: 'GreaterThanThreshold',
    threshold: 0,
    period: interval,
    missing: 'missing',
    trafficFloor: 1,
  };
}

/** A scheduled function runs once a minute. */
const TICK: Seconds = minutes(1);

/**
 * Whether a probe is due at a tick: at its own place within its interval, so that probes are spread and nothing needs to be
 * remembered of when it was asked last.
 * @param at seconds since the epoch
 */
export function isDue(resource: Arn, { id, interval }: Pick<Probe, 'id' | 'interval'>, at: Seconds): boolean {
  const ticks = interval / TICK;
  return Math.round(at / TICK) % ticks === hash(`${resource} ${id}`) % ticks;
}

/** FNV-1a, 32 bits (Fowler, Noll, Vo). */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const char of text) value = Math.imul(value ^ char.codePointAt(0)!, 0x01000193) >>> 0;
  return value;
}
