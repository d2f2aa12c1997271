import { shortName } from '../../layers/core/arn.ts';
import * as kb from '../../layers/runtime/kb/index.ts';
import { lookAt } from './judge.ts';
import { problemsOf } from './kept.ts';
import { beginOf, type Played } from './play.ts';

/** One episode for a person to read: the truth, what each incident saw and did by its audit trail, who changed what. */
export async function story(seed: number, played: Played): Promise<string> {
  const { account, episode } = played;
  const { n, fault, variant, target, confounder, ending } = episode;
  const truth = account.world
    .truth()
    .map(({ enteredAt, goneAt, heals }) => [
      `in ${enteredAt}, gone ${goneAt ?? 'never'}, healed by ${heals.join(' or ') || 'no action'}`,
    ]);
  const incidents = (await lookAt(account, beginOf(seed, n))).toReversed();
  const trails = await account.within(() =>
    Promise.all(incidents.map(({ incident }) => kb.audit.trail(incident.incidentId))),
  );
  return [
    `episode ${n} of seed ${seed}: ${fault} (${variant}) at ${target}, with ${confounder ?? 'nothing else'}: ${ending}`,
    ...truth.flat(),
    ...incidents.flatMap(({ incident }, at) => [
      '',
      `${shortName(incident.resource)}: incident ${incident.incidentId}`,
      ...(incident.diagnosis?.hypotheses.slice(0, 4) ?? []).map(
        (one) => `  ? ${one.fault} ${one.confidence.toFixed(2)} ${one.because.join(' ')}`,
      ),
      ...(trails[at] ?? []).flatMap(({ at: time, state, verdict, why }) => [
        `  ${time.slice(11, 19)} ${state.padEnd(10)} ${verdict}`,
        ...why.map((line) => `${' '.repeat(22)}${line}`),
      ]),
    ]),
    '',
    'changes:',
    ...account.world
      .changes()
      .map(
        ({ at, operation, resource, by, incidentId }) =>
          `  ${new Date(at).toISOString().slice(11, 19)} ${operation} ${shortName(resource)} by ${incidentId ?? by}`,
      ),
    '',
    ...problemsOf(played).map((problem) => `WRONG: ${problem}`),
  ].join('\n');
}
