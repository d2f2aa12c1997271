/** Incident histories of an account in which no trouble has to do with another, and such with one sequence in them. */
import type { Occurrence } from '../../functions/diagnose/knowledge/sequences.ts';
import { normalQuantile } from '../../layers/core/statistics/normal.ts';
import type { Random } from '../../layers/core/statistics/random.ts';
import type { Fault } from '../../layers/core/taxonomy.ts';
import { hours, minutes, type Ratio, type Seconds } from '../../layers/core/units.ts';

/** A Monday. */
export const START: Seconds = Date.parse('2026-03-02T00:00:00.000Z') / 1000;
const DAY: Seconds = hours(24);
const FAULTS: readonly Fault[] = ['overload', 'bad-deployment', 'crash-loop'];

export interface History {
  readonly occurrences: readonly Occurrence[];
  readonly until: Seconds;
}

const isOffice = (at: Seconds): boolean => {
  const [day, hour] = [Math.floor((at - START) / DAY) % 7, Math.floor((at % DAY) / 3600)];
  return day < 5 && hour >= 8 && hour < 18;
};
/** One hash a day, the same for all kinds. */
const isBad = (at: Seconds): boolean => Math.imul(Math.floor((at - START) / DAY) + 7, 0x9e3779b1) >>> 0 < 2 ** 32 / 5;

/** How troubles come, each kind for itself. `rate` is of a kind, per second, before it is thinned. */
export const WAYS = {
  'at any time': () => true,
  'on weekdays from 8 to 18 h': (at: Seconds) => isOffice(at),
  'on bad days, one of five': (at: Seconds) => isBad(at),
  'on bad days, from 8 to 18 h': (at: Seconds) => isBad(at) && isOffice(at),
} as const satisfies Record<string, (at: Seconds) => boolean>;
export type Way = keyof typeof WAYS;

export interface Shape {
  readonly way: Way;
  readonly resources: number;
  readonly days: number;
  /** After how many of the times a trouble comes back within the hour, again and again. */
  readonly returns: Ratio;
}

/** Each kind a Poisson process of its own rate, between once a month and once in two days, thinned to its way and made up for it. */
export function historyOf({ way, resources, days, returns }: Shape, random: Random): History {
  const until = START + days * DAY;
  const occurrences = Array.from({ length: resources * FAULTS.length }, (_, n) => {
    const kind = { resource: arnOf(Math.floor(n / FAULTS.length)), fault: FAULTS[n % FAULTS.length]! };
    const [share, rate] = [shareOf(WAYS[way]), 1 / (DAY * 30 * (2 / 30) ** random())];
    const times: Seconds[] = [];
    for (let at = START; ;) {
      at += wait(rate / share, random);
      if (at >= until) break;
      if (WAYS[way](at)) times.push(at, ...returning(at, returns, random));
    }
    return times.filter((at) => at < until).map((at) => occurrence(kind, at));
  });
  return { occurrences: occurrences.flat(), until };
}

/** How much of the time a way leaves, by the hours of four weeks. */
function shareOf(isOpen: (at: Seconds) => boolean): Ratio {
  const all = Array.from({ length: 28 * 24 }, (_, n) => isOpen(START + hours(n)));
  return all.filter(Boolean).length / all.length;
}

const wait = (rate: number, random: Random): Seconds => -Math.log(1 - random()) / rate;

function returning(at: Seconds, returns: Ratio, random: Random): Seconds[] {
  if (random() >= returns) return [];
  const next = at + hours(random());
  return [next, ...returning(next, returns, random)];
}

let ids = 0;
const occurrence = (kind: Pick<Occurrence, 'resource' | 'fault'>, at: Seconds): Occurrence => ({
  ...kind,
  incidentId: `incident ${(ids += 1)}`,
  at: Math.round(at),
  confirmed: true,
});

const arnOf = (n: number): string => `arn:aws:ecs:eu-west-1:111122223333:service/shop/service-${n}`;

/** One trouble that another follows, neither of them in `historyOf`. */
export const PLANTED = {
  first: { resource: arnOf(1000), fault: 'bad-deployment' },
  next: { resource: arnOf(1001), fault: 'overload' },
} as const;

export interface Plant {
  readonly times: number;
  /** Of these the next one follows so many. */
  readonly follows: Ratio;
  /** Median; nine of ten lie between two fifths of it and two and a half times as much. */
  readonly lag: Seconds;
  /** Of the next one on its own, per day. */
  readonly besides: number;
}

/** The history with a sequence in it. */
export function planted({ occurrences, until }: History, plant: Plant, random: Random): History {
  const span = until - START;
  const firsts = Array.from({ length: plant.times }, () => START + random() * (span - hours(2)));
  const following = firsts
    .filter(() => random() < plant.follows)
    .map((at) => at + plant.lag * 2.5 ** (normalQuantile(Math.max(1e-9, random())) / 1.645));
  const own: Seconds[] = [];
  for (let at = START + wait(plant.besides / DAY, random); at < until; at += wait(plant.besides / DAY, random))
    own.push(at);
  return {
    occurrences: [
      ...occurrences,
      ...firsts.map((at) => occurrence(PLANTED.first, at)),
      ...[...following, ...own].map((at) => occurrence(PLANTED.next, at)),
    ],
    until,
  };
}

/** A job at a time of the night that brings its trouble with it on some nights. */
export function nightly({ occurrences, until }: History, nights: number, random: Random): History {
  const days = Math.floor((until - START) / DAY);
  const chosen = new Set<number>();
  while (chosen.size < Math.min(nights, days)) chosen.add(Math.floor(random() * days));
  const times = [...chosen].map((day) => START + day * DAY + hours(2) + minutes(15) * random());
  return { occurrences: [...occurrences, ...times.map((at) => occurrence(PLANTED.first, at))], until };
}
