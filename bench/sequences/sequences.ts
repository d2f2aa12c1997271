/** `npm run bench -- sequences`: how often a sequence is learned where there is none, and where there is one. */
import { parseArgs } from 'node:util';
import { mustBeWritable, writeJson } from '../../cli/output-files.ts';
import { AT_ONCE } from '../../layers/core/sequence.ts';
import { seeded, type Random } from '../../layers/core/statistics/random.ts';
import { atLeast } from '../../layers/core/statistics/trials.ts';
import { minutes, type Ratio } from '../../layers/core/units.ts';
import { wilson } from '../../layers/core/wilson.ts';
import type { chanceOf } from '../../functions/diagnose/knowledge/coincidence.ts';
import { dailyOf } from '../../functions/diagnose/knowledge/daily.ts';
import { sequencesOf } from '../../functions/diagnose/knowledge/sequences.ts';
import { columns } from '../support/columns.ts';
import { historyOf, nightly, planted, PLANTED, WAYS, type History, type Way } from './histories.ts';

/** Without a sequence, of each way; and with one, of each kind. */
const HISTORIES = 200;
const PLANTINGS = 100;
const SHAPE = { resources: 8, days: 120, returns: 0.3 } as const;
const LAG = minutes(12);
const TIMES = [3, 4, 5, 6, 8] as const;
const FOLLOWS = [1, 0.8, 0.6] as const;
/** What is printed as the result. Nothing was chosen on it: `--tuning` has histories of its own for that. */
const SCORED = 2027;
const TUNED = 101;
const HELP = `Usage: npm run bench -- sequences [--tuning] [--json FILE]

Histories of incidents over ${SHAPE.days} days: three kinds of trouble of each of ${SHAPE.resources} resources, each kind a Poisson process of its
own rate (once a month to once in two days), three of ten coming back within the hour. Without any sequence: how many histories tell one,
or a time of the day. With one planted (${LAG / 60} min later, 90 % between ${(LAG / 60 / 2.5).toFixed(0)} and ${((LAG / 60) * 2.5).toFixed(0)}): how many tell it.

  --tuning      other histories (seed ${TUNED} instead of ${SCORED}): whoever changes the method looks at these
  --json FILE   write the figures as JSON`;

/** What Ma and Hellerstein 2001 take for chance: one rate of the next one at all times. */
const oneRate: typeof chanceOf = (followed, ones, others, within, { since, until }) => {
  const chance = -Math.expm1((-others.length * (within - AT_ONCE)) / (until - since));
  return atLeast(followed, Array<Ratio>(ones.length).fill(chance));
};

const share = (found: readonly boolean[]): number => found.filter(Boolean).length;

function falselyOf(way: Way, random: Random) {
  const histories = Array.from({ length: HISTORIES }, () => historyOf({ ...SHAPE, way }, random));
  const told = (chance?: typeof chanceOf) =>
    share(histories.map(({ occurrences, until }) => sequencesOf(occurrences, until, chance).sequences.length > 0));
  const troubles = histories.reduce((sum, { occurrences }) => sum + occurrences.length, 0) / HISTORIES;
  const daily = share(histories.map(({ occurrences }) => dailyOf(occurrences).length > 0));
  return { way, troubles, sequences: told(), daily, peer: told(oneRate) };
}

function foundOf(times: number, random: Random) {
  const isPlanted = ({ occurrences, until }: History, chance?: typeof chanceOf): boolean =>
    sequencesOf(occurrences, until, chance).sequences.some(
      ({ first, next }) => first.resource === PLANTED.first.resource && next.resource === PLANTED.next.resource,
    );
  const base = () => historyOf({ ...SHAPE, way: 'at any time' }, random);
  const follows = FOLLOWS.map((each) => {
    const plant = { times, follows: each, lag: LAG, besides: 0.05 };
    const histories = Array.from({ length: PLANTINGS }, () => planted(base(), plant, random));
    return {
      follows: each,
      found: share(histories.map((one) => isPlanted(one))),
      peer: share(histories.map((one) => isPlanted(one, oneRate))),
    };
  });
  const nights = Array.from({ length: PLANTINGS }, () => nightly(base(), times, random));
  const daily = share(
    nights.map(({ occurrences }) =>
      dailyOf(occurrences).some(({ trouble }) => trouble.resource === PLANTED.first.resource),
    ),
  );
  return { times, follows, daily };
}

const percent = (value: Ratio): string => `${(100 * value).toFixed(1)} %`;
function rate(count: number): string {
  const { from, to } = wilson(count, HISTORIES);
  return `${percent(count / HISTORIES)} (${percent(from)} to ${percent(to)})`;
}

export async function run(args: readonly string[], print: (line: string) => void = console.log): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean' }, tuning: { type: 'boolean' }, json: { type: 'string' } },
  });
  if (values.help) return print(HELP);
  mustBeWritable(values);
  const started = performance.now();
  const seed = values.tuning ? TUNED : SCORED;
  const random = seeded(seed);
  const falsely = (Object.keys(WAYS) as Way[]).map((way) => falselyOf(way, random));
  print(
    columns([
      [
        'troubles without an order, coming',
        'n',
        'troubles',
        'a sequence is told',
        'the same, one rate',
        'a time of day is told',
      ],
      ...falsely.map(({ way, troubles, sequences, daily, peer }) => [
        way,
        String(HISTORIES),
        troubles.toFixed(0),
        rate(sequences),
        rate(peer),
        rate(daily),
      ]),
    ]),
  );
  const found = TIMES.map((times) => foundOf(times, random));
  print('');
  print(
    columns([
      [
        'a sequence that is there',
        'n',
        ...FOLLOWS.flatMap((each) => [`follows ${100 * each} %`, 'one rate']),
        'by the clock',
      ],
      ...found.map(({ times, follows, daily }) => [
        `came ${times} times in ${SHAPE.days} days`,
        String(PLANTINGS),
        ...follows.flatMap((one) => [percent(one.found / PLANTINGS), percent(one.peer / PLANTINGS)]),
        percent(daily / PLANTINGS),
      ]),
    ]),
  );
  print(
    `Histories that tell it; 95 % intervals (Wilson). One rate: as Ma and Hellerstein 2001 test, everything else the same. Seed ${seed}: ${values.tuning ? 'the histories that the method is chosen on' : 'histories that the method was not chosen on'}.`,
  );
  const seconds = (performance.now() - started) / 1000;
  writeJson(values.json, figuresOf(falsely, found, seconds));
}

function figuresOf(
  falsely: readonly ReturnType<typeof falselyOf>[],
  found: readonly ReturnType<typeof foundOf>[],
  seconds: number,
) {
  const figures = (which: 'sequences' | 'peer', whose: 'found' | 'peer') => ({
    ...Object.fromEntries(falsely.map((one) => [`false, ${one.way}`, one[which] / HISTORIES])),
    ...Object.fromEntries(
      found.flatMap(({ times, follows }) =>
        follows.map((one) => [`found, ${times} times, follows ${one.follows}`, one[whose] / PLANTINGS]),
      ),
    ),
  });
  const daily = {
    ...Object.fromEntries(falsely.map((one) => [`false by the clock, ${one.way}`, one.daily / HISTORIES])),
    ...Object.fromEntries(found.map((one) => [`found by the clock, ${one.times} times`, one.daily / PLANTINGS])),
  };
  const set = {
    ours: { ...figures('sequences', 'found'), ...daily },
    peers: { 'one rate': figures('peer', 'peer') },
    seconds,
  };
  return { sequences: set };
}
