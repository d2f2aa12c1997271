const LABEL = String.raw`[a-z0-9](?:[a-z0-9-]*[a-z0-9])?`;
const DOMAIN = String.raw`${LABEL}(?:\.${LABEL})+`;
/** A single name is no number: a time of day looks like a host with its port. */
const NAME = String.raw`(?=[\d-]*[a-z])${LABEL}`;
const PORT = String.raw`:\d{2,5}\b`;
/** What stands between a word and the name it is about. */
const GAP = String.raw`[\s:="']+`;

/** What names a host, the surest first. Each is as Node, libpq, the JVM, Go and Python write it. */
const NAMED = [
  // A URL: what stands before an `@` is no part of its host.
  String.raw`\b[a-z][a-z+]*:\/\/(?:[^\s/@]*@)?((?:${DOMAIN}|${NAME})(?:${PORT})?)`,
  // A name that could not be resolved needs neither dot nor port.
  String.raw`(?:ENOTFOUND|EAI_AGAIN|host ?name(?=\s*["'=:]))${GAP}(${DOMAIN}|${NAME})`,
  // Words that only a connection is spoken of with; a name alone may be any word.
  String.raw`(?:ECONN\w+|ETIMEDOUT|E(?:HOST|NET)UNREACH|dial tcp|lookup|connect(?:ion)? to|connecting to|reach|server at)${GAP}((?:${DOMAIN}|${NAME})${PORT}|${DOMAIN})`,
  String.raw`\bat${GAP}((?:${DOMAIN}|${NAME})${PORT})`,
].map((pattern) => new RegExp(pattern, 'gi'));

/** The task itself, or what stands beside it in the task: the same name for another thing everywhere. */
const ITSELF = /^(?:localhost|127\.0\.0\.1|0\.0\.0\.0)(?::|$)/i;
/** A file with its line looks like a host with its port. */
const FILE = /\.(?:[cm]?[jt]sx?|java|kt|py|go|rb|rs|cs|php|cpp|c)(?::|$)/i;

/**
 * The host that a troubled log line names, in small letters, with its port where that is given: what it could not be reached at.
 * Undefined where it names none, or itself.
 */
export function outsideHost(line: string): string | undefined {
  const found = NAMED.flatMap((pattern) => [...line.matchAll(pattern)].flatMap(([, host]) => host ?? []));
  return found.map((host) => host.toLowerCase()).find((host) => !ITSELF.test(host) && !FILE.test(host));
}
