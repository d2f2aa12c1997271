import { Arn } from '../../layers/core/arn.ts';
import { faultNamed, judge, rootNamed } from '../judge.ts';
import { UsageError, type Command } from '../command.ts';
import { incidentArgument } from './explain.ts';

export const command: Command = {
  usage: 'correct <incident id> --fault FAULT [--resource ARN]',
  summary: 'says what an incident that has ended was, where the diagnosis was wrong',
  options: { fault: 'string', resource: 'string' },
  async run(invocation) {
    const incidentId = incidentArgument(invocation);
    const { fault: name, resource } = invocation.options;
    const fault = faultNamed(name);
    const arn = Arn.optional().safeParse(resource);
    if (!arn.success) throw new UsageError(`${arn.error.issues[0]?.message}, got ${String(resource)}`);
    return judge(invocation, 'corrected', async (judgeable) => {
      const root = await rootNamed(arn.data, judgeable);
      const { first } = judgeable;
      if (first.fault === fault && first.resource === root)
        throw new UsageError(
          `${fault} of ${root} is what was diagnosed: confirm it with npx prunella confirm ${incidentId}`,
        );
      return { fault, root };
    });
  },
};
