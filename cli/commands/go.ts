import * as control from '../../layers/runtime/kb/control.ts';
import * as knowledge from '../../layers/runtime/kb/knowledge.ts';
import { invoke, operator } from '../answer.ts';
import type { Command } from '../command.ts';

export const command: Command = {
  usage: 'go',
  summary: 'disengages the healing lever and takes stock of what is tagged',
  async run({ account, out }) {
    const { discoverFunction } = await account();
    const by = await operator();
    await invoke(discoverFunction, {});
    await control.setLever('healing', 'disengaged', by, new Date().toISOString());
    const watched = await Array.fromAsync(knowledge.allResources());
    const healed = watched.filter(({ mode }) => mode === 'heal').length;
    out.line(`Healing is on: ${watched.length} resources are watched, ${healed} of them may be healed without asking.`);
    if (watched.length === 0)
      out.line(
        'Next: tag a resource, e.g. an ECS service, with prunella:mode = suggest, then run `npx prunella status`.',
      );
    return { healing: 'disengaged', by, watched: watched.length, healed };
  },
};
