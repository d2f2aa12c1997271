import type { Arn } from './arn.ts';
import type { LogTemplate } from './evidence.ts';
import { classify } from './log-class.ts';
import { emptyLogModel, mine, resolve, templateText } from './log-miner.ts';
import { show, textOf, tokenise, VARIABLE } from './log-tokens.ts';
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

/** The shape of one line by itself, its secrets redacted: what looks like a value becomes `<*>`. */
export function templateOf(text: string): string {
  const { keys, words, between } = tokenise(redact(text));
  const shown = words.map((word, i) => (keys[i] === VARIABLE ? show(word) : word));
  return textOf(shown, between).slice(0, LONGEST);
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

/**
 * Counts the shapes of troubled lines before and after onset, each with its class in the taxonomy; the most frequent
 * after onset first, at most `limit`. Secrets are redacted before anything else is done.
 */
export function templates(resource: Arn, lines: readonly LogLine[], onset: number, limit = 20): LogTemplate[] {
  const troubled = lines.flatMap(({ at, text }) => {
    const trouble = troubleIn(text);
    return trouble === undefined ? [] : [{ at, said: redact(trouble) }];
  });
  const { model, seen, merged } = mine(
    emptyLogModel,
    troubled.map(({ said }) => said),
  );
  const ids = resolve(
    seen.map(({ template }) => template),
    merged,
  );
  const found = new Map<number, { before: number; after: number; example: string }>();
  troubled.forEach(({ at, said }, i) => {
    const id = ids[i] ?? -1;
    const counts = found.get(id) ?? { before: 0, after: 0, example: said.slice(0, LONGEST) };
    found.set(id, at < onset ? { ...counts, before: counts.before + 1 } : { ...counts, after: counts.after + 1 });
  });
  return model.templates
    .flatMap((one) => {
      const counts = found.get(one.id);
      const template = templateText(one).slice(0, LONGEST);
      return counts ? [{ resource, template, ...counts, ...classify(template) }] : [];
    })
    .sort((a, b) => b.after - a.after || b.before - a.before || (a.template < b.template ? -1 : 1))
    .slice(0, limit);
}
