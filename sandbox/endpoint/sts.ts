import { formOf, operationOf, type Interceptor } from './call.ts';
import type { Sessions } from './caller.ts';

/** Watches `AssumeRole`, to know later whose session key a call was made with, and under which session policy. */
export function stsInterceptor(sessions: Sessions): Interceptor {
  return {
    wants: ({ service }) => service === 'sts',
    async handle(call, next) {
      const answer = await next(call);
      if (operationOf(call) !== 'AssumeRole' || answer.status >= 300) return answer;
      const form = formOf(call);
      const roleArn = form.get('RoleArn') ?? '';
      const sessionName = form.get('RoleSessionName') ?? '';
      const accessKeyId = /<AccessKeyId>([^<]+)<\/AccessKeyId>/.exec(answer.body.toString())?.[1];
      if (accessKeyId === undefined) return answer;
      const [, , , , accountId = '', resource = ''] = roleArn.split(':');
      const policy = form.get('Policy');
      sessions.remember(accessKeyId, {
        accountId,
        roleArn,
        sessionName,
        arn: `arn:aws:sts::${accountId}:assumed-role/${resource.split('/').at(-1)}/${sessionName}`,
        ...(policy !== null && { policy }),
      });
      return answer;
    },
  };
}
