// It may begin only where a word begins: tried at each letter, a long word would take time squared.
const KEYED =
  /(?<![\w.-])("?[\w.-]*(?:password|passwd|secret|token|api[-_]?key|authorization|credential|private[-_]?key|connection[-_]?string)[\w.-]*"?\s*[:=]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|(?:Bearer |Basic )?[^\s,;}&]+)/gi;
const SHAPES: readonly RegExp[] = [
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g, // AWS access key id
  /\beyJ[\w-]+\.[\w-]+\.[\w-]+\b/g, // JSON Web Token
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b(?:xox[abprs]-[\w-]{10,}|gh[pousr]_\w{20,}|sk-[\w-]{20,})/g,
  /(?<=:\/\/[^\s:/@]+:)[^\s@/]+(?=@)/g, // password in a URL
];

/** Takes what looks like a secret out of free text, before it is stored, logged or sent. */
export function redact(text: string): string {
  const keyed = text.replace(KEYED, (_, key: string) => `${key}[redacted]`);
  return SHAPES.reduce((rest, shape) => rest.replace(shape, '[redacted]'), keyed);
}

/** The same for each text within plain JSON; under a key that names a secret, any text is taken out. */
export function redactDeep<T>(value: T, key = ''): T {
  return redactValue(value, key) as T;
}

function redactValue(value: unknown, key: string): unknown {
  if (typeof value === 'string') return namesSecret(key) ? '[redacted]' : redact(value);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, key));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, redactValue(field, name)]));
}

const namesSecret = (key: string): boolean => redact(`${key}=x`) !== `${key}=x`;
