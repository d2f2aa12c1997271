import type { Discovered } from '../../functions/discover/discover.ts';
import { invoke } from '../answer.ts';
import type { Command } from '../command.ts';
import { counted } from '../output.ts';

export const command: Command = {
  usage: 'discover',
  summary: 'takes stock of what is tagged now, without waiting for the schedule',
  async run({ account, out }) {
    const { discoverFunction } = await account();
    const found = (await invoke(discoverFunction, {})) as Discovered;
    const { watched, alarms, removed, unresolved, gaps } = found;
    out.line(`${counted(watched, 'resource')} watched, ${counted(alarms, 'alarm')} about them.`);
    if (removed > 0) out.line(`${counted(removed, 'resource')} forgotten: no longer tagged, or gone.`);
    if (unresolved > 0)
      out.line(
        `${counted(unresolved, 'alarm')} could not be resolved to a resource (npx prunella status --alarms lists them).`,
      );
    for (const gap of gaps) out.line(`Not read: ${gap}`);
    return found;
  },
};
