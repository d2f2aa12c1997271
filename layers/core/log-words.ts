/**
 * What the words of a log line speak of, each stated once for whoever asks: rules, features, and the classes of log-class.ts.
 * The words are those of POSIX errors, HTTP, language runtimes, drivers and AWS's error codes, not of one program.
 */
export const SPEAKS_OF = {
  /** AWS, or who behaves like it, refuses a call because there were too many: a quota, not a lack of room. */
  refusal:
    /throttl|rate ?exceeded|rate limit|too ?many ?requests|ProvisionedThroughputExceeded|RequestLimitExceeded|reduce your request rate|\bSlowDown\b|\b429\b/i,
  /** What a process may have open at once is all open: connections of a pool, a database's slots, descriptors. */
  noneLeft:
    /EMFILE|ENFILE|too many open files|file table overflow|pool (?:is )?(?:probably )?(?:exhausted|full|timed? ?out)|too many (?:clients|connections)|connections? slots|no (?:free|idle) connection|acquiring a connection|connection is not available|exceeded when trying to connect/i,
  /** More work than there is room for. */
  load: /busy|overload|capacity|queue (?:is )?full|every slot|back ?pressure|load shed|limit exceeded/i,
  settings:
    /config|setting|parameter|environment|\boption\b|invalid|missing|\burl\b|must be (?:a|an|one|from)|out of range/i,
  /** A connection or credential that was good is good no more. A token alone may be one that a parser finds "unexpected" in odd input. */
  stale:
    /ECONNRESET|EPIPE|socket hang ?up|connection (?:was )?(?:reset|closed|terminated|lost|broken|aborted)|pooled connection|broken pipe|stale|expired|credential|(?:security|access|refresh|session|bearer|auth\w*|id|invalid) ?token|token (?:is|was|has)/i,
  /** Nothing answers at the other end, or no network leads there. */
  unreached:
    /ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|getaddrinfo|name resolution|no such host|name or service not known|no route to host|network (?:is )?unreachable|connection (?:was )?(?:refused|timed out)/i,
  /** Another program answers with a failure, or not at all. */
  others:
    /(?:answered|returned|responded)\b.*(?:\b5\d\d\b|<\*>)|\b50[234]\b|(?:could not|cannot) be reached|did not answer|call .*failed|unavailable|upstream|bad gateway/i,
  /** A service of AWS failed by its own word. */
  aws: /Internal(?:Server(?:Error|Exception)|Failure)|ServiceUnavailable|ServiceException|Sandbox\.Timedout|Runtime\.ExitError|amazonaws\.com/i,
  /** Errors of a machine, not of a program: POSIX's EIO and EROFS, and what kernels and drivers say of disks and memory. */
  host: /\bEIO\b|\bi\/o error|input\/output error|\bEROFS\b|read-only file system|disk error|hardware|machine check|parity error/i,
  /** Rows, schemas and checksums of what is stored. */
  stored: /checksum|corrupt|malformed|\brow\b|segment|schema|deseriali[sz]e|decode|truncated|constraint/i,
} as const satisfies Record<string, RegExp>;

/** Words of any of these. */
export const anyOf = (...all: readonly RegExp[]): RegExp => new RegExp(all.map(({ source }) => source).join('|'), 'i');
