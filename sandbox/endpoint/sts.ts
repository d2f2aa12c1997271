import { formOf, operationOf, type Interceptor } from './call.ts';
import { sessionOf, type Sessions } from './caller.ts';

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
      sessions.remember(accessKeyId, sessionOf(roleArn, sessionName, form.get('Policy') ?? undefined));
      return answer;
    },
  };
}
