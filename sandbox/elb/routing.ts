import type { IncomingMessage } from 'node:http';
import { groupsOf, type Action, type Condition, type ElbState, type Listener, type RegisteredTarget } from './state.ts';
import type { TargetGroup } from './state.ts';

/** The actions for a request: those of the first rule whose conditions all hold, else the listener's own. */
export function actionsFor(state: ElbState, listener: Listener, request: IncomingMessage): readonly Action[] {
  for (const rule of state.rulesOf(listener.arn)) {
    if (rule.conditions.every((condition) => holds(condition, request))) return rule.actions;
  }
  return listener.defaultActions;
}

function holds(condition: Condition, request: IncomingMessage): boolean {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  if (condition.Field === 'path-pattern')
    return anyLike(condition.PathPatternConfig?.Values ?? condition.Values, path, true);
  if (condition.Field === 'host-header') {
    const host = (request.headers.host ?? '').split(':', 1)[0] ?? '';
    return anyLike(condition.HostHeaderConfig?.Values ?? condition.Values, host, false);
  }
  if (condition.Field === 'http-request-method')
    return (condition.HttpRequestMethodConfig?.Values ?? []).includes(request.method ?? 'GET');
  if (condition.Field === 'http-header') {
    const name = condition.HttpHeaderConfig?.HttpHeaderName?.toLowerCase() ?? '';
    return anyLike(condition.HttpHeaderConfig?.Values, String(request.headers[name] ?? ''), false);
  }
  return false;
}

/** Whether a text fits one of the patterns, in which `*` stands for any characters and `?` for one. */
function anyLike(patterns: readonly string[] = [], text: string, caseMatters: boolean): boolean {
  return patterns.some((pattern) => {
    const escaped = pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.');
    return new RegExp(`^${escaped}$`, caseMatters ? '' : 'i').test(text);
  });
}

/** The group a request goes to, by weight. `dice` is in [0, 1). */
export function chooseGroup(state: ElbState, action: Action, dice: number): TargetGroup | undefined {
  const groups = groupsOf(action);
  const total = groups.reduce((sum, group) => sum + Number(group.Weight ?? 1), 0);
  let at = dice * total;
  for (const group of groups) {
    at -= Number(group.Weight ?? 1);
    if (at < 0) return state.targetGroups.get(group.TargetGroupArn);
  }
  return undefined;
}

/**
 * The next target in turn among the healthy ones. When none is healthy but some are unhealthy, all of them get requests,
 * as AWS fails open; targets in their first checks get none.
 */
export function chooseTarget(group: TargetGroup): RegisteredTarget | undefined {
  const open: RegisteredTarget[] = [];
  const unhealthy: RegisteredTarget[] = [];
  for (const target of group.targets.values()) {
    if (target.draining) continue;
    if (target.health.state === 'healthy') open.push(target);
    else if (target.health.state === 'unhealthy') unhealthy.push(target);
  }
  const candidates = open.length > 0 ? open : unhealthy;
  group.next = (group.next + 1) % Math.max(1, candidates.length);
  return candidates[group.next];
}
