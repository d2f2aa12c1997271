import type { Synthesised } from './synth.ts';

/* eslint-disable @typescript-eslint/no-explicit-any -- templates are JSON of any shape */

export interface Statement {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly unknown[];
  readonly Condition?: Record<string, Record<string, unknown>>;
}

export const resourcesOf = (template: any, type: string): [string, any][] =>
  Object.entries<any>(template.Resources).filter(([, resource]) => resource.Type === type);

const list = (value: unknown): any[] => (Array.isArray(value) ? value : value === undefined ? [] : [value]);

/** Every statement that allows something, by the logical id of the role it stands for (managed policies by their own). */
export function statements({ template }: Pick<Synthesised, 'template'>): Map<string, Statement[]> {
  const found = new Map<string, Statement[]>();
  const add = (id: string, document: any) => {
    const normal = list(document?.Statement).map((s) => ({ ...s, Action: list(s.Action), Resource: list(s.Resource) }));
    found.set(id, [...(found.get(id) ?? []), ...normal]);
  };
  for (const [, { Properties }] of resourcesOf(template, 'AWS::IAM::Policy')) {
    for (const role of list(Properties.Roles)) add(role.Ref, Properties.PolicyDocument);
  }
  for (const [id, { Properties }] of resourcesOf(template, 'AWS::IAM::ManagedPolicy'))
    add(id, Properties.PolicyDocument);
  for (const [id, { Properties }] of resourcesOf(template, 'AWS::IAM::Role')) {
    for (const { PolicyDocument } of list(Properties.Policies)) add(id, PolicyDocument);
  }
  return found;
}

/** What a function's role may do, by AWS action. */
export function rightsOf(synthesised: Pick<Synthesised, 'template'>, name: string): Map<string, unknown[]> {
  const rights = new Map<string, unknown[]>();
  const role = roleId(synthesised.template, `${name}Role`);
  for (const { Action, Resource } of statements(synthesised).get(role) ?? []) {
    for (const action of Action) rights.set(action, [...(rights.get(action) ?? []), ...Resource]);
  }
  return rights;
}

/** The logical id of the role whose id begins so, followed by CDK's hash. */
export function roleId(template: any, prefix: string): string {
  const ids = resourcesOf(template, 'AWS::IAM::Role')
    .map(([id]) => id)
    .filter((id) => new RegExp(`^${prefix}[0-9A-F]{8}$`).test(id));
  if (ids.length !== 1) throw new Error(`one role ${prefix} is expected, found ${ids.join(', ') || 'none'}`);
  return ids[0]!;
}

/** The function's resource by its name in infra/functions.ts. */
export function functionOf(template: any, name: string): [string, any] {
  const found = resourcesOf(template, 'AWS::Lambda::Function').filter(([id]) =>
    new RegExp(`^${name}Function[0-9A-F]{8}$`).test(id),
  );
  if (found.length !== 1) throw new Error(`one function ${name} is expected, found ${found.length}`);
  return found[0]!;
}
