import type { Expected, ExpectedIncident } from './scenario.ts';
import { actionsOf, faultOf, hasEnded, type IncidentRecord, standing, targetsOf, verdictOf } from './record.ts';

/** True when nothing more is to come: every incident has ended, and all that should open have opened. */
export function isOver(expected: Expected, records: readonly IncidentRecord[]): boolean {
  const { found } = match(expected, records);
  return found.every((record) => record !== undefined) && records.every(hasEnded);
}

/** What differs from what should have been, in plain words; [] when nothing does. */
export function judge(expected: Expected, records: readonly IncidentRecord[]): readonly string[] {
  if (expected.silence) {
    return records.map(({ incident }) => `an incident opened about ${incident.resource}, none should have`);
  }
  const { found, others } = match(expected, records);
  return [
    ...expected.incidents.flatMap((wanted, i) => judgeOne(wanted, found[i])),
    ...others.flatMap((record) => bystander(record)),
    ...toldTooOften(expected, records),
  ];
}

function toldTooOften({ told }: Expected, records: readonly IncidentRecord[]): readonly string[] {
  const found = records.filter(({ incident: { ending } }) => ending?.kind === 'escalated').length;
  return told === undefined || found === told
    ? []
    : [`a person should be told in ${told} incident, it was in ${found}`];
}

/** Finds for each expected incident the one that acted on its resource, else the one about it, in the order of opening. */
export function match(expected: Expected, records: readonly IncidentRecord[]) {
  const left = [...records].sort((a, b) => (a.incident.openedAt < b.incident.openedAt ? -1 : 1));
  const found = expected.incidents.map((wanted) => {
    const acted = left.findIndex((record) => targetsOf(record).includes(wanted.resource));
    const at = acted >= 0 ? acted : left.findIndex(({ incident }) => incident.resource === wanted.resource);
    return at < 0 ? undefined : left.splice(at, 1)[0];
  });
  return { found, others: left };
}

function judgeOne(wanted: ExpectedIncident, record: IncidentRecord | undefined): readonly string[] {
  if (!record) return [`no incident opened about ${wanted.resource}`];
  const problems: string[] = [];
  const { ending } = record.incident;
  const endings = [wanted.ending].flat();
  if (!ending || !endings.includes(ending.kind)) {
    problems.push(
      `it should end as ${endings.join(' or ')}, it is ${verdictOf(record)}${ending ? ` (${ending.why})` : ''}`,
    );
  } else {
    if (ending.kind === 'recovered' && wanted.by && ending.by !== wanted.by) {
      problems.push(`it should be recovered by ${wanted.by}, it was by ${ending.by} (${ending.why})`);
    }
    if (
      (ending.kind === 'escalated' || ending.kind === 'suppressed') &&
      wanted.because &&
      ending.because !== wanted.because
    ) {
      problems.push(
        `it should be ${ending.kind} because of ${wanted.because}, it was because of ${ending.because} (${ending.why})`,
      );
    }
  }
  const fault = faultOf(record);
  if (wanted.faults && !(fault && wanted.faults.includes(fault))) {
    problems.push(`the fault is ${wanted.faults.join(' or ')}, diagnosed was ${fault ?? 'nothing'}`);
  }
  const actions = actionsOf(record);
  const tried = wanted.perhapsFirst !== undefined && actions[0] === wanted.perhapsFirst ? actions.slice(1) : actions;
  if (wanted.actions && tried.join() !== wanted.actions.join()) {
    problems.push(`it should act by ${list(wanted.actions)}, it acted by ${list(actions)}`);
  }
  const said = JSON.stringify(record.audit);
  const unsaid = (wanted.says ?? []).filter((text) => !said.includes(inJson(text)));
  problems.push(...unsaid.map((text) => `its audit trail does not say ${text}`));
  const astray = targetsOf(record).filter((target) => target !== wanted.resource);
  return [
    ...problems,
    ...astray.map((target) => `${target} should be left alone, it was changed`),
    ...explained(record),
  ];
}

/** As it stands within a text in JSON: its quotes escaped. */
const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);

const list = (actions: readonly string[]): string => (actions.length > 0 ? actions.join(', then ') : 'nothing');

/** An incident on a neighbour of the faulty resource may open, but must leave it alone. */
function bystander(record: IncidentRecord): readonly string[] {
  const touched = actionsOf(record);
  return [
    ...(touched.length > 0
      ? [`${record.incident.resource} should be left alone, it was changed by ${list(touched)}`]
      : []),
    ...standing(record).map(({ resource, field }) => `${field} of ${resource} is still changed`),
    ...(record.incident.ending ? [] : [`the incident about ${record.incident.resource} has no ending`]),
  ];
}

/** The audit trail must say why it ended as it did. */
function explained({ audit, incident }: IncidentRecord): readonly string[] {
  const states = new Set(audit.map(({ state }) => state));
  const silent = audit.filter(({ why }) => why.length === 0);
  return [
    ...(incident.ending && !states.has('Close') ? ['its audit trail does not reach Close'] : []),
    ...silent.map(({ state, n }) => `entry ${n} of its audit trail (${state}) does not say why`),
  ];
}
