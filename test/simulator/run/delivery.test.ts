import { describe, expect, it } from 'vitest';
import { secondsBetween } from '../../../layers/core/units.ts';
import { Clock } from '../../../simulator/core/clock.ts';
import { Delivery, SMOOTH, type Message, type Travel } from '../../../simulator/run/delivery.ts';

const START = '2026-03-02T00:00:00.000Z';
const PATTERN = { source: ['aws.ecs'], 'detail-type': ['told'] };
const event = (n: number) => ({ source: 'aws.ecs', 'detail-type': 'told', detail: { n } });
const numberOf = ({ body }: Message): number => (JSON.parse(body) as ReturnType<typeof event>).detail.n;

interface Arrival {
  readonly n: number;
  readonly at: string;
  readonly batch: number;
}

/** Lets events travel, one a second, and answers what arrived. */
async function travelled(travel: Travel, count: number, fails: (n: number, times: number) => boolean = () => false) {
  const clock = new Clock(START);
  const arrived: Arrival[] = [];
  let batches = 0;
  const take = (records: readonly Message[]) => {
    batches += 1;
    const failed: string[] = [];
    for (const record of records) {
      const n = numberOf(record);
      arrived.push({ n, at: clock.now(), batch: batches });
      if (fails(n, arrived.filter((one) => one.n === n).length)) failed.push(record.messageId);
    }
    return Promise.resolve(failed);
  };
  const delivery = new Delivery(clock, 7, [{ name: 'signals', patterns: [PATTERN], visibility: 180, take }], travel);
  for (let n = 0; n < count; n += 1) clock.after(n, () => delivery.put(event(n)));
  await clock.run();
  return { arrived, dead: delivery.dead };
}

const numbers = (arrived: readonly Arrival[]): number[] => arrived.map(({ n }) => n);
const sorted = (list: readonly number[]): number[] => list.toSorted((a, b) => a - b);
const all = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe('events on their way', () => {
  it('arrive once each, about a second later', async () => {
    const { arrived, dead } = await travelled(SMOOTH, 400);
    const late = arrived.map(({ n, at }) => secondsBetween(START, at) - n);

    expect(sorted(numbers(arrived))).toEqual(all(400));
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    expect(late.reduce((sum, one) => sum + one, 0) / late.length).toBeCloseTo(1, 0);
    expect(dead).toEqual([]);
  });

  it('arrive twice as often as asked', async () => {
    const { arrived } = await travelled({ ...SMOOTH, twice: 0.25 }, 400);
    const times = Object.values(Object.groupBy(arrived, ({ n }) => n)).map((one = []) => one.length);

    expect(times.filter((count) => count === 2).length / 400).toBeCloseTo(0.25, 1);
    expect(times.every((count) => count === 1 || count === 2)).toBe(true);
  });

  it('are lost as often as asked', async () => {
    const { arrived } = await travelled({ ...SMOOTH, lost: 0.3 }, 400);

    expect(arrived.length / 400).toBeCloseTo(0.7, 1);
    expect(new Set(numbers(arrived)).size).toBe(arrived.length);
  });

  it('are lost where that is asked of them alone', async () => {
    const isEven = ({ detail }: Readonly<Record<string, unknown>>) => (detail as { n: number }).n % 2 === 0;
    const { arrived } = await travelled({ ...SMOOTH, loses: isEven }, 20);

    expect(sorted(numbers(arrived))).toEqual(all(20).filter((n) => n % 2 === 1));
  });

  it('overtake each other when they take long, and all arrive', async () => {
    const { arrived } = await travelled({ ...SMOOTH, seconds: 20 }, 100);

    expect(numbers(arrived)).not.toEqual(all(100));
    expect(sorted(numbers(arrived))).toEqual(all(100));
  });

  it('come in the same order from the same seed', async () => {
    const rough = { seconds: 20, lost: 0.1, twice: 0.1 };

    expect(await travelled(rough, 100)).toEqual(await travelled(rough, 100));
  });
});

describe('a message that its function refuses', () => {
  it('comes again alone after its visibility timeout', async () => {
    const { arrived, dead } = await travelled(SMOOTH, 5, (n, times) => n === 3 && times === 1);
    const [first, second] = arrived.filter(({ n }) => n === 3);

    expect(arrived).toHaveLength(6);
    expect(secondsBetween(first!.at, second!.at)).toBe(180);
    expect(dead).toEqual([]);
  });

  it('is kept after the fifth time', async () => {
    const { arrived, dead } = await travelled(SMOOTH, 2, (n) => n === 1);

    expect(numbers(arrived).filter((n) => n === 1)).toHaveLength(5);
    expect(dead.map(({ queue }) => queue)).toEqual(['signals']);
  });
});

it('takes what arrives in one instant in batches of ten', async () => {
  const clock = new Clock(START);
  const sizes: number[] = [];
  const take = (records: readonly Message[]) => {
    sizes.push(records.length);
    return Promise.resolve([]);
  };
  const delivery = new Delivery(clock, 7, [{ name: 'signals', patterns: [PATTERN], visibility: 180, take }], {
    ...SMOOTH,
    seconds: 0,
  });
  for (let n = 0; n < 25; n += 1) delivery.put(event(n));
  await clock.run();

  expect(sizes).toEqual([10, 10, 5]);
});
