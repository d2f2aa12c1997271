/**
 * docs/first-15-minutes.md as it stands there, command by command: an application of somebody's own beside Prunella, in
 * the local account, broken and healed. Each test goes on where the one before stopped.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Incident } from '../../layers/core/incident.ts';
import { Terminal } from './terminal.ts';

let terminal: Terminal;
let healed: Incident;

beforeAll(async () => {
  terminal = await Terminal.open();
});

afterAll(() => terminal.close(), 60_000);

async function json<T>(...args: string[]): Promise<T> {
  const { text } = await terminal.prunella(...args, '--json');
  return JSON.parse(text.slice(text.search(/^[[{]/m))) as T;
}

/** Asks until the answer is there. @throws Error with all that was typed and printed when it does not come */
async function until<T>(seconds: number, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    if (Date.now() > deadline) throw new Error(`not within ${seconds} s:\n${terminal.transcript.slice(-8).join('\n')}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** Waits for an incident other than those to close. @throws Error with the story so far of each that has not */
async function ended(seconds: number, but: readonly string[] = []): Promise<Incident> {
  let others: Incident[] = [];
  const look = async () => {
    others = (await json<Incident[]>('incidents')).filter(({ incidentId }) => !but.includes(incidentId));
    return others.find(({ status }) => status === 'closed');
  };
  return until(seconds, look).catch(async () => {
    const stories = await Promise.all(others.map(({ incidentId }) => terminal.prunella('explain', incidentId)));
    throw new Error(`no incident ended within ${seconds} s:\n${stories.map(({ text }) => text).join('\n')}`);
  });
}

describe('the first 15 minutes', () => {
  it('begin with an account that says how to go on', async () => {
    const { code, text } = await terminal.sandbox('up');

    expect(code, text).toBe(0);
    expect(text).toContain('npm run sandbox -- deploy');
    expect((await terminal.prunella('status')).text).toContain('there is no stack Prunella in the local account');
  });

  it('have an application of your own in it, which nobody watches yet', async () => {
    const { code, text } = await terminal.sandbox('deploy', 'examples/own-app');
    const status = await until(60, async () => {
      const { text } = await terminal.sandbox('status');
      return text.includes('COMPLETED') ? text : undefined;
    });

    expect(code, text).toBe(0);
    expect(status).toContain('own-app/greeter: 2 of 2 tasks; greeter:1 COMPLETED');
  });

  it('deploy Prunella with the CDK as into any account, which prints the next command', async () => {
    await terminal.enterAccount();

    const { code, text } = await terminal.cdk('deploy', '--require-approval', 'never');

    expect(code, text).toBe(0);
    expect(text).toContain('Prunella.NextStep = npx prunella go');
  });

  it('find the lever engaged until somebody says go', async () => {
    const before = await terminal.prunella('status');

    const { code, text } = await terminal.prunella('go');

    expect(before.text).toContain('STOPPED');
    expect(code, text).toBe(0);
    expect(text).toContain('Healing is on: 0 resources are watched');
    expect(text).toContain('prunella:mode');
  });

  it('give a service to Prunella by its tag, and see it watched at once', async () => {
    await terminal.sandbox('deploy', 'examples/own-app', '-c', 'mode=heal');

    const watched = await until(30, async () => {
      const { watched } = await json<{ watched: { arn: string; mode: string }[] }>('status');
      return watched.length > 0 ? watched : undefined;
    });

    expect(watched).toEqual([{ arn: expect.stringContaining(':service/own-app/greeter') as string, mode: 'heal' }]);
  });

  it('break it, and see it healed', async () => {
    const { text } = await terminal.sandbox('break', 'deploy-broken', 'greeter');

    healed = await ended(180);
    const status = await terminal.sandbox('status');

    expect(text).toContain('greeter:2');
    expect(healed.ending, terminal.transcript.join('\n')).toMatchObject({
      kind: 'recovered',
      by: 'action',
      action: 'rollback-deployment',
    });
    expect(status.text).toContain('own-app/greeter: 2 of 2 tasks; greeter:1 COMPLETED');
  });

  it('explain why', async () => {
    const { text } = await terminal.prunella('explain', healed.incidentId);

    expect(text).toContain('A deployment of greeter:2 began');
    expect(text).toMatch(/All \d+ tasks that failed run greeter:2/);
    expect(text).toMatch(/taskDefinition of .* became .*greeter:1/);
    expect(text).toMatch(/2 of 2 tasks run, all well/);
    expect(text).toContain('each linked to the one before');
  });

  it('sum up, and verify the trail', async () => {
    const list = await terminal.prunella('incidents');
    const report = await terminal.prunella('report');
    const replay = await terminal.prunella('replay', healed.incidentId);
    const audit = await terminal.prunella('audit', 'verify');

    expect(list.text).toMatch(/own-app\/greeter +bad-deployment +1 +recovered by rollback-deployment/);
    expect(report.text).toContain('Healed by action: 100 %');
    expect(replay).toMatchObject({
      code: 0,
      text: expect.stringContaining('The same diagnosis and plan as then.') as string,
    });
    expect(audit).toMatchObject({ code: 0, text: expect.stringContaining('whole') as string });
  });

  it('stop it: a further fault is only suppressed', async () => {
    await terminal.prunella('stop');
    await terminal.sandbox('break', 'deploy-broken', 'greeter');

    const { ending } = await ended(120, [healed.incidentId]);
    const status = await terminal.sandbox('status');

    expect(ending).toMatchObject({ kind: 'suppressed', because: 'lever' });
    expect(status.text).toContain('greeter:3 IN_PROGRESS');
  });

  it('have used no right that was not granted', async () => {
    const { text } = await terminal.sandbox('rights');

    expect(text).toMatch(/^\d{2,} rights used, 0 refused\.$/m);
  });

  it('end with nothing left running', async () => {
    const { code, text } = await terminal.sandbox('down');

    expect(code, text).toBe(0);
    expect((await terminal.sandbox('status')).text).toContain('the account is not up');
  });
});
