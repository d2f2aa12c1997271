import { answer } from '../answer.ts';
import type { Command } from '../command.ts';

export const command: Command = {
  usage: 'deny <incident id>',
  summary: 'refuses it: the incident escalates',
  run: (invocation) => answer(invocation, false),
};
