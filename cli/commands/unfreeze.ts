import { Arn } from '../../layers/core/arn.ts';
import * as control from '../../layers/runtime/kb/control.ts';
import { operator } from '../answer.ts';
import { onlyArgument, UsageError, type Command } from '../command.ts';

export const command: Command = {
  usage: 'unfreeze <resource ARN>',
  summary: 'gives a resource free again after a failed undo was put right by hand',
  async run(invocation) {
    const parsed = Arn.safeParse(onlyArgument(invocation, 'the ARN of a frozen resource (see `npx prunella status`)'));
    if (!parsed.success) throw new UsageError(`${parsed.error.issues[0]?.message}, got ${invocation.args[0]}`);
    await invocation.account();
    const by = await operator();
    if (!(await control.unfreeze(parsed.data, by, new Date().toISOString())))
      throw new UsageError(`${parsed.data} is not frozen`);
    invocation.out.line(`${parsed.data} may be healed again.`);
    return { arn: parsed.data, by };
  },
};
