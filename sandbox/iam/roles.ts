import type { DeployedResource } from '../contract.ts';
import { arnOf, type Account } from '../deploy/arns.ts';
import { parsePolicy, type Statement } from './policy.ts';

/** A role as it was deployed, with the policies that its calls are judged by. */
export interface Role {
  readonly arn: string;
  readonly stackName: string;
  readonly logicalId: string;
  readonly identity: readonly Statement[];
  readonly boundary?: readonly Statement[] | undefined;
  readonly trust: readonly Statement[];
}

/** A function, and the role that it runs with. */
export interface RoleOfFunction {
  readonly functionName: string;
  readonly roleArn: string;
}

const ofType = (resources: readonly DeployedResource[], type: string): DeployedResource[] =>
  resources.filter((one) => one.type === type);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/**
 * The roles of some stacks by their ARN.
 * @param all every resource of the account: a role may have policies of other stacks
 * @throws Error for a policy that a role refers to and that no stack has deployed
 */
export function rolesOf(
  all: readonly DeployedResource[],
  judged: (stackName: string) => boolean,
  { accountId }: Account,
): Map<string, Role> {
  const managed = ofType(all, 'AWS::IAM::ManagedPolicy');
  const documentOf = (arn: unknown): unknown => {
    const found = managed.find(({ physicalId }) => physicalId === arn);
    if (found === undefined) throw new Error(`no stack here has deployed the policy ${String(arn)}`);
    return found.properties['PolicyDocument'];
  };
  const roles = ofType(all, 'AWS::IAM::Role').filter(({ stackName }) => judged(stackName));
  return new Map(
    roles.map(({ stackName, logicalId, physicalId: name, properties }) => {
      const path = typeof properties['Path'] === 'string' ? properties['Path'] : '/';
      const arn = `arn:aws:iam::${accountId}:role${path}${name}`;
      const attached = [...ofType(all, 'AWS::IAM::Policy'), ...managed].filter((policy) =>
        list(policy.properties['Roles']).includes(name),
      );
      const documents = [
        ...list(properties['Policies']).map((each) => (each as Record<string, unknown>)['PolicyDocument']),
        ...list(properties['ManagedPolicyArns']).map(documentOf),
        ...attached.map((policy) => policy.properties['PolicyDocument']),
      ];
      const boundary = properties['PermissionsBoundary'];
      const role: Role = {
        arn,
        stackName,
        logicalId,
        identity: documents.flatMap(parsePolicy),
        boundary: boundary === undefined ? undefined : parsePolicy(documentOf(boundary)),
        trust: parsePolicy(properties['AssumeRolePolicyDocument']),
      };
      return [arn, role];
    }),
  );
}

/** What each function of all stacks runs as. */
export function functionRoles(all: readonly DeployedResource[]): RoleOfFunction[] {
  return ofType(all, 'AWS::Lambda::Function').map(({ physicalId, properties }) => ({
    functionName: physicalId,
    roleArn: String(properties['Role']),
  }));
}

/** The policies that tables have themselves, by the table's ARN: what they deny, they deny to everybody here. */
export function tablePolicies(all: readonly DeployedResource[], account: Account): Map<string, Statement[]> {
  return new Map(
    ofType(all, 'AWS::DynamoDB::Table').flatMap((table) => {
      const policy = table.properties['ResourcePolicy'] as { readonly PolicyDocument?: unknown } | undefined;
      const arn = arnOf(table, account);
      if (policy?.PolicyDocument === undefined || arn === undefined) return [];
      const statements = parsePolicy(policy.PolicyDocument);
      return [[arn, statements.filter(({ principals }) => principals?.includes('*'))] as const];
    }),
  );
}
