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
/** Levels of trouble, as loggers of the common languages write them. */
const LEVELS = new Set(['ERROR', 'ERR', 'SEVERE', 'CRITICAL', 'CRIT', 'ALERT', 'EMERGENCY', 'EMERG', 'FATAL', 'PANIC']);
/** In plain text a level stands in capitals among the first words, behind a time, a process or a request's id. */
const LEVEL_IN_TEXT = /^(?:\S+\s+){0,4}?[^\s\w]*(FATAL|PANIC|CRITICAL|SEVERE|ERROR)\b/;
/** Pino and Bunyan count in tens. */
const LEVELS_BY_NUMBER: Readonly<Record<string, string>> = { 40: 'WARN', 50: 'ERROR', 60: 'FATAL' };
const LONGEST = 240;

/** The shape of one line by itself, its secrets redacted: what looks like a value becomes `<*>`. */
export function templateOf(text: string): string {
  const { keys, words, between } = tokenise(redact(text));
  const shown = words.map((word, i) => (keys[i] === VARIABLE ? show(word) : word));
  return textOf(shown, between).slice(0, LONGEST);
}

export interface Said {
  readonly said: string;
  /** Whether it says that something went wrong. */
  readonly troubled: boolean;
  /** Of trouble: the level it was logged with, where that is one of trouble, whatever its words are. */
  readonly level?: string;
}

/** What a log line says; undefined for a metric in the embedded format. */
export function saidIn(text: string): Said | undefined {
  const fields = fieldsOf(text);
  if (!fields) {
    const [, level] = LEVEL_IN_TEXT.exec(text) ?? [];
    const said = text.split('\n', 1)[0] ?? '';
    return level ? { said, troubled: true, level } : { said, troubled: TROUBLE.test(text) };
  }
  if ('_aws' in fields) return undefined;
  const given = fields['level'] ?? fields['severity'] ?? '';
  const level = LEVELS_BY_NUMBER[String(given)] ?? String(given).toUpperCase();
  const parts = [fields['message'] ?? fields['msg'], ...errorOf(fields['error'] ?? fields['err'])];
  const line = parts.filter((part) => typeof part === 'string' && part !== '').join(': ');
  if (LEVELS.has(level)) return { said: line || text, troubled: true, level };
  return { said: line || text, troubled: level === '' && TROUBLE.test(line) };
}

/** The part of a log line that says something went wrong; undefined when it says nothing of the kind. */
export function troubleIn(text: string): string | undefined {
  const heard = saidIn(text);
  return heard?.troubled ? heard.said : undefined;
}

/**
 * Whether a line is of a template: its constant parts stand in it, in order, the first at its beginning. Any white space of the
 * line is one space, as it is in a template.
 */
export function isOfTemplate(template: string, line: string): boolean {
  const said = line.replace(/\s+/g, ' ').trim();
  let from = 0;
  for (const [n, part] of template.split('<*>').entries()) {
    const at = n === 0 ? (said.startsWith(part) ? 0 : -1) : said.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return true;
}

/** The fields of a line that is JSON. */
export function fieldsOf(text: string): Record<string, unknown> | undefined {
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
