import * as control from '../../layers/runtime/kb/control.ts';
import { operator } from '../answer.ts';
import type { Command } from '../command.ts';

export const command: Command = {
  usage: 'stop',
  summary: 'engages the healing lever: nothing is changed from now on (undo still is)',
  async run({ account, out }) {
    await account();
    const by = await operator();
    await control.setLever('healing', 'engaged', by, new Date().toISOString());
    out.line('Healing is stopped. What is being changed right now is finished or undone; nothing new is begun.');
    return { healing: 'engaged', by };
  },
};
