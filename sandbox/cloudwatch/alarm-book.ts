import { randomUUID } from 'node:crypto';

import type { BusEvent } from '../contract.ts';
import { actionsFor, typeOf, type Alarm, type AlarmState, type CompositeAlarm, type HistoryItem } from './alarm.ts';
import { configurationChangeEvent, configurationOf, stateChangeEvent } from './alarm-events.ts';
import type { Clock } from './clock.ts';
import { alarmsIn, ruleHolds } from './composite-rule.ts';
import type { StateValue } from './evaluate.ts';
import { judge } from './judge.ts';
import { longTime, stamp } from './reasons.ts';

const HISTORY_KEPT = 5000;
/** Composite alarms may contain composite alarms; deeper nesting than this is a cycle and is left alone. */
const MAX_DEPTH = 20;

export interface AlarmBookOptions {
  readonly clock: Clock;
  readonly publish: (event: BusEvent) => void;
  /** Carries out one alarm action (an ARN). Rejects when it could not be done. */
  readonly act: (action: string, alarm: Alarm, previous: AlarmState) => Promise<void>;
  readonly log: (line: string) => void;
}

/**
 * All alarms of the account: keeps them, evaluates them, and on a transition writes history, puts the event on the bus
 * and carries out actions.
 */
export class AlarmBook {
  readonly #alarms = new Map<string, Alarm>();
  readonly #history: HistoryItem[] = [];
  readonly #options: AlarmBookOptions;

  constructor(options: AlarmBookOptions) {
    this.#options = options;
  }

  get(name: string): Alarm | undefined {
    return this.#alarms.get(name);
  }

  /** All alarms, by name. */
  list(): readonly Alarm[] {
    return [...this.#alarms.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Newest first. */
  history(): readonly HistoryItem[] {
    return this.#history.toReversed();
  }

  /** Takes an alarm in, new or in place of the one with its name. */
  put(alarm: Alarm): void {
    const before = this.#alarms.get(alarm.name);
    const previous = before && configurationOf(before);
    this.#alarms.set(alarm.name, alarm);
    const operation = before ? 'update' : 'create';
    this.#record(alarm, 'ConfigurationUpdate', `Alarm "${alarm.name}" ${operation}d`, {
      version: '1.0',
      type: before ? 'Update' : 'Create',
      [before ? 'updatedAlarm' : 'createdAlarm']: configurationOf(alarm),
    });
    this.#options.publish(configurationChangeEvent(alarm, operation, this.#now(), previous));
    if (alarm.kind === 'composite') this.#evaluateComposite(alarm, undefined, 0);
  }

