const REFERENCE = /\b(?:ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]+)"|'([^']+)'|([^)\s]+))\s*\)/g;

/** Names of the alarms a composite's rule refers to; a child given by ARN is named by its end. */
export function childrenOf(rule: string): string[] {
  const names = [...rule.matchAll(REFERENCE)].map(([, double, single, bare]) => double ?? single ?? bare ?? '');
  const short = names.map((name) => name.replace(/^arn:[^:]*:cloudwatch:[^:]*:\d*:alarm:/, ''));
  return [...new Set(short)];
}
