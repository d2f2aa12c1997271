import type {
  DescribeParametersCommandInput,
  GetParameterHistoryCommandInput,
  PutParameterCommandInput,
} from '@aws-sdk/client-ssm';
import type { Fleet, Parameter } from '../model/fleet.ts';
import { putParameter } from '../model/writes.ts';
import { AwsError, paged, type Answers } from './answering.ts';

/** @throws ParameterNotFound */
function parameter(fleet: Fleet, name = ''): Parameter {
  const found = fleet.parameters.get(name);
  if (!found) throw new AwsError('ParameterNotFound', `Parameter ${name} not found.`);
  return found;
}

export const answers: Answers = {
  GetParameterHistory({ Name, NextToken, MaxResults = 50 }: GetParameterHistoryCommandInput, { fleet }) {
    const versions = parameter(fleet, Name).versions.map(({ version, value, at, by }) => ({
      Name,
      Type: 'String',
      Value: value,
      Version: version,
      LastModifiedDate: new Date(at),
      LastModifiedUser: by,
    }));
    const { items, next } = paged(versions, NextToken, MaxResults, 'NextToken');
    return { Parameters: items, ...next };
  },

  PutParameter({ Name, Value, Overwrite }: PutParameterCommandInput, { fleet, by }) {
    const found = parameter(fleet, Name);
    if (!Overwrite) throw new AwsError('ParameterAlreadyExists', 'The parameter already exists.');
    if (!Value) throw new AwsError('ValidationException', 'The parameter value must not be empty.');
    return { Version: putParameter(fleet, found, Value, by), Tier: 'Standard' };
  },

  DescribeParameters({ ParameterFilters = [], NextToken, MaxResults = 50 }: DescribeParametersCommandInput, { fleet }) {
    const unknown = ParameterFilters.find(({ Key, Option = 'Equals' }) => Key !== 'Name' || Option !== 'Equals');
    if (unknown) throw new Error(`the model of DescribeParameters lacks the filter ${unknown.Key} ${unknown.Option}`);
    const wanted = [...fleet.parameters.values()].filter(({ name }) =>
      ParameterFilters.every(({ Values = [] }) => Values.includes(name)),
    );
    const views = wanted.map(({ name, arn, versions }) => ({
      Name: name,
      ARN: arn,
      Type: 'String',
      Version: versions.length,
      LastModifiedDate: new Date(versions.at(-1)!.at),
    }));
    const { items, next } = paged(views, NextToken, MaxResults, 'NextToken');
    return { Parameters: items, ...next };
  },
};
