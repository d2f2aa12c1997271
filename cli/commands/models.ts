import { ModelName, PRIOR_VERSION, versionName, type ModelVersion } from '../../layers/core/model-version.ts';
import { percent } from '../../layers/core/units.ts';
import * as knowledge from '../../layers/runtime/kb/knowledge.ts';
import { operator } from '../answer.ts';
import { UsageError, type Command, type Invocation, type Output } from '../command.ts';

type Known = knowledge.KnownModels & { readonly type: ModelName };

export const command: Command = {
  usage: 'models [rollback <version>]',
  summary:
    'the versions of the models that name faults and foretell failures, or sets one of them back; 0 is the prior',
  async run(invocation) {
    const [verb, name, ...more] = invocation.args;
    if (verb !== undefined && (verb !== 'rollback' || name === undefined || more.length > 0))
      throw new UsageError(`supply nothing, or rollback and a version, got ${invocation.args.join(' ')}`);
    await invocation.account();
    if (name !== undefined) return rollBack(name, invocation);
    const all = await Promise.all(ModelName.options.map(async (type) => ({ type, ...(await knowledge.models(type)) })));
    const known = all.filter(({ trained, versions }) => trained !== undefined || versions.length > 0);
    if (known.length === 0)
      invocation.out.line('Nothing was learned yet: no incident has ended since this was deployed.');
    for (const one of known) print(one, invocation.out);
    return known.map(({ type, inUse, versions, changes, trained }) => ({
      type,
      inUse: inUse?.version ?? PRIOR_VERSION,
      trained,
      versions: versions.map(({ version, learnedAt, figures, why }) => ({ version, learnedAt, figures, why })),
      changes,
    }));
  },
};

function print({ type, inUse, versions, changes, trained }: Known, out: Output): void {
  const version = inUse?.version ?? PRIOR_VERSION;
  const prior = type === 'fault' ? 'the shipped model' : 'the prior, which foretells nothing';
  const using = version === PRIOR_VERSION ? prior : versionName({ type, version });
  out.line(`${type}: in use is ${using}${inUse ? `, since ${inUse.since} by ${inUse.by}` : ''}`);
  const what = type === 'fault' ? 'incidents whose fault is known' : 'failures of its own';
  if (trained) out.line(`  last training ${trained.at}, ${trained.failures} ${what}: ${trained.why}`);
  out.table(
    versions.map((one) => {
      const { learnedFrom, judgedOn, own, inUse: other, chance } = one.figures;
      return {
        version: versionName(one),
        learned: one.learnedAt,
        from:
          type === 'fault'
            ? `${learnedFrom.failures} incidents`
            : `${learnedFrom.failures} failures, ${learnedFrom.healthy} healthy`,
        'judged on': type === 'fault' ? `${judgedOn.failures}` : `${judgedOn.failures}, ${judgedOn.healthy}`,
        Brier: `${own.brier.toPrecision(2)} (${versionName({ type, version: other.version })}: ${other.brier.toPrecision(2)})`,
        'log loss': `${own.logLoss.toPrecision(2)} (${other.logLoss.toPrecision(2)})`,
        chance: chance.toPrecision(2),
        now: one.version === version ? 'in use' : '',
      };
    }),
    '  no version was learned yet',
  );
  const shown = versions.find((one) => one.version === version) ?? versions[0];
  if (shown) printReliability(shown, out);
  for (const { at, by, from, to } of changes.slice(0, 5)) out.line(`  ${at}: ${by} set ${to} in place of ${from}`);
}

function printReliability(version: ModelVersion, out: Output): void {
  out.line(`  how often what ${versionName(version)} foretold came true, where it was judged:`);
  out.table(
    version.figures.reliability.map(({ from, to, count, foretold, cameTrue }) => ({
      foretold: `${percent(from)} to ${percent(to)}`,
      mean: percent(foretold),
      'came true': percent(cameTrue),
      of: count,
    })),
    '  it was learned before this was kept',
  );
}

async function rollBack(name: string, { out }: Invocation): Promise<unknown> {
  const [, typeName, number] = /^(.+)-(\d+)$/.exec(name) ?? [];
  const type = ModelName.safeParse(typeName);
  if (!type.success) throw new UsageError(`supply a version such as ecs-service-3 or fault-2, got ${name}`);
  const { inUse, versions } = await knowledge.models(type.data);
  const seen = inUse?.version ?? PRIOR_VERSION;
  const to = versions.find(({ version }) => version === Number(number));
  if (!to && Number(number) !== PRIOR_VERSION) {
    const kept = [...versions.map(versionName), versionName({ type: type.data, version: PRIOR_VERSION })].join(', ');
    throw new UsageError(`there is no version ${name}: kept are ${kept}`);
  }
  if (Number(number) === seen) throw new UsageError(`${name} is in use already`);
  const [by, at] = [await operator(), new Date().toISOString()];
  if (!(await knowledge.setModel(type.data, to, seen, by, at)))
    throw new UsageError('another version was set meanwhile: look at npx prunella models and say it again');
  out.line(`${name} is in use. Another replaces it when it does better on what happens from now on.`);
  return { type: type.data, from: seen, to: Number(number), by, at };
}
