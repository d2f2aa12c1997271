import type { LoadBalancers, Target, TargetHealth } from '../contract.ts';
import type { Clock } from './clock.ts';
import { judge, probe, REGISTERING } from './health.ts';
import { RegisteredTarget, type ElbState, type TargetGroup } from './state.ts';

/** How often a target is looked at until it answers for the first time, within its first health check interval. */
const FIRST_LOOK_MS = 1000;

/** What a target group says about one target, with the words of DescribeTargetHealth. */
export interface TargetView {
  readonly state: TargetHealth;
  readonly reason?: string;
  readonly description?: string;
}

/** Registers targets, checks their health and drains them. */
export class Targets implements Pick<LoadBalancers, 'register' | 'deregister' | 'health'> {
  readonly #state: ElbState;
  readonly #clock: Clock;

  constructor(state: ElbState, clock: Clock) {
    this.#state = state;
    this.#clock = clock;
  }

  register(targetGroupArn: string, { id, host, port }: Target): void {
    const group = this.#group(targetGroupArn);
    const before = group.targets.get(id);
    if (before && !before.draining && before.host === host && before.port === port) return;
    if (before) this.#forget(group, before);
    const target = new RegisteredTarget(id, host, port, this.#clock.now());
    group.targets.set(id, target);
    group.known.set(id, { host, port });
    if (group.healthCheck.enabled) this.#checkAfter(group, target, 0);
    else target.health = { state: 'healthy', streak: 0 };
  }

  async deregister(targetGroupArn: string, targetId: string): Promise<void> {
    const group = this.#state.targetGroups.get(targetGroupArn);
    const target = group?.targets.get(targetId);
    if (!group || !target) return;
    const delayMs = Number(group.attributes.get('deregistration_delay.timeout_seconds') ?? 300) * 1000;
    target.cancelCheck();
    const drained = target.drain();
    const cancel = this.#clock.after(delayMs, () => target.finishDraining());
    await drained;
    cancel();
    this.#forget(group, target);
  }

  health(targetGroupArn: string, targetId: string): TargetHealth {
    return this.describe(targetGroupArn, targetId).state;
  }

  describe(targetGroupArn: string, targetId: string): TargetView {
    const group = this.#state.targetGroups.get(targetGroupArn);
    const target = group?.targets.get(targetId);
    if (!group || !target) {
      return {
        state: 'unused',
        reason: 'Target.NotRegistered',
        description: 'Target is not registered to the target group',
      };
    }
    if (target.draining) {
      return {
        state: 'draining',
        reason: 'Target.DeregistrationInProgress',
        description: 'Target deregistration is in progress',
      };
    }
    if (this.#state.balancersOf(targetGroupArn).length === 0) {
      return {
        state: 'unused',
        reason: 'Target.NotInUse',
        description: 'Target group is not configured to receive traffic from the load balancer',
      };
    }
    const { state, reason, description } = target.health;
    return { state, ...(reason ? { reason } : {}), ...(state !== 'healthy' && description ? { description } : {}) };
  }

  /** Ends all checks and connections. */
  stop(): void {
    for (const group of this.#state.targetGroups.values())
      for (const target of [...group.targets.values()]) this.#forget(group, target);
  }

  #group(arn: string): TargetGroup {
    const group = this.#state.targetGroups.get(arn);
    if (!group) throw new Error(`register a target in a known target group, got ${arn}`);
    return group;
  }

  #forget(group: TargetGroup, target: RegisteredTarget): void {
    target.cancelCheck();
    target.finishDraining();
    target.agent.destroy();
    if (group.targets.get(target.id) === target) group.targets.delete(target.id);
  }

  #checkAfter(group: TargetGroup, target: RegisteredTarget, ms: number): void {
    target.cancelCheck = this.#clock.after(ms, () => void this.#check(group, target));
  }

  async #check(group: TargetGroup, target: RegisteredTarget): Promise<void> {
    const check = group.healthCheck;
    const port = check.port === 'traffic-port' ? target.port : Number(check.port);
    const found = await probe(target.host, port, check, (check.timeoutSeconds * 1000) / this.#clock.speed);
    if (target.draining || group.targets.get(target.id) !== target) return;
    const intervalMs = check.intervalSeconds * 1000;
    // AWS takes some seconds to register a target; what fails in that time is not held against it.
    const registering = target.health === REGISTERING && this.#clock.now() - target.registeredAt < intervalMs;
    if (registering && found.result !== 'passed') {
      this.#checkAfter(group, target, Math.min(FIRST_LOOK_MS, intervalMs));
      return;
    }
    target.health = judge(target.health, found, check);
    this.#checkAfter(group, target, intervalMs);
  }
}
