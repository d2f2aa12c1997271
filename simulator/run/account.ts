import { DEFAULT_POLICY, type Policy } from '../../layers/core/policy.ts';
import { addSeconds, hours, minutes, seconds, type Instant, type Seconds } from '../../layers/core/units.ts';
import type { PutEventsCommandInput } from '@aws-sdk/client-eventbridge';
import type { PublishCommandInput } from '@aws-sdk/client-sns';
import type { SendMessageBatchCommandInput } from '@aws-sdk/client-sqs';
import { operationOf } from '../../layers/runtime/calls.ts';
import type { WatchPolicy } from '../../layers/core/watch-policy.ts';
import * as control from '../../layers/runtime/kb/control.ts';
import { withRuntime, type Call } from '../../layers/runtime/runtime.ts';
import { Clock } from '../core/clock.ts';
import { FUNCTIONS, type FunctionName } from '../../infra/functions.ts';
import type { EventPattern } from '../../functions/changes/patterns.ts';
import { environmentOf, Functions, healArnOf, WATCH_QUEUE, type Invocation } from '../core/invoke.ts';
import { NotSimulated } from '../core/not-simulated.ts';
import { healDefinition, StateMachine, type StatusChange } from '../core/states.ts';
import { Tables } from '../core/tables.ts';
import type { Carried } from './carry.ts';
import { virtualRuntime } from '../core/virtual-runtime.ts';
import { KEPT_LONG, TICK, type FleetSpec } from '../world/spec.ts';
import { World, type WorldOptions } from '../world/world.ts';
import { CHANGE_PATTERNS, Delivery, INTAKE_PATTERNS, type Destination, type Travel } from './delivery.ts';

/** A call of a function of ours, on its way to whoever answers it. */
export interface Passing {
  readonly call: Call;
  readonly from: Invocation;
  /** Has it answered. */
  readonly answer: () => Promise<unknown>;
}

export interface AccountOptions {
  readonly seed: number;
  readonly start: Instant;
  readonly fleet: FleetSpec;
  readonly policy?: Partial<Policy>;
  readonly world?: Pick<WorldOptions, 'delays' | 'people' | 'habits'>;
  readonly travel?: Travel;
  /** How far the clock of a function's host is from the true time; default not at all. */
  readonly skew?: (functionName: FunctionName) => Seconds;
  /** What its tables hold from before. */
  readonly carried?: Carried;
  /** Whether metrics and logs are watched too, and how; default not, for each look takes processor time. */
  readonly watch?: Partial<WatchPolicy>;
  /** False: nothing heals, so that faults can be seen as they go without it. */
  readonly healing?: boolean;
  /** Stands between functions and what answers them: it may look, wait, fail, or answer itself. */
  readonly between?: (passing: Passing, account: Account) => Promise<unknown>;
}

/** What the operators were told. */
export interface Told {
  readonly at: Instant;
  readonly subject: string;
  readonly message: string;
}

const RECONCILE_EVERY: Seconds = minutes(5);
const DISCOVER_EVERY: Seconds = minutes(15);
const PLAN_EVERY: Seconds = minutes(1);
const TRAIN_EVERY: Seconds = hours(1);
/** What a schedule calls. */
type Job = 'Discover' | 'Reconcile' | 'WatchPlan' | 'Train';
/** How long a call takes, so that time passes while a function works. */
const CALL_TAKES: Seconds = 0.02;

/** A modelled account with Prunella in it, in virtual time: its functions, its state machine, its tables, its queues. */
export class Account {
  readonly clock: Clock;
  readonly tables: Tables;
  readonly world: World;
  readonly machine: StateMachine;
  readonly delivery: Delivery;
  readonly told: Told[] = [];
  /** Jobs that failed although they were tried again. */
  readonly failedJobs: string[] = [];
  readonly #functions: Functions;
  readonly #runtime: ReturnType<typeof virtualRuntime>;
  readonly #options: AccountOptions;
  readonly #watchers: (() => void)[] = [];
  #events = 0;

