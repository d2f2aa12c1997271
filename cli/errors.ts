import { NotFound } from '../layers/runtime/database.ts';
import { UsageError } from './command.ts';

/** What an operator can put right, by what the error or one of its causes is called or says. */
const REMEDIES: readonly { readonly when: RegExp; readonly say: (message: string) => string }[] = [
  {
    when: /ExpiredToken|TokenExpired|RequestExpired|token (included in the request )?(is|has) expired|SSO session.*(expired|invalid)/i,
    say: (message) => `your AWS credentials have expired: sign in again (e.g. aws sso login). AWS says: ${message}`,
  },
  {
    when: /CredentialsProviderError|Could not load credentials/i,
    say: (message) =>
      `there are no AWS credentials: sign in (aws sso login), or set AWS_PROFILE; for the local account, bring it up with \`npm run sandbox -- up\`. AWS's SDK says: ${message}`,
  },
  {
    when: /UnrecognizedClient|InvalidClientTokenId|SignatureDoesNotMatch|InvalidSignature|AuthFailure/i,
    say: (message) => `AWS does not know these credentials: look at AWS_PROFILE and your keys. AWS says: ${message}`,
  },
  {
    when: /Region is missing/i,
    say: () => 'no Region is set: set AWS_REGION, e.g. AWS_REGION=eu-west-1, or a region in your AWS profile',
  },
  {
    when: /AccessDenied|is not authorized to perform/i,
    say: (message) => `your credentials do not allow this. AWS says: ${message}`,
  },
  {
    when: /ENOTFOUND|ECONNREFUSED|EAI_AGAIN|ENETUNREACH/,
    say: (message) =>
      `the account cannot be reached (AWS_ENDPOINT_URL is ${process.env['AWS_ENDPOINT_URL'] ?? 'not set'}, AWS_REGION ${process.env['AWS_REGION'] ?? 'not set'}): ${message}`,
  },
];

/** What to tell an operator instead of a stack, for what they can put right; undefined for a fault of ours. */
export function remedy(error: unknown): string | undefined {
  if (error instanceof UsageError || error instanceof NotFound) return error.message;
  for (const one of causes(error)) {
    const { name, message, code = '' } = one;
    const known = REMEDIES.find(({ when }) => [name, code, message].some((text) => when.test(text)));
    if (known) return known.say(message || code);
  }
  return undefined;
}

interface Described {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
}

/** The error, what it was caused by, and what it bundles, outermost first. */
function causes(error: unknown): Described[] {
  if (!(error instanceof Error)) return [];
  const bundled: unknown[] = error instanceof AggregateError ? error.errors : [];
  return [error, ...bundled.flatMap(causes), ...causes(error.cause)];
}
