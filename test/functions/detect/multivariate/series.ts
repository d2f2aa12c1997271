import { seeded } from '../../../../layers/core/statistics/random.ts';

/** Load that follows the day, and three metrics that follow the load, each with its own unit; a row every five minutes. */
export function healthyRows(count: number, seed = 1, from = 0): number[][] {
  const random = seeded(seed);
  const noise = () => random() + random() + random() - 1.5;
  return Array.from({ length: count }, (_, t) => {
    const load = 100 + 50 * Math.sin(((from + t) * 2 * Math.PI) / 288) + 10 * noise();
    return [load, 0.4 * load + noise(), 1e9 + 1e6 * load + 2e6 * noise(), 0.002 * load + 0.01 * noise(), 7];
  });
}

export const METRICS = ['requests', 'cpu', 'memory', 'latency', 'replicas'];
