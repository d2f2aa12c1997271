import { answer } from '../answer.ts';
import type { Command } from '../command.ts';

export const command: Command = {
  usage: 'approve <incident id>',
  summary: 'lets the plan an incident waits with be carried out',
  run: (invocation) => answer(invocation, true),
};
