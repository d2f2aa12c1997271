import { connect } from '../../../cli/account.ts';
import { type Load, startLoad } from '../../load/load.ts';
import type { Progress } from '../../progress.ts';
import { type Sandbox, startSandbox } from '../../sandbox.ts';
import { CopySpec, names } from '../../shop/copy.ts';
import { clientsOf, destroyClients } from './clients.ts';
import { prunella } from './prunella.ts';
import { copyName, variationOf } from './run.ts';
import type { Scenario } from './scenario.ts';
import { Shop } from './shop.ts';

/** An account with Prunella and a shop for each scenario in it. */
export interface Theatre {
  readonly sandbox: Sandbox;
  /** In the order of the scenarios. */
  readonly shops: readonly Shop[];
  stop(): Promise<void>;
}

export interface Cast {
  readonly scenarios: readonly Scenario[];
  readonly seed: number;
  /** False: Prunella is not deployed, so that it can be seen how faults go without it. Default true. */
  readonly healing?: boolean;
  /** Where the account keeps its files; default `.sandbox` in the clone. */
  readonly stateDir?: string;
  /** What every shop is, whatever its scenario says. */
  readonly owner?: Partial<CopySpec>;
  /** Called when the account ended by itself, with the reason. */
  readonly onDeath?: (reason: string) => void;
}

/** Recoveries at once: one account holds as many shops as there are scenarios, each an application of its own. */
const POLICY = JSON.stringify({ maxConcurrent: 10 });

/**
 * Brings up the account, deploys Prunella, then the shops, and turns the healing lever on.
 * What was started is ended again when this fails.
 */
export async function openTheatre(cast: Cast, progress: Progress, log: (line: string) => void): Promise<Theatre> {
  const endings: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (let end = endings.pop(); end; end = endings.pop()) await end();
  };
  try {
    const load = await startLoad(cast.seed);
    endings.push(() => load.stop());
    progress.say('starting an AWS account on this machine');
    const sandbox = await startSandbox({
      log,
      ...(cast.stateDir ? { stateDir: cast.stateDir } : {}),
      ...(cast.onDeath ? { onDeath: cast.onDeath } : {}),
    });
    endings.push(() => sandbox.stop());
    if (cast.healing ?? true) await deployPrunella(sandbox, cast, progress);
    const { shops, close } = await openShops(cast, sandbox, load, progress);
    endings.push(close);
    if (cast.healing ?? true) {
      const [healing = ''] = (await prunella(['go'], sandbox.env)).split('\n'); // whom it tells: nobody, here
      progress.say(healing);
      Object.assign(process.env, sandbox.env); // this process reads the records as the command line does
      await connect({ stack: 'Prunella', aws: false });
    }
    return { sandbox, shops, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Money for a look at every metric once a minute, the shortest interval there is: where days last ten minutes the default, which
 * looks every half hour, would see nothing in time.
 */
const WATCH_EACH_MINUTE = JSON.stringify({ dollarsPerMonth: 2_000 });

async function deployPrunella(sandbox: Sandbox, { scenarios }: Cast, progress: Progress): Promise<void> {
  progress.say(`cdk deploy: Prunella, to ${sandbox.endpoint}`);
  const watch = scenarios.some(({ watched }) => watched) ? { 'prunella:watch': WATCH_EACH_MINUTE } : {};
  await sandbox.deploy({ app: 'node infra/launch.mjs', context: { 'prunella:policy': POLICY, ...watch } });
}

async function openShops(cast: Cast, sandbox: Sandbox, load: Load, progress: Progress) {
  const { accountId, region } = sandbox.context;
  const account = { endpoint: sandbox.endpoint, accountId, region };
  const clients = clientsOf(account);
  const copies = cast.scenarios.map((scenario, i) => copyFor(scenario, i, cast, load));
  progress.say(`cdk deploy: ${copies.length === 1 ? 'a shop' : `${copies.length} shops`}`);
  const outputs = await sandbox.deploy({
    app: 'node sandbox/shop/app.ts',
    context: { copies: JSON.stringify(copies) },
  });
  const shops = copies.map((copy) => {
    const url = outputs[names.stack(copy.name)]?.['Address'] ?? '';
    const address = sandbox.services.loadBalancers?.addressOf(url.replace('http://', ''));
    if (!address)
      throw new Error(
        `the load balancer of ${copy.name} should have a local address, its DNS name is ${url || 'missing'}`,
      );
    return new Shop(copy, { account, clients, load, address: `http://${address}` });
  });
  return { shops, close: () => Promise.resolve(destroyClients(clients)) };
}

/** A shop as its scenario wants it, under a neutral name: nothing can read the fault off it. */
function copyFor(scenario: Scenario, index: number, { seed, owner }: Cast, load: Load): CopySpec {
  const name = copyName(index);
  const chosen = scenario.owner?.(variationOf(scenario, seed)) ?? {};
  return CopySpec.parse({ mode: 'heal', ...chosen, ...owner, name, paymentsUrl: load.paymentsUrl(name) });
}