  private constructor(
    options: AccountOptions,
    parts: Pick<Account, 'clock' | 'tables' | 'world'>,
    functions: Functions,
  ) {
    this.#options = options;
    ({ clock: this.clock, tables: this.tables, world: this.world } = parts);
    this.#functions = functions;
    this.#runtime = virtualRuntime(this.clock, options.seed);
    const invoke = (name: string, payload: unknown) => functions.invoke(name, payload);
    this.machine = new StateMachine({
      clock: this.clock,
      random: this.#runtime.random,
      stateMachineArn: healArnOf(place(options)),
      definition: healDefinition(options.policy?.approvalTimeout ?? DEFAULT_POLICY.approvalTimeout),
      invoke,
      onStatus: (change) => this.#onStatus(change),
    });
    const inbox = (name: string, consumer: FunctionName, patterns: readonly EventPattern[]): Destination => ({
      name,
      patterns,
      visibility: FUNCTIONS[consumer].timeout.toSeconds() * 6, // as infra/constructs/queue.ts has it
      take: async (records) => failures(await invoke(consumer, { Records: records })),
    });
    this.delivery = new Delivery(
      this.clock,
      options.seed,
      [
        inbox('signals', 'Intake', INTAKE_PATTERNS),
        inbox('changes', 'Changes', CHANGE_PATTERNS),
        inbox(WATCH_QUEUE, 'Watch', []),
      ],
      options.travel,
    );
  }

  /** The account as it is right after `cdk deploy` and `prunella go`. */
  static async open(options: AccountOptions): Promise<Account> {
    const clock = new Clock(options.start);
    const tables = new Tables({ clock: () => clock.milliseconds });
    if (options.carried) tables.restore(options.carried);
    const world = new World({
      ...options.fleet,
      ...options.world,
      seed: options.seed,
      start: options.start,
      ...(options.watch && { kept: KEPT_LONG }),
      listening: options.healing !== false,
    });
    const environment = environmentOf({
      ...place(options),
      ...(options.policy && { policy: options.policy }),
      ...(options.watch && { watch: options.watch }),
    });
    let account: Account | undefined = undefined;
    const functions = await Functions.load({
      clock,
      runtime: virtualRuntime(clock, options.seed + 1),
      environment,
      ...(options.skew && { skew: options.skew }),
      call: (call, from) => account!.#pass(call, from),
    });
    account = new Account(options, { clock, tables, world }, functions);
    account.#begin();
    return account;
  }

