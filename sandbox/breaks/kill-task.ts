import { constants } from 'node:os';
import { SIGNAL_ROUTE, type SignalRequest } from '../ecs/signal-route.ts';
import type { Break } from '../breaks.ts';
import { Refusal } from '../refusal.ts';
import { fullName } from '../running.ts';
import { anyTask, atMost, taskId, withService } from './service.ts';

const isSignal = (name: string): name is NodeJS.Signals => name in constants.signals;

export const killTask: Break = {
  name: 'kill-task',
  usage: '<service> [signal]',
  summary: 'sends a signal (SIGKILL) to the processes of one task: exit code 137',
  async run(args, account) {
    atMost(args, 2, `kill-task ${killTask.usage}`);
    const [name, signal = 'SIGKILL'] = args;
    if (!isSignal(signal)) throw new Refusal(`supply a signal such as SIGKILL or SIGSTOP, got ${signal}`);
    return withService(account, name, async (service, ecs) => {
      const taskArn = await anyTask(service, ecs);
      const request: SignalRequest = { taskArn, signal };
      const answer = await fetch(account.endpoint + SIGNAL_ROUTE, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(request),
      });
      if (!answer.ok) throw new Refusal(`task ${taskId(taskArn)} got no signal: ${await answer.text()}`);
      return `Task ${taskId(taskArn)} of ${fullName(service)} got ${signal}.`;
    });
  },
};
