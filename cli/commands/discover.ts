import { invoke } from '../answer.ts';
import type { Command } from '../command.ts';

export const command: Command = {
  usage: 'discover',
  summary: 'takes stock of what is tagged now, without waiting for the schedule',
  async run({ account, out }) {
    const { discoverFunction } = await account();
    const answer = await invoke(discoverFunction, {});
    out.line(`Taken stock: ${JSON.stringify(answer)}`);
    return answer;
  },
};
