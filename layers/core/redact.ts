/** Words that name a secret wherever they stand in a key, and short ones that do as its last part. */
const NAMES =
  'password|passwd|passphrase|secret|token|api[-_]?key|access[-_]?key|account[-_]?key|private[-_]?key|authorization|' +
  'credential|connection[-_]?string|cookie|signature';
const SHORT_NAMES = 'pass|pwd|pw|sig';
const KEY = `(?:[\\w.-]*(?:${NAMES})[\\w.-]*|(?:[\\w.-]*[_.-])?(?:${SHORT_NAMES}))`;
/** JSON within JSON has its quotes escaped, once for each level. */
const QUOTE = '\\\\{0,7}"';
const VALUE = `(?:\\\\{1,7}"[^"\\\\]*\\\\{1,7}"|"(?:[^"\\\\]|\\\\.)*"|'[^']*'|(?:Bearer |Basic )?[^\\s,;}&]+)`;

// It may begin only where a word begins: tried at each letter, a long word would take time squared.
const KEYED = new RegExp(`(?<![\\w.-])((?:${QUOTE})?${KEY}(?:${QUOTE})?\\s*[:=]\\s*)${VALUE}`, 'gi');
/** Whatever names a secret has one of these in it: most texts have none, and need no closer look. */
const NAMED = /pass|pw|secret|token|key|authorization|credential|connection|cookie|sig/i;

/** What a secret looks like, and what a text must have in it for a look at each of its places to be worth it. */
const SHAPES: readonly (readonly [shape: RegExp, hint?: RegExp])[] = [
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g], // AWS access key id
  [/\b(?:FwoGZXIvYXdz|IQoJb3JpZ2lu)[\w+/=]{40,}/g], // AWS session token
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+\b/g], // JSON Web Token
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g],
  [/\b(?:xox[abprs]-[\w-]{10,}|gh[pousr]_\w{20,}|sk-[\w-]{20,}|[sr]k_(?:live|test)_\w{10,}|AIza[\w-]{35})/g],
  [/(?<=\bhooks\.slack\.com\/services\/)[\w/]+/g, /slack/],
  [/(?<=:\/\/[^\s:/@]*:)[^\s/]+(?=@)/g, /@/], // password in a URL, which may hold an @ itself
  [/(?<=\b(?:[Bb]earer|BEARER|[Bb]asic|BASIC)\s)(?=\S*[\d=]|\S*[a-z][A-Z]|\S{20})[\w+/=.~-]{8,}/g, /bearer|basic/i],
  // in a command line
  [/(?<=(?:^|\s)--?[\w-]{0,40}(?:password|passphrase|secret|token|api-key)\s{1,3})[^\s-]\S*/gi, NAMED],
];
/** Names of resources, in which a word such as `token` or `secret` gives nothing away. */
const ARN = /\barn:aws[\w-]*:[\w-]+:[\w-]*:\d*:[\w/:.*+@-]+/g;

/** Takes what looks like a secret out of free text, before it is stored, logged or sent. ARNs stay as they are. */
export function redact(text: string): string {
  let rest = NAMED.test(text) ? withoutKeyed(text) : text;
  for (const [shape, hint] of SHAPES) if (!hint || hint.test(rest)) rest = rest.replace(shape, '[redacted]');
  return rest;
}

function withoutKeyed(text: string): string {
  const arns = text.includes('arn:') ? [...text.matchAll(ARN)] : [];
  const isName = (at: number): boolean => arns.some(({ index, 0: arn }) => index <= at && at < index + arn.length);
  return text.replace(KEYED, (all, key: string, at: number) => (isName(at) ? all : `${key}[redacted]`));
}

/** The same for each text within plain JSON; under a key that names a secret, any text is taken out. */
export function redactDeep<T>(value: T, key = ''): T {
  return redactValue(value, key) as T;
}

function redactValue(value: unknown, key: string): unknown {
  if (typeof value === 'string') return namesSecret(key) ? '[redacted]' : redact(value);
  if (Array.isArray(value)) return value.map((item) => redactValue(item, key));
  // The dimensions of a metric are names of resources, by which it is found again.
  if (value === null || typeof value !== 'object' || key === 'dimensions') return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, redactValue(field, name)]));
}

const namesSecret = (key: string): boolean => redact(`${key}=x`) !== `${key}=x`;
