import * as control from '../../layers/runtime/kb/control.ts';
import * as knowledge from '../../layers/runtime/kb/knowledge.ts';
import { invoke, operator } from '../answer.ts';
import type { Command } from '../command.ts';
import { nobodyIsTold, operators } from '../operators.ts';

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
    const watching = watched.length === 1 ? '1 resource is watched' : `${watched.length} resources are watched`;
    out.line(`Healing is on: ${watching}, ${healed} of them may be healed without asking.`);
    if (watched.length === 0)
      out.line(
        'Next: tag a resource, e.g. an ECS service, with prunella:mode = suggest or heal, then run `npx prunella status`.',
      );
    const told = await operators();
    const nobody = nobodyIsTold(told);
    if (nobody) out.line(`But ${nobody}`);
    return { healing: 'disengaged', by, watched: watched.length, healed, operators: told };
  },
};
