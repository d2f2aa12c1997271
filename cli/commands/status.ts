import type { Incident } from '../../layers/core/incident.ts';
import * as audit from '../../layers/runtime/kb/audit.ts';
import * as control from '../../layers/runtime/kb/control.ts';
import * as incidents from '../../layers/runtime/kb/incidents.ts';
import * as knowledge from '../../layers/runtime/kb/knowledge.ts';
import { unwatchedGroups } from '../../functions/watch/groups.ts';
import { shortName } from '../../layers/core/arn.ts';
import type { Command } from '../command.ts';
import { nobodyIsTold, operators } from '../operators.ts';
import { counted } from '../output.ts';

/** An open incident, and what it waits for. */
async function openLine({ incidentId, resource, openedAt, foldedInto, predicted, shared }: Incident): Promise<string> {
  const last = (await audit.trail(incidentId)).at(-1);
  const asked = last?.state === 'AwaitApproval' && last.verdict === 'asked';
  const waits = foldedInto
    ? `  waits for ${foldedInto}`
    : asked
      ? `  waits for a person: npx prunella approve ${incidentId} (or deny)`
      : '';
  const yet = predicted ? '  foretold, nothing has happened yet' : '';
  const same = shared ? `  shares ${shared.what} with ${counted(shared.with.length, 'incident')}` : '';
  return `${incidentId}  ${shortName(resource)}  since ${openedAt}${yet}${same}${waits}`;
}

export const command: Command = {
  usage: 'status [--alarms]',
  summary: 'the lever, what is watched and how, what is going on',
  options: { alarms: 'boolean' },
  async run({ account, options, out }) {
    const { name } = await account();
    const healing = await control.lever('healing');
    const watched = await Array.fromAsync(knowledge.allResources());
    const open = await incidents.listOpen();
    const leases = await control.leases();
    const frozen = await control.freezes();
    const unresolved = await knowledge.listUnresolved();
    const storms = await control.storms();
    const waiting = (await control.keptPointers()).filter(({ parked }) => parked);
    const modes = Object.groupBy(watched, ({ mode }) => mode);

    out.line(`Prunella in ${name}`);
    out.line(
      healing === 'engaged'
        ? 'healing   STOPPED (the lever is engaged): nothing is changed. `npx prunella go` starts it.'
        : 'healing   on. `npx prunella stop` stops it.',
    );
    out.line(
      `watched   ${counted(watched.length, 'resource')}: ${
        Object.entries(modes)
          .map(([mode, list]) => `${list?.length} ${mode}`)
          .join(', ') || 'none. Tag one with prunella:mode'
      }`,
    );
    for (const resource of watched) {
      const { arn, modeFrom, misread, mode } = resource;
      for (const why of misread) out.line(`          ${shortName(arn)}: its tag ${why}`);
      const unread = mode === 'observe' ? [] : unwatchedGroups(resource);
      if (unread.length > 0)
        out.line(`          ${shortName(arn)}: too many log groups, not read: ${unread.join(', ')}`);
      if (typeof modeFrom === 'object')
        out.line(
          `          ${shortName(arn)}: its mode "${modeFrom.invalid}" is none of observe, suggest, approve, heal: treated as suggest`,
        );
    }
    for (const { arn, id, target, answered, told, since, why } of await knowledge.probeStates()) {
      const name = `          ${shortName(arn)}: its ${id} (${target})`;
      if (told) out.line(`${name} has failed since ${since}: ${why}`);
      else if (!answered) out.line(`${name} was never answered, so that it says nothing yet: ${why}`);
    }
    if (unresolved.length > 0)
      out.line(
        `          ${counted(unresolved.length, 'alarm')} of the account could not be resolved to a resource${options['alarms'] ? ':' : ' (--alarms lists them)'}`,
      );
    for (const { alarmArn, why } of options['alarms'] ? unresolved : [])
      out.line(`          ${shortName(alarmArn)}: ${why}`);
    const told = await operators();
    const nobody = nobodyIsTold(told);
    if (nobody) out.line(`operators ${nobody}`);
    for (const { arn, why } of frozen) out.line(`FROZEN    ${shortName(arn)}: ${why}`);
    for (const { fleet, since, incidentId } of storms)
      out.line(
        `STORM     in fleet ${fleet} since ${since}: nothing of it is changed; ${counted(waiting.filter(({ brakedFleet }) => brakedFleet === fleet).length, 'resource')} wait with incident ${incidentId}`,
      );
    out.line(`incidents ${open.length} open`);
    for (const incident of open) out.line(`          ${await openLine(incident)}`);
    for (const { arn, incidentId, expiresAt } of leases)
      out.line(`lease     ${shortName(arn)} by ${incidentId} until ${expiresAt}`);
    return {
      account: name,
      healing,
      operators: told,
      watched: watched.map(({ arn, mode }) => ({ arn, mode })),
      open,
      storms: storms.map((storm) => ({
        ...storm,
        waiting: waiting.filter(({ brakedFleet }) => brakedFleet === storm.fleet).map(({ resource }) => resource),
      })),
      leases,
      frozen,
      unresolved,
    };
  },
};
