import * as control from '../../layers/runtime/kb/control.ts';
import * as incidents from '../../layers/runtime/kb/incidents.ts';
import * as knowledge from '../../layers/runtime/kb/knowledge.ts';
import { shortName } from '../../layers/core/arn.ts';
import type { Command } from '../command.ts';

export const command: Command = {
  usage: 'status',
  summary: 'the lever, what is watched and how, what is going on',
  async run({ account, out }) {
    const { name } = await account();
    const healing = await control.lever('healing');
    const watched = await Array.fromAsync(knowledge.allResources());
    const open = await incidents.listOpen();
    const leases = await control.leases();
    const frozen = await control.freezes();
    const unresolved = await knowledge.listUnresolved();
    const modes = Object.groupBy(watched, ({ mode }) => mode);

    out.line(`Prunella in ${name}`);
    out.line(
      healing === 'engaged'
        ? 'healing   STOPPED (the lever is engaged): nothing is changed. `npx prunella go` starts it.'
        : 'healing   on. `npx prunella stop` stops it.',
    );
    out.line(
      `watched   ${watched.length} resources: ${
        Object.entries(modes)
          .map(([mode, list]) => `${list?.length} ${mode}`)
          .join(', ') || 'none. Tag one with prunella:mode'
      }`,
    );
    for (const { arn, modeFrom } of watched) {
      if (typeof modeFrom === 'object')
        out.line(
          `          ${shortName(arn)}: its mode "${modeFrom.invalid}" is none of observe, suggest, approve, heal: treated as suggest`,
        );
    }
    for (const { alarmArn, why } of unresolved)
      out.line(`          alarm not resolved, so not healed: ${shortName(alarmArn)}: ${why}`);
    for (const { arn, why } of frozen) out.line(`FROZEN    ${shortName(arn)}: ${why}`);
    out.line(`incidents ${open.length} open`);
    for (const { incidentId, resource, openedAt, foldedInto } of open) {
      out.line(
        `          ${incidentId}  ${shortName(resource)}  since ${openedAt}${foldedInto ? `  waits for ${foldedInto}` : ''}`,
      );
    }
    for (const { arn, incidentId, expiresAt } of leases)
      out.line(`lease     ${shortName(arn)} by ${incidentId} until ${expiresAt}`);
    return {
      account: name,
      healing,
      watched: watched.map(({ arn, mode }) => ({ arn, mode })),
      open,
      leases,
      frozen,
      unresolved,
    };
  },
};
