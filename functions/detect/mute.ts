import { ListAlarmMuteRulesCommand } from '@aws-sdk/client-cloudwatch';
import type { Aws } from '../../layers/core/aws.ts';
import type { Signal } from '../../layers/core/signal.ts';

export interface Muted {
  /** True when every signal is an alarm that an active mute rule covers. */
  readonly muted: boolean;
  readonly why: readonly string[];
}

/**
 * Whether the owner asked for silence. CloudWatch mutes an alarm's actions, not its events, so the rules are asked for
 * here. Rules that cannot be read mute nothing, and that is said.
 */
export async function isMuted(signals: readonly Signal[], aws: Aws): Promise<Muted> {
  const alarms = [...new Set(signals.flatMap((signal) => (signal.kind === 'alarm' ? signal.alarm : [])))];
  if (alarms.length === 0 || signals.some(({ kind }) => kind !== 'alarm')) return { muted: false, why: [] };
  try {
    const active = await Promise.all(alarms.map((alarm) => hasActiveRule(alarm, aws)));
    const muted = active.every(Boolean);
    return { muted, why: muted ? [`an active mute rule covers ${alarms.join(', ')}`] : [] };
  } catch (error) {
    return { muted: false, why: [`mute rules could not be read (${String(error)}): taken as none`] };
  }
}

/** Rules are filtered after a page was read: one without any may be followed by one with some. */
async function hasActiveRule(AlarmName: string, aws: Aws): Promise<boolean> {
  let NextToken: string | undefined;
  do {
    const answer = await aws.cloudwatch.send(
      new ListAlarmMuteRulesCommand({ AlarmName, Statuses: ['ACTIVE'], ...(NextToken ? { NextToken } : {}) }),
    );
    if (answer.AlarmMuteRuleSummaries?.length) return true;
    NextToken = answer.NextToken || undefined;
  } while (NextToken);
  return false;
}
