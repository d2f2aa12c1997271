/** Colons in an ARN before its resource part, which may hold further ones. */
const COMPONENTS = 6;

/** `*` stands for any number of characters, `?` for one. IAM compares actions without regard to case, all else with it. */
export function like(pattern: string, text: string, ignoreCase = false): boolean {
  const escaped = pattern.replace(/[\\^$.|+()[\]{}]/g, '\\$&');
  const source = escaped.replaceAll('*', '[\\s\\S]*').replaceAll('?', '[\\s\\S]');
  return new RegExp(`^${source}$`, ignoreCase ? 'i' : '').test(text);
}

export const matchesAction = (pattern: string, action: string): boolean => like(pattern, action, true);

/**
 * Whether an ARN is one of those that a pattern stands for. Each of the six components is compared by itself, as AWS
 * does for `ArnLike`: a wildcard never reaches into the next one. A call on no resource in particular is on `*`, which
 * only `*` stands for.
 */
export function matchesArn(pattern: string, arn: string): boolean {
  if (pattern === '*') return true;
  if (arn === '*') return false;
  const [wanted, given] = [componentsOf(pattern), componentsOf(arn)];
  return wanted.length === given.length && wanted.every((each, index) => like(each, given[index] ?? ''));
}

function componentsOf(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, COMPONENTS - 1), parts.slice(COMPONENTS - 1).join(':')];
}