  /** Runs `work` as the command line would: with the account's tables and time. */
  within<T>(work: () => Promise<T>): Promise<T> {
    const call = async <R>(made: Call) => this.#answer(made) as R;
    return withRuntime({ ...this.#runtime, call }, work);
  }

  /** Calls a function as something outside does: the command line, or a service that delivers twice. */
  invoke(name: FunctionName, payload: unknown): Promise<unknown> {
    return this.#functions.invoke(name, payload);
  }

  /** Moves time on. */
  async run(time: Seconds): Promise<void> {
    await this.clock.run(addSeconds(this.clock.now(), time));
  }

  /** Whether anybody heals. */
  get healing(): boolean {
    return this.#options.healing !== false;
  }

  /** Whether an execution runs. */
  get isBusy(): boolean {
    return this.machine.names.some((name) => this.machine.describe(name)?.status === 'RUNNING');
  }

  /** Calls `look` after each step of the world. */
  watch(look: () => void): void {
    this.#watchers.push(look);
  }

  #begin(): void {
    this.clock.after(TICK, () => this.#tick());
    if (!this.healing) return;
    this.clock.after(0, async () => {
      await this.within(() => control.setLever('healing', 'disengaged', 'simulation', this.clock.now()));
      await this.#job('Discover');
    });
    this.#every(DISCOVER_EVERY, 'Discover');
    this.#every(RECONCILE_EVERY, 'Reconcile');
    if (!this.#options.watch) return;
    this.#every(PLAN_EVERY, 'WatchPlan');
    this.#every(TRAIN_EVERY, 'Train');
  }

  #tick(): void {
    for (const event of this.world.tick(this.clock.now())) {
      if (this.healing) this.delivery.put({ ...event });
    }
    for (const look of this.#watchers) look();
    this.clock.after(TICK, () => this.#tick());
  }

  #every(time: Seconds, name: Job): void {
    this.clock.after(time, () => {
      this.#every(time, name);
      return this.#job(name);
    });
  }

  /** Asynchronous invocation: tried three times, then told to the dead-letter queue. */
  async #job(name: Job, event: unknown = { 'detail-type': 'Scheduled Event' }): Promise<void> {
    for (let tried = 0; tried < 3; tried += 1) {
      if (tried > 0) await this.clock.sleep(minutes(tried) * 1000);
      const done = await this.#functions.invoke(name, event).then(
        () => true,
        (error: unknown) => {
          if (error instanceof NotSimulated) throw error;
          this.failedJobs.push(`${name}: ${String(error)}`);
          return false;
        },
      );
      if (done) return;
    }
  }

  #onStatus({ status, ...detail }: StatusChange): void {
    if (status !== 'FAILED' && status !== 'TIMED_OUT' && status !== 'ABORTED') return;
    const event = {
      source: 'aws.states',
      'detail-type': 'Step Functions Execution Status Change',
      detail: { status, ...detail },
    };
    if (this.#options.travel?.loses?.(event)) return;
    this.clock.after(seconds(2), () => this.#job('Reconcile', event));
  }

  async #pass(call: Call, from: Invocation): Promise<unknown> {
    await this.clock.sleep(CALL_TAKES * 1000);
    const answer = () => Promise.resolve(this.#answer(call));
    const { between } = this.#options;
    return between ? between({ call, from, answer }, this) : answer();
  }

  #answer(call: Call): unknown {
    switch (call.service) {
      case 'tables':
        return this.tables.answer(call.command);
      case 'states':
        return this.machine.answer(call.command);
      case 'topics':
        return this.#tell(call);
      case 'queues':
        return this.#send(call);
      case 'bus':
        return this.#put(call);
      case 'credentials':
        throw new NotSimulated('credentials are not asked for: sessions pass with the calls');
      default:
        return this.world.answer(call, this.clock.now());
    }
  }

  #send({ command }: Call): object {
    const { QueueUrl = '', Entries = [] } = command.input as SendMessageBatchCommandInput;
    for (const { MessageBody = '' } of Entries) this.delivery.send(QueueUrl, MessageBody);
    return { Successful: Entries.map(({ Id }) => ({ Id })), Failed: [] };
  }

  /** What a function puts on the account's event bus is delivered like any other event. */
  #put({ command }: Call): object {
    const { Entries = [] } = command.input as PutEventsCommandInput;
    const { accountId, region } = place(this.#options);
    for (const { Source = '', DetailType, Detail = '{}', Resources = [] } of Entries)
      this.delivery.put({
        id: `event-${(this.#events += 1)}`,
        time: this.clock.now(),
        account: accountId,
        region,
        resources: Resources,
        source: Source,
        'detail-type': DetailType,
        detail: JSON.parse(Detail) as unknown,
      });
    return { FailedEntryCount: 0, Entries: Entries.map(() => ({})) };
  }

  #tell({ command }: Call): object {
    if (operationOf(command) !== 'Publish') throw new NotSimulated(`topics do not answer ${operationOf(command)}`);
    const { Subject = '', Message = '' } = command.input as PublishCommandInput;
    this.told.push({ at: this.clock.now(), subject: Subject, message: Message });
    return { MessageId: `told-${this.told.length}` };
  }
}

const place = ({ fleet: { account, region } }: AccountOptions) => ({ accountId: account, region });

function failures(answer: unknown): readonly string[] {
  const { batchItemFailures = [] } = answer as { batchItemFailures?: readonly { itemIdentifier: string }[] };
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}
