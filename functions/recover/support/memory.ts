/** Memory (MiB) that Fargate offers for a number of CPU units (AWS, "Amazon ECS task definition differences for Fargate"). */
const FARGATE: Readonly<Record<number, { from: number; to: number; step: number }>> = {
  256: { from: 512, to: 2048, step: 512 },
  512: { from: 1024, to: 4096, step: 1024 },
  1024: { from: 2048, to: 8192, step: 1024 },
  2048: { from: 4096, to: 16384, step: 1024 },
  4096: { from: 8192, to: 30720, step: 1024 },
  8192: { from: 16384, to: 61440, step: 4096 },
  16384: { from: 32768, to: 122880, step: 8192 },
};

/** The smallest memory of at least `wanted` MiB that can go with `cpu` units; undefined when there is none. */
export function validTaskMemory(wanted: number, cpu: number, fargate: boolean): number | undefined {
  if (!fargate) return Math.ceil(wanted);
  const range = FARGATE[cpu];
  if (!range) return undefined;
  // 256 CPU units know 512, 1024 and 2048 only.
  const offered = cpu === 256 ? [512, 1024, 2048] : steps(range);
  return offered.find((size) => size >= wanted);
}

function steps({ from, to, step }: { from: number; to: number; step: number }): number[] {
  return Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);
}
