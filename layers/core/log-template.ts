import type { Arn } from './arn.ts';
import type { LogTemplate } from './evidence.ts';
import { redact } from './redact.ts';

export interface LogLine {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
}

const TROUBLE =
  /\b(?:error|exception|fatal|panic|traceback|fail(?:ed|ure|ing)?|refused|reset|time(?:d )?out|etimedout|econn\w+|denied|unavailable|unhandled|uncaught|killed|cannot|out of memory)\b|(?:Error|Exception)\b/i;
const LEVELS = new Set(['ERROR', 'FATAL', 'CRITICAL', 'PANIC']);
const LONGEST = 240;

/** What varies from line to line, most specific first. */
const VARIABLE: readonly RegExp[] = [
  /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, // UUID
  /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?/g, // instant
  /\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, // IPv4 address
  /\b[0-9A-HJKMNP-TV-Z]{26}\b/g, // ULID
  /\b(?:0x)?(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/gi, // hexadecimal id
  /(?<![A-Za-z])\d+(?:\.\d+)?/g, // number
];

/**
 * The shape of a line: what varies becomes `<*>`. Simple masking, after the pre-processing step of Drain (He et al., ICWS
 * 2017, §III-A); secrets are redacted first.
 */
export function templateOf(text: string): string {
  const masked = VARIABLE.reduce((rest, pattern) => rest.replace(pattern, '<*>'), redact(text));
  return masked.replace(/\s+/g, ' ').trim().slice(0, LONGEST);
}

/** The part of a log line that says something went wrong; undefined when it says nothing of the kind. */
export function troubleIn(text: string): string | undefined {
  const fields = jsonOf(text);
  if (!fields) return TROUBLE.test(text) ? text.split('\n', 1)[0] : undefined;
  if ('_aws' in fields) return undefined; // a metric in the embedded format
  const level = String(fields['level'] ?? fields['severity'] ?? '').toUpperCase();
  const said = [fields['message'] ?? fields['msg'], ...errorOf(fields['error'] ?? fields['err'])];
  const line = said.filter((part) => typeof part === 'string' && part !== '').join(': ');
  if (LEVELS.has(level)) return line || text;
  return level === '' && TROUBLE.test(line) ? line : undefined;
}

function jsonOf(text: string): Record<string, unknown> | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function errorOf(error: unknown): unknown[] {
  if (typeof error !== 'object' || error === null) return [error];
  const { name, message } = error as Record<string, unknown>;
  return [name, message];
}

/** Counts the shapes of troubled lines before and after onset; the most frequent after onset first, at most `limit`. */
export function templates(resource: Arn, lines: readonly LogLine[], onset: number, limit = 20): LogTemplate[] {
  const found = new Map<string, { before: number; after: number; example: string }>();
  for (const { at, text } of lines) {
    const trouble = troubleIn(text);
    if (trouble === undefined) continue;
    const template = templateOf(trouble);
    const counts = found.get(template) ?? { before: 0, after: 0, example: redact(trouble).slice(0, LONGEST) };
    found.set(template, at < onset ? { ...counts, before: counts.before + 1 } : { ...counts, after: counts.after + 1 });
  }
  return [...found.entries()]
    .map(([template, counts]) => ({ resource, template, ...counts }))
    .sort((a, b) => b.after - a.after || b.before - a.before || (a.template < b.template ? -1 : 1))
    .slice(0, limit);
}
