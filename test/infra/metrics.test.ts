import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resourcesOf } from './policies.ts';
import { synthesise } from './synth.ts';

const root = join(import.meta.dirname, '..', '..');
const { template } = synthesise();

const sources = ['functions', 'layers']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(root, folder, file)),
  )
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(file, 'utf8'));

/** Name and dimensions of each of our own metrics that an alarm or the dashboard reads. */
function watched(): { name: string; dimensions: Record<string, string> }[] {
  const read = (metric: { MetricName: string; Dimensions: { Name: string; Value: string }[] }) => ({
    name: metric.MetricName,
    dimensions: Object.fromEntries(metric.Dimensions.map(({ Name, Value }) => [Name, Value])),
  });
  const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').flatMap(([, { Properties }]) =>
    [
      Properties,
      ...(Properties.Metrics ?? []).flatMap(
        ({ MetricStat }: { MetricStat?: { Metric: unknown } }) => MetricStat?.Metric ?? [],
      ),
    ]
      .filter(({ Namespace }) => Namespace === 'Prunella')
      .map(read),
  );
  const body = JSON.stringify(resourcesOf(template, 'AWS::CloudWatch::Dashboard')).replaceAll('\\', '');
  const graphs = [...body.matchAll(/\["Prunella","(\w+)",((?:"[\w-]+",?)+)/g)].map(([, name, pairs]) => {
    const parts = pairs!
      .split(',')
      .filter(Boolean)
      .map((part) => part.slice(1, -1));
    return {
      name: name!,
      dimensions: Object.fromEntries(parts.flatMap((part, n) => (n % 2 === 0 ? [[part, parts[n + 1]!]] : []))),
    };
  });
  return [...alarms, ...graphs];
}

describe('our own metrics', () => {
  it('that an alarm or the dashboard reads are counted by a function, under the same name', () => {
    const names = [...new Set(watched().map(({ name }) => name))];

    expect(names.length).toBeGreaterThan(4);
    for (const name of names)
      expect(
        sources.some((source) => source.includes(`'${name}'`)),
        name,
      ).toBe(true);
  });

  it('are read under the name that their function gives itself', () => {
    const services = new Set(watched().map(({ dimensions }) => dimensions['service']!));

    for (const service of services) {
      expect(
        sources.some((source) => new RegExp(`\\b(lambda|step)\\(\\s*'${service}'`).test(source)),
        service,
      ).toBe(true);
    }
  });

  it('have no dimension that grows with incidents or resources', () => {
    for (const { dimensions } of watched()) {
      for (const name of Object.keys(dimensions)) expect(['service', 'ending', 'by', 'because']).toContain(name);
    }
  });
});
