import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { AliasArn, Arn, ServiceArn } from '../../layers/core/arn.ts';
import { OPEN_ARN, samples } from '../../infra/sample.ts';

describe('samples of a parameter schema', () => {
  it('hold an ARN of the type that each field asks for', () => {
    const [value] = samples(z.object({ service: ServiceArn, alias: AliasArn, task: Arn }));

    expect(value).toEqual({
      service: 'arn:aws:ecs:any-region-0:000000000000:service/ANY/ANY',
      alias: 'arn:aws:lambda:any-region-0:000000000000:function:ANY:ANY',
      task: OPEN_ARN,
    });
  });

  it('cover every combination of choices', () => {
    const values = samples(z.object({ field: z.enum(['a', 'b']), flag: z.boolean(), count: z.number().int() }));

    expect(values).toHaveLength(4);
  });

  it('reach into lists, optional fields and unions', () => {
    const values = samples(z.union([z.object({ roles: z.array(Arn) }), z.object({ from: z.number().optional() })]));

    expect(values).toEqual([{ roles: [OPEN_ARN] }, { from: 1 }]);
  });

  it('say which field has none', () => {
    expect(() =>
      samples(z.object({ day: z.literal('x'), zone: z.string().regex(/^eu-west-1[abc]$/) }), 'my-action params'),
    ).toThrow('my-action params.zone');
  });
});
