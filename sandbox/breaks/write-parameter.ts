import { GetParameterCommand, ParameterNotFound, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { Break } from '../breaks.ts';
import { Refusal } from '../refusal.ts';
import { configOf } from '../running.ts';
import { atMost } from './service.ts';

export const writeParameter: Break = {
  name: 'write-parameter',
  usage: '<name> <value>',
  summary: 'writes another value into an SSM parameter that exists',
  async run(args, account) {
    atMost(args, 2, `write-parameter ${writeParameter.usage}`);
    const [Name, Value] = args;
    if (Name === undefined || Value === undefined || Value === '')
      throw new Refusal(`supply write-parameter ${writeParameter.usage}, got ${args.join(' ') || 'nothing'}`);
    const ssm = new SSMClient(configOf(account));
    try {
      const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
      const Type = Parameter?.Type ?? 'String';
      const { Version } = await ssm.send(new PutParameterCommand({ Name, Value, Type, Overwrite: true }));
      return `${Name} has a new value, version ${Version}; tasks that read it at their start have the old one until they are replaced.`;
    } catch (error) {
      if (!(error instanceof ParameterNotFound)) throw error;
      throw new Refusal(`there is no parameter ${Name}: breaking something means changing what is read already`);
    } finally {
      ssm.destroy();
    }
  },
};
