import { judge } from '../judge.ts';
import { UsageError, type Command } from '../command.ts';

export const command: Command = {
  usage: 'confirm <incident id>',
  summary: 'says that the diagnosis of an incident that has ended was right',
  run: (invocation) =>
    judge(invocation, 'confirmed', ({ incident: { incidentId }, first }) => {
      if (first.fault === 'unknown')
        throw new UsageError(
          `incident ${incidentId} was diagnosed as unknown, which nobody can confirm: say what it was with npx prunella correct ${incidentId} --fault FAULT`,
        );
      return { fault: first.fault, root: first.resource };
    }),
};
