import { anyOf, SPEAKS_OF } from './log-words.ts';
import type { FaultCategory, Severity } from './taxonomy.ts';

/** Where a message belongs in the taxonomy (taxonomy.ts): what kind of cause it speaks of, and how badly things are. */
export interface LogClass {
  readonly category: FaultCategory;
  readonly severity: Severity;
}

interface Telling {
  readonly category: FaultCategory;
  readonly says: RegExp;
}

/**
 * What the words of a message tell about its cause, the most specific first: a full disk is exhaustion although the write
 * that met it failed, a refused connection is the callee's although the caller logs it. The words are those of POSIX
 * errors, HTTP statuses, language runtimes and AWS error codes, not of one program.
 */
const TELLING: readonly Telling[] = [
  {
    category: 'exhaustion',
    says: anyOf(
      /out of memory|OutOfMemory|heap (?:limit|space)|heap out|\bOOM|cannot allocate|ENOMEM|ENOSPC|no space left|disk (?:is )?full|memory (?:leak|limit)|certificate has expired|quota (?:exceeded|exhausted)|(?<!Request)LimitExceeded/,
      SPEAKS_OF.noneLeft,
    ),
  },
  {
    category: 'capacity',
    says: anyOf(
      SPEAKS_OF.refusal,
      /overload|\bbusy\b|queue (?:is )?full|every slot|back ?pressure|slow ?down|concurren\w+ limit|load shed/,
    ),
  },
  {
    category: 'change',
    says: /\bconfig(?:uration|ured)?\b|invalid (?:setting|option|parameter|value for)|missing (?:setting|environment|parameter|required)|environment variable|unknown (?:option|setting|column)|Cannot find module|MODULE_NOT_FOUND|ModuleNotFound|ImportError|ClassNotFound|NoSuchMethod|feature flag|migration|ParameterNotFound/i,
  },
  {
    category: 'infrastructure',
    says: anyOf(
      /CannotPullContainer|image pull|unable to place|ENETUNREACH|EHOSTUNREACH|no route to host|network (?:is )?unreachable|EAI_AGAIN|getaddrinfo|name resolution|\bDNS\b|spot interruption|node (?:is )?(?:down|not ready)/,
      SPEAKS_OF.host,
    ),
  },
  {
    category: 'data',
    says: /JSON(?:DecodeError| at position|\.parse)|unexpected (?:token|end of)|malformed|corrupt|checksum|schema|validation (?:failed|error)|ValidationException|cannot (?:parse|deserialize|decode)|parse error|duplicate (?:key|entry)|constraint|foreign key|ConditionalCheckFailed|invalid (?:input|payload|message|json|utf)|decod(?:e|ing) error/i,
  },
  {
    category: 'dependency',
    says: /ECONN\w+|EPIPE|ETIMEDOUT|connection (?:was )?(?:refused|reset|closed|lost|broken|aborted)|socket hang ?up|timed? ?out|upstream|bad gateway|\b50[234]\b|service unavailable|unavailable|answered|AccessDenied|not authori[sz]ed|unauthori[sz]ed|permission denied|ExpiredToken|credentials?|broken pipe|link has been severed|cannot (?:connect|reach)/i,
  },
  {
    category: 'process',
    says: /exception|\w+Error\b|panic|traceback|segmentation fault|segfault|SIG(?:SEGV|ABRT|KILL|TERM)|core dump|assert|unhandled|uncaught|undefined|null pointer|NullPointer|deadlock|killed|abort|crash|stack overflow|exit(?:ed)? (?:code|abnormally|with)|stopped unexpectedly/i,
  },
];

/** How badly, by what is said: the worst that fits. What a level says is worth more than words. */
const GRAVITY: readonly (readonly [Severity, RegExp])[] = [
  [
    'critical',
    /\bfatal\b|panic|emerg(?:ency)?\b|\bcritical\b|out of memory|OutOfMemory|heap out|ENOMEM|segmentation fault|segfault|SIG(?:SEGV|ABRT)|corrupt|data loss|killed|no space left|ENOSPC|core dump/i,
  ],
  [
    'high',
    /\berror\b|\w+Error\b|exception|\bfail(?:ed|ure|ing|s)?\b|refused|unhandled|uncaught|traceback|denied|unavailable|cannot|abort|ECONN\w+|ETIMEDOUT|timed? ?out|crash|deadlock|severed/i,
  ],
  [
    'medium',
    /\bwarn(?:ing)?\b|retry|retrying|degraded|slow|throttl|reset|deprecat|exceeded|expir|not respond|lost|dropp/i,
  ],
  ['low', /\bnotice\b|closed|disconnect|unexpected|invalid|missing|ignor|reject/i],
];

const LEVELS: Readonly<Record<string, Severity>> = {
  EMERG: 'critical',
  EMERGENCY: 'critical',
  ALERT: 'critical',
  CRITICAL: 'critical',
  CRIT: 'critical',
  FATAL: 'critical',
  PANIC: 'critical',
  SEVERE: 'high',
  ERROR: 'high',
  ERR: 'high',
  WARNING: 'medium',
  WARN: 'medium',
  NOTICE: 'low',
  INFO: 'info',
  INFORMATION: 'info',
  DEBUG: 'info',
  TRACE: 'info',
};

/**
 * The class of a log template. Always an answer: what says nothing of its cause is `unknown`, what says nothing bad is `info`.
 *
 * @param level the level it was logged with, if one is known; any spelling
 */
export function classify(template: string, level?: string): LogClass {
  const severity =
    LEVELS[(level ?? '').trim().toUpperCase()] ?? GRAVITY.find(([, says]) => says.test(template))?.[0] ?? 'info';
  const category = TELLING.find(({ says }) => says.test(template))?.category ?? 'unknown';
  return { category, severity };
}
