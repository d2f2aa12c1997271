/** Durations and shares: the type says the unit. */
export type Seconds = number;
export type Milliseconds = number;
/** 0 to 1. */
export type Ratio = number;
/** ISO 8601 in UTC with milliseconds, as `Date.toISOString()` writes it. Sorts as text. */
export type Instant = string;

export const seconds = (n: number): Seconds => n;
export const minutes = (n: number): Seconds => n * 60;
export const hours = (n: number): Seconds => n * 3600;
export const toMilliseconds = (n: Seconds): Milliseconds => n * 1000;

/** Seconds from `from` to `to`; negative when `to` is earlier. */
export const secondsBetween = (from: Instant, to: Instant): Seconds => (Date.parse(to) - Date.parse(from)) / 1000;
export const addSeconds = (at: Instant, n: Seconds): Instant => new Date(Date.parse(at) + n * 1000).toISOString();

/** `0.04 %`, `2.3 %`, `45 %`. */
export function percent(share: Ratio): string {
  const value = share * 100;
  return `${value === 0 || value >= 10 ? Math.round(value) : Number(value.toPrecision(2))} %`;
}