  delete(alarm: Alarm): void {
    this.#alarms.delete(alarm.name);
    this.#record(alarm, 'ConfigurationUpdate', `Alarm "${alarm.name}" deleted`, {
      version: '1.0',
      type: 'Delete',
      deletedAlarm: configurationOf(alarm),
    });
    this.#options.publish(configurationChangeEvent(alarm, 'delete', this.#now()));
  }

  /** Composite alarms whose rule or suppressor names an alarm. */
  parentsOf(name: string): readonly CompositeAlarm[] {
    return this.list().filter(
      (a): a is CompositeAlarm =>
        a.kind === 'composite' && (alarmsIn(a.rule).includes(name) || a.suppressor?.alarm === name),
    );
  }

  /**
   * Evaluates the metric alarms that are due: all of them at a full minute, those with periods under a minute every time.
   * An alarm that cannot be evaluated is reported and keeps its state.
   */
  evaluate(which: 'all' | 'high-resolution'): void {
    for (const alarm of this.#alarms.values()) {
      if (alarm.kind !== 'metric') continue;
      if (which === 'high-resolution' && alarm.queries.periodOf(alarm.watched) >= 60) continue;
      try {
        const state = judge(alarm, this.#now());
        if (state) this.transition(alarm, state);
      } catch (error) {
        this.#options.log(`alarm ${alarm.name} cannot be evaluated: ${String(error)}`);
      }
    }
    this.#releaseHeldActions();
  }

  /** Brings an alarm into a state; nothing happens when it is in it already. */
  transition(alarm: Alarm, to: Omit<AlarmState, 'at'>, depth = 0): void {
    const previous = alarm.state;
    if (previous.value === to.value) return;
    const at = this.#now();
    alarm.state = { ...to, at };
    alarm.transitionedAt = at;
    if (alarm.kind === 'composite') this.#holdActions(alarm);
    const state = (s: AlarmState) => ({
      stateValue: s.value,
      stateReason: s.reason,
      stateReasonData: s.reasonData && (JSON.parse(s.reasonData) as unknown),
    });
    this.#record(alarm, 'StateUpdate', `Alarm updated from ${previous.value} to ${to.value}`, {
      version: '1.0',
      oldState: state(previous),
      newState: state(alarm.state),
    });
    this.#options.publish(stateChangeEvent(alarm, previous));
    if (alarm.kind === 'metric' || !alarm.suppressed) this.#act(alarm, previous);
    this.#tellParents(alarm, depth);
  }

  #tellParents(child: Alarm, depth: number): void {
    if (depth >= MAX_DEPTH) return;
    for (const parent of this.parentsOf(child.name)) {
      if (parent.suppressor?.alarm === child.name) this.#suppressorChanged(parent, child.state.value);
      if (alarmsIn(parent.rule).includes(child.name)) this.#evaluateComposite(parent, child, depth + 1);
    }
  }

  #evaluateComposite(alarm: CompositeAlarm, trigger: Alarm | undefined, depth: number): void {
    const value: StateValue = ruleHolds(alarm.rule, (name) => this.#alarms.get(name)?.state.value) ? 'ALARM' : 'OK';
    const reason = trigger
      ? `${trigger.arn} transitioned to ${trigger.state.value} at ${longTime(trigger.state.at)}`
      : `${alarm.arn} was created and its alarm rule evaluates to ${value}`;
    const triggers = trigger ? [trigger] : alarmsIn(alarm.rule).flatMap((name) => this.#alarms.get(name) ?? []);
    const reasonData = JSON.stringify({
      triggeringAlarms: triggers.map((t) => ({
        arn: t.arn,
        state: { value: t.state.value, timestamp: stamp(t.state.at) },
      })),
    });
    this.transition(alarm, { value, reason, reasonData }, depth);
  }

  // A composite alarm with a suppressor: while that is in ALARM, and for a wait period after each transition of its own,
  // and an extension period after the suppressor ended, actions are held ("Composite alarm action suppression").

  #holdActions(alarm: CompositeAlarm): void {
    const suppressor = alarm.suppressor;
    alarm.heldUntil = undefined;
    alarm.suppressed = undefined;
    if (!suppressor) return;
    if (this.#alarms.get(suppressor.alarm)?.state.value === 'ALARM') suppress(alarm, 'Alarm');
    else if (suppressor.waitPeriod > 0) this.#hold(alarm, 'WaitPeriod', suppressor.waitPeriod);
  }

  #suppressorChanged(alarm: CompositeAlarm, state: StateValue): void {
    const wasSuppressed = alarm.suppressed?.by === 'Alarm';
    if (state === 'ALARM' && alarm.state.value === 'ALARM') {
      alarm.heldUntil = undefined;
      suppress(alarm, 'Alarm');
    } else if (state !== 'ALARM' && wasSuppressed) {
      this.#hold(alarm, 'ExtensionPeriod', alarm.suppressor!.extensionPeriod);
      this.#releaseHeldActions();
    }
  }

  #hold(alarm: CompositeAlarm, by: 'WaitPeriod' | 'ExtensionPeriod', seconds: number): void {
    suppress(alarm, by);
    alarm.heldUntil = this.#now() + seconds * 1000;
  }

  #releaseHeldActions(): void {
    for (const alarm of this.#alarms.values()) {
      if (alarm.kind !== 'composite' || alarm.heldUntil === undefined || alarm.heldUntil > this.#now()) continue;
      alarm.heldUntil = undefined;
      alarm.suppressed = undefined;
      this.#act(alarm, alarm.state);
    }
  }

  #act(alarm: Alarm, previous: AlarmState): void {
    if (!alarm.actionsEnabled) return;
    for (const action of actionsFor(alarm, alarm.state.value)) {
      this.#options.act(action, alarm, previous).then(
        () => this.#record(alarm, 'Action', `Successfully executed action ${action}`, actionData(action, 'Succeeded')),
        (error: unknown) => {
          this.#record(
            alarm,
            'Action',
            `Failed to execute action ${action}`,
            actionData(action, 'Failed', String(error)),
          );
          this.#options.log(`alarm ${alarm.name}: action ${action} failed: ${String(error)}`);
        },
      );
    }
  }

  #record(alarm: Alarm, type: HistoryItem['HistoryItemType'], summary: string, data: unknown): void {
    this.#history.push({
      AlarmName: alarm.name,
      AlarmType: typeOf(alarm),
      Timestamp: new Date(this.#now()),
      HistoryItemType: type,
      HistorySummary: summary,
      HistoryData: JSON.stringify(data),
    });
    if (this.#history.length > HISTORY_KEPT * 1.1) this.#history.splice(0, this.#history.length - HISTORY_KEPT);
  }

  #now(): number {
    return this.#options.clock.now();
  }
}

function suppress(alarm: CompositeAlarm, by: 'Alarm' | 'WaitPeriod' | 'ExtensionPeriod'): void {
  alarm.suppressed = { by, reason: `Actions suppressed by ${by === 'Alarm' ? alarm.suppressor!.alarm : by}` };
}

const actionData = (action: string, actionState: string, error?: string) => ({
  version: '1.0',
  type: 'Notification',
  actionState,
  notificationResource: action,
  ...(error === undefined ? {} : { error }),
});

/** A state that an alarm begins in. */
export const initialState = (reason: string, at: number): AlarmState => ({ value: 'INSUFFICIENT_DATA', reason, at });

/** An id for the only metric of an alarm, as events carry it. */
export const newMetricId = (): string => randomUUID();
