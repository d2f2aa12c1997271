import type { EventPattern, Matcher } from '../../functions/changes/patterns.ts';

/** Whether an EventBridge rule with this pattern takes the event: every field has one of the values, prefixes or absences. */
export function matches(
  { source, 'detail-type': type, detail = {} }: EventPattern,
  event: Readonly<Record<string, unknown>>,
): boolean {
  const details = (event['detail'] ?? {}) as Readonly<Record<string, unknown>>;
  return (
    source.includes(String(event['source'])) &&
    type.includes(String(event['detail-type'])) &&
    Object.entries(detail).every(([field, wanted]) => wanted.some((one) => fits(one, details[field])))
  );
}

function fits(wanted: string | Matcher, value: unknown): boolean {
  if (typeof wanted === 'string') return value === wanted;
  if ('exists' in wanted) return (value !== undefined) === wanted.exists;
  return typeof value === 'string' && value.startsWith(wanted.prefix);
}
