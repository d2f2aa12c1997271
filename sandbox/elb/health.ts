import { request } from 'node:http';

/** A target group's health check; times in seconds, as in its template. */
export interface HealthCheck {
  enabled: boolean;
  protocol: string;
  path: string;
  port: string;
  intervalSeconds: number;
  timeoutSeconds: number;
  healthyThreshold: number;
  unhealthyThreshold: number;
  /** As AWS writes it: `200`, `200,202`, `200-299`. */
  matcher: string;
}

export type Probe =
  | { readonly result: 'passed' }
  | { readonly result: 'code'; readonly status: number }
  | { readonly result: 'timeout' }
  | { readonly result: 'failed' };

/** What the load balancer thinks of a target. `streak` counts equal results in a row, of the kind that would change `state`. */
export interface Health {
  readonly state: 'initial' | 'healthy' | 'unhealthy';
  readonly streak: number;
  readonly reason?: string;
  readonly description?: string;
}

export const REGISTERING: Health = {
  state: 'initial',
  streak: 0,
  reason: 'Elb.RegistrationInProgress',
  description: 'Target registration is in progress',
};

/**
 * Judges one health check, as an Application Load Balancer does: a new target is healthy with its first success, an
 * unhealthy one after `healthyThreshold` in a row; any other becomes unhealthy after `unhealthyThreshold` failures in a row.
 */
export function judge(health: Health, probe: Probe, check: HealthCheck): Health {
  if (probe.result === 'passed') {
    if (health.state === 'healthy') return { state: 'healthy', streak: 0 };
    const needed = health.state === 'initial' ? 1 : check.healthyThreshold;
    const streak = health.streak + 1;
    if (health.state === 'unhealthy' && streak < needed) return { ...health, streak };
    return { state: 'healthy', streak: 0 };
  }
  const why = explain(probe);
  if (health.state === 'unhealthy') return { state: 'unhealthy', streak: 0, ...why };
  const streak = health.streak + 1;
  if (streak >= check.unhealthyThreshold) return { state: 'unhealthy', streak: 0, ...why };
  if (health.state === 'healthy') return { state: 'healthy', streak };
  return {
    state: 'initial',
    streak,
    reason: 'Elb.InitialHealthChecking',
    description: 'Initial health checks in progress',
  };
}

function explain(probe: Probe): { reason: string; description: string } {
  if (probe.result === 'code') {
    return {
      reason: 'Target.ResponseCodeMismatch',
      description: `Health checks failed with these codes: [${probe.status}]`,
    };
  }
  if (probe.result === 'timeout') return { reason: 'Target.Timeout', description: 'Request timed out' };
  return { reason: 'Target.FailedHealthChecks', description: 'Health checks failed' };
}

/** Whether a status code fits a matcher such as `200`, `200,202` or `200-299`. */
export function matches(matcher: string, status: number): boolean {
  return matcher.split(',').some((part) => {
    const [from, to] = part.trim().split('-').map(Number);
    return from !== undefined && status >= from && status <= (to ?? from);
  });
}

/** One health check over a connection of its own, as AWS does it. `timeoutMs` is in real milliseconds. */
export function probe(host: string, port: number, check: HealthCheck, timeoutMs: number): Promise<Probe> {
  return new Promise((resolve) => {
    const headers = { 'user-agent': 'ELB-HealthChecker/2.0', connection: 'close' };
    const call = request({ host, port, path: check.path, headers, agent: false }, (answer) => {
      answer.resume();
      const status = answer.statusCode ?? 0;
      resolve(matches(check.matcher, status) ? { result: 'passed' } : { result: 'code', status });
    });
    const timer = setTimeout(() => {
      resolve({ result: 'timeout' });
      call.destroy();
    }, timeoutMs);
    call.on('error', () => resolve({ result: 'failed' }));
    call.on('close', () => clearTimeout(timer));
    call.end();
  });
}
