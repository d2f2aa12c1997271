import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  judge,
  matches,
  probe,
  REGISTERING,
  type Health,
  type HealthCheck,
  type Probe,
} from '../../../sandbox/elb/health.ts';

const check: HealthCheck = {
  enabled: true,
  protocol: 'HTTP',
  path: '/health',
  port: 'traffic-port',
  intervalSeconds: 10,
  timeoutSeconds: 5,
  healthyThreshold: 3,
  unhealthyThreshold: 2,
  matcher: '200-299',
};
const passed: Probe = { result: 'passed' };
const failed: Probe = { result: 'failed' };

const after = (...probes: Probe[]): Health =>
  probes.reduce((health: Health, found) => judge(health, found, check), REGISTERING);

describe('the health of a target', () => {
  it('is good with the first success of a new target', () => {
    expect(after(passed).state).toBe('healthy');
  });

  it('is bad after so many failures in a row, from either side', () => {
    expect(after(failed)).toMatchObject({ state: 'initial', reason: 'Elb.InitialHealthChecking' });
    expect(after(failed, failed).state).toBe('unhealthy');
    expect(after(passed, failed).state).toBe('healthy');
    expect(after(passed, failed, passed, failed).state).toBe('healthy');
    expect(after(passed, failed, failed).state).toBe('unhealthy');
  });

  it('comes back after so many successes in a row', () => {
    expect(after(failed, failed, passed, passed).state).toBe('unhealthy');
    expect(after(failed, failed, passed, passed, failed, passed, passed).state).toBe('unhealthy');
    expect(after(failed, failed, passed, passed, passed).state).toBe('healthy');
  });

  it.each<[Probe, string, string]>([
    [{ result: 'code', status: 503 }, 'Target.ResponseCodeMismatch', 'Health checks failed with these codes: [503]'],
    [{ result: 'timeout' }, 'Target.Timeout', 'Request timed out'],
    [{ result: 'failed' }, 'Target.FailedHealthChecks', 'Health checks failed'],
  ])('says why: %j', (found, reason, description) => {
    expect(after(found, found)).toMatchObject({ reason, description });
  });

  it.each([
    ['200', 200, true],
    ['200', 204, false],
    ['200,204', 204, true],
    ['200-299', 299, true],
    ['200-299', 300, false],
  ])('with matcher %s and status %i is %s', (matcher, status, fits) => {
    expect(matches(matcher, status)).toBe(fits);
  });
});

describe('a probe', () => {
  it('tells a right answer, a wrong one, none in time, and no connection', async () => {
    const server = createServer(({ url }, response) => {
      if (url === '/slow') return;
      response.statusCode = url === '/health' ? 200 : 404;
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;

    const found = [
      await probe('127.0.0.1', port, check, 1000),
      await probe('127.0.0.1', port, { ...check, path: '/other' }, 1000),
      await probe('127.0.0.1', port, { ...check, path: '/slow' }, 50),
    ];
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    found.push(await probe('127.0.0.1', port, check, 1000));

    expect(found).toEqual([passed, { result: 'code', status: 404 }, { result: 'timeout' }, failed]);
  });
});
