import { describe, expect, it } from 'vitest';
import { parseNamedMetric } from '../../layers/core/named-metric.ts';

describe('a tag that names a metric', () => {
  it('gives its metric, dimensions and limit', () => {
    expect(parseNamedMetric('limit', 'Shop Connections Service=orders Stage=live above=100')).toEqual({
      id: 'limit:Connections',
      namespace: 'Shop',
      metric: 'Connections',
      dimensions: { Service: 'orders', Stage: 'live' },
      stat: 'Maximum',
      period: 60,
      limit: { value: 100, when: 'above' },
    });
  });

  it('may run out downwards, at a finer period, with another statistic', () => {
    const read = parseNamedMetric('limit', 'System/Linux DiskSpaceFree InstanceId=i-1 below=5 stat=Minimum period=10');

    expect(read).toMatchObject({ limit: { value: 5, when: 'below' }, stat: 'Minimum', period: 10 });
  });

  it('has no limit where it is only watched', () => {
    expect(parseNamedMetric('watch', 'Shop Latency Service=orders stat=p90')).not.toHaveProperty('limit');
  });

  it.each([
    ['limit', '', 'no namespace and metric'],
    ['limit', 'Shop Connections', 'no limit'],
    ['limit', 'Shop Connections above=many', 'no limit'],
    ['limit', 'Shop Service=orders above=1', 'no namespace and metric'],
    ['limit', 'Shop Connections orders above=1', '"orders" is no key=value'],
    ['limit', 'Shop Connections above=1 period=7', 'a period is'],
    ['watch', 'Shop Connections above=1', 'a limit belongs into prunella:limit'],
  ] as const)('of kind %s that says "%s" is refused with what would be right', (kind, text, why) => {
    const read = parseNamedMetric(kind, text);

    expect(read).toHaveProperty('misread');
    expect((read as { misread: string }).misread).toContain(why);
    expect((read as { misread: string }).misread).toContain('supply "Shop');
  });
});
