import { createHash } from 'node:crypto';
import * as z from 'zod';
import { fieldsOf } from './log-template.ts';

/** How an owner says that lines of his logs belong together: tag `prunella:session`. */
export const SessionKey = z.object({
  /** The field that holds their id; dots lead into nested JSON. Absent: the names that are certain. `none`: no sessions. */
  field: z.string().optional(),
  /** Seconds without a line after which a session is over. */
  idle: z.number().int().positive(),
});
export type SessionKey = z.infer<typeof SessionKey>;

/** A request that says nothing for a minute is over: a load balancer's connection is, by default. */
export const DEFAULT_SESSION: SessionKey = { idle: 60 };
const LONGEST_IDLE = 3600;
const NO_SESSIONS = 'none';

/**
 * Reads the value of a tag `prunella:session`: the name of the field, then `idle=` in seconds (default 60, 5 to 3,600).
 * @returns what is wrong with the text, where it cannot be read
 */
export function parseSessionKey(text: string): SessionKey | { readonly misread: string } {
  const right = `supply "requestId" or "orderId idle=300", got "${text}"`;
  const [field, ...words] = text.trim().split(/\s+/);
  if (!field || !/^[\w.@-]{1,100}$/.test(field)) return { misread: `no name of a field: ${right}` };
  const odd = words.find((word) => !/^idle=\d+$/.test(word));
  if (odd !== undefined || words.length > 1) return { misread: `"${words.join(' ')}" is not idle=SECONDS: ${right}` };
  const idle = words[0] === undefined ? DEFAULT_SESSION.idle : Number(words[0].slice('idle='.length));
  if (idle < 5 || idle > LONGEST_IDLE)
    return { misread: `idle is a whole number from 5 to ${LONGEST_IDLE} seconds: ${right}` };
  return { field, idle };
}

/** What a line says about its session. */
export interface OfSession {
  /** A hash of its id: ids may be names of people, and nobody needs to read them. */
  readonly key: string;
  /** Whether nothing more comes of it: Lambda's report. */
  readonly ends: boolean;
}

/** The session that a line belongs to; undefined where it names none. The line is as it was logged, not redacted. */
export function sessionIn(text: string, { field }: Pick<SessionKey, 'field'> = {}): OfSession | undefined {
  if (field === NO_SESSIONS) return undefined;
  const fields = fieldsOf(text);
  const id = field === undefined ? certainId(text, fields) : namedId(text, fields, field);
  return id === undefined ? undefined : { key: hashOf(id), ends: REPORT.test(text) };
}

/** 32 bits: few of what is under way at once collide, and nobody gets an id back from them alone. */
const hashOf = (id: string): string => createHash('sha256').update(id).digest('hex').slice(0, 8);

const UUID = String.raw`[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}`;
/** Lambda's report is the last line of an invocation, as text and as JSON. */
const REPORT = /^(?:REPORT RequestId: |\{.{0,200}"type":\s?"platform\.report")/;
const LAMBDA_PLATFORM = new RegExp(String.raw`^(?:START|END|REPORT) RequestId: (${UUID})\b`);
/** As Lambda's runtimes write text: `time id level message` (Node.js), `[level] time id message` (Python), `time id Task timed out`. */
const LAMBDA_TEXT = new RegExp(String.raw`^(?:\[\w+\]\s)?\d{4}-\d\d-\d\dT[\d:.]+Z[\t ](${UUID})[\t ]`);
/** AWS X-Ray: version, time of the original request, 96 bits. */
const XRAY = /\b1-[\da-f]{8}-[\da-f]{24}\b/;

/**
 * Fields that hold the id of a request by their name, the most certain first: Lambda's (also as Powertools writes it), then
 * others' for requests, for what goes along with them, and OpenTelemetry's and X-Ray's for traces.
 */
const CERTAIN = [
  'functionrequestid',
  'awsrequestid',
  'requestid',
  'xrequestid',
  'correlationid',
  'traceid',
  'xraytraceid',
];
const plain = (name: string): string => name.replace(/[\s._-]/g, '').toLowerCase();
/** `traceId=4bf9…`, `request_id: "4bf9…"` in a line of text. */
const CERTAIN_PAIR =
  /(?<![\w.-])((?:(?:function|aws|x)[_-]?)?request[_-]?id|correlation[_-]?id|(?:xray[_-]?)?trace[_-]?id)["']?\s?[=:]\s?["']?([\w.:+/@-]{8,128})/gi;

function certainId(text: string, fields: Fields | undefined): string | undefined {
  if (!fields) {
    const ofLambda = (LAMBDA_PLATFORM.exec(text) ?? LAMBDA_TEXT.exec(text))?.[1];
    return (
      ofLambda ?? best([...text.matchAll(CERTAIN_PAIR)].map(([, name = '', id]) => [name, id])) ?? XRAY.exec(text)?.[0]
    );
  }
  const record = fields['type']?.toString().startsWith('platform.') ? fields['record'] : undefined;
  const own = typeof record === 'object' && record !== null ? Object.entries(record) : Object.entries(fields);
  return best(own) ?? XRAY.exec(text)?.[0];
}

type Fields = Readonly<Record<string, unknown>>;

/** The id under the most certain of these names. */
function best(pairs: readonly (readonly [name: string, id: unknown])[]): string | undefined {
  let found: { readonly rank: number; readonly id: string } | undefined;
  for (const [name, id] of pairs) {
    const rank = CERTAIN.indexOf(plain(name));
    if (rank < 0 || (found && found.rank <= rank) || typeof id !== 'string' || !isCertain(id)) continue;
    found = { rank, id };
  }
  return found?.id;
}

/** What stands for "there is none" is no id: `-`, `undefined`, the zeros of a trace that nobody follows. */
const isId = (id: string): boolean =>
  id.length <= 200 && !/^(?:[0-]*|null|nil|none|undefined|unknown|n\/?a)$/i.test(id.trim());
/** An id that nobody vouches for is long, and has digits. */
const isCertain = (id: string): boolean => id.length >= 8 && /\d/.test(id) && isId(id);

function namedId(text: string, fields: Fields | undefined, field: string): string | undefined {
  const value = fields ? (fields[field] ?? nested(fields, field)) : pairIn(text, field);
  const id = typeof value === 'number' ? String(value) : value;
  return typeof id === 'string' && isId(id) ? id : undefined;
}

function nested(fields: Fields, path: string): unknown {
  let at: unknown = fields;
  for (const name of path.split('.')) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Fields)[name];
  }
  return at;
}

/** The value behind `field=` or `field:`, quoted or not. */
function pairIn(text: string, field: string): string | undefined {
  for (let from = text.indexOf(field); from >= 0 && from < text.length; from = text.indexOf(field, from + 1)) {
    if (from > 0 && /[\w.-]/.test(text[from - 1]!)) continue;
    const [, id] =
      /^["']?\s?[=:]\s?["']?([^\s"',;&)\]}]+)/.exec(text.slice(from + field.length, from + field.length + 250)) ?? [];
    if (id !== undefined) return id;
  }
  return undefined;
}
