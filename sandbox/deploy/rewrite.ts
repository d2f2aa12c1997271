import {
  getAttTarget,
  intrinsic,
  rewriteEach,
  type Expression,
  type Template,
  type TemplateResource,
} from './expression.ts';
import { identities, inert, type Identity, type StackFacts } from './identities.ts';
import { Holes, type Skeleton } from './holes.ts';

/** The resource in the rewritten template that carries the values of expressions out of the emulator. */
export const carrier = 'LocalAccountValues';

/** A resource whose values are known once its stack is deployed. */
export interface Planned {
  readonly logicalId: string;
  readonly type: string;
  readonly physicalId: Skeleton;
  readonly properties: Skeleton;
  /** `true` unless the resource's condition was false. */
  readonly exists: Skeleton;
}

export interface Rewritten {
  readonly template: Template;
  readonly planned: readonly Planned[];
  /** Logical ids that the emulator was not given, with their types. */
  readonly replaced: Readonly<Record<string, string>>;
  readonly holes: Holes;
}

/** Supported by the emulator, does nothing, has no properties. */
const placeholderType = 'AWS::CDK::Metadata';

/**
 * Rewrites a template so that the emulator accepts it: what the sandbox creates itself becomes a placeholder of the
 * same name, and whatever referred to it gets what AWS would have answered. One more resource, a dashboard in the
 * emulator that nobody sees, is given every expression whose value the sandbox needs after the deploy.
 * @throws for nested stacks, which would reach the emulator without being rewritten
 */
export function rewriteTemplate(original: Template, facts: StackFacts): Rewritten {
  const own = new OwnResources(original, facts);
  const holes = new Holes(original, carrier);
  const planned: Planned[] = [];
  const resources: Record<string, TemplateResource> = {};
  for (const [logicalId, resource] of Object.entries(original.Resources)) {
    if (resource.Type === 'AWS::CloudFormation::Stack') {
      throw new Error(`${logicalId} is a nested stack; the local account deploys top-level stacks only`);
    }
    const identity = own.identity(logicalId);
    const kept = rewriteEach(resource as Expression, own.substitute) as unknown as TemplateResource;
    resources[logicalId] = identity === undefined ? kept : placeholder(kept);
    if (!isInteresting(resource.Type)) continue;
    const scoped = holes.within(resource.Condition);
    planned.push({
      logicalId,
      type: resource.Type,
      physicalId: scoped.skeleton(
        identity === undefined ? { Ref: logicalId } : rewriteEach(identity.ref, own.substitute),
      ),
      properties: scoped.skeleton(kept.Properties ?? {}),
      exists: resource.Condition === undefined ? 'true' : holes.condition(resource.Condition),
    });
  }
  resources[carrier] = holes.resource(facts.stackName);
  const outputs =
    original.Outputs &&
    (rewriteEach(original.Outputs as Expression, own.substitute) as NonNullable<Template['Outputs']>);
  const template = { ...original, Resources: resources, ...(outputs && { Outputs: outputs }) };
  return { template, planned, replaced: own.replaced(), holes };
}

/** What rights are judged by. */
const rights = ['AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy', 'AWS::IAM::Role'];

/** All but plumbing that neither a local service, nor the fix-up, the tag index or the judge of rights asks about. */
function isInteresting(type: string): boolean {
  return (
    rights.includes(type) ||
    (!/^AWS::(IAM|EC2|CDK|CloudFormation|KMS)::/.test(type) && !type.startsWith('Custom::') && !inert.includes(type))
  );
}

function placeholder(resource: TemplateResource): TemplateResource {
  const { Type: _type, Properties: _properties, ...rest } = resource;
  return { Type: placeholderType, ...rest };
}

/** The resources of one template that the sandbox creates itself. */
class OwnResources {
  readonly #resources: Template['Resources'];
  readonly #facts: StackFacts;
  readonly #known = new Map<string, Identity>();

  constructor(template: Template, facts: StackFacts) {
    this.#resources = template.Resources;
    this.#facts = facts;
  }

  identity = (logicalId: string): Identity | undefined => {
    const known = this.#known.get(logicalId);
    if (known !== undefined) return known;
    const resource = this.#resources[logicalId];
    if (resource === undefined) return undefined;
    if (inert.includes(resource.Type)) return { ref: logicalId, attributes: {} };
    const { Properties: properties = {} } = resource;
    const identity = identities[resource.Type]?.({ ...this.#facts, logicalId, properties, other: this.identity });
    if (identity !== undefined) this.#known.set(logicalId, identity);
    return identity;
  };

  replaced(): Record<string, string> {
    const types = Object.entries(this.#resources).filter(([id]) => this.identity(id) !== undefined);
    return Object.fromEntries(types.map(([id, { Type }]) => [id, Type]));
  }

  /** Replaces a reference to one of them by what AWS would answer. */
  substitute = (value: Expression): Expression | undefined => {
    const [name, argument] = intrinsic(value) ?? [];
    if (name === 'Ref' && typeof argument === 'string') return this.#again(this.identity(argument)?.ref);
    if (name === 'Fn::GetAtt' && argument !== undefined) {
      const [id, attribute] = getAttTarget(argument) ?? ['', ''];
      return this.#attribute(id, attribute);
    }
    return name === 'Fn::Sub' && argument !== undefined ? this.#substituteIn(argument) : undefined;
  };

  #again(value: Expression | undefined): Expression | undefined {
    return value === undefined ? undefined : rewriteEach(value, this.substitute);
  }

  #attribute(id: string, attribute: string): Expression | undefined {
    const identity = this.identity(id);
    if (identity === undefined) return undefined;
    const value = identity.attributes[attribute];
    if (value === undefined)
      throw new Error(`${this.#resources[id]?.Type} ${id} has no attribute ${attribute} in the local account`);
    return this.#again(value);
  }

  /** `${Service}` inside a text becomes a variable of that Fn::Sub. */
  #substituteIn(argument: Expression): Expression {
    const [text, variables] = Array.isArray(argument)
      ? (argument as [string, Record<string, Expression>])
      : [argument as string, {}];
    const added: Record<string, Expression> = {
      ...(rewriteEach(variables, this.substitute) as Record<string, Expression>),
    };
    const changed = text.replace(/\$\{([^!}][^}]*)\}/g, (whole, inner: string) => {
      if (inner in variables) return whole;
      const dot = inner.indexOf('.');
      const value =
        dot < 0 ? this.#again(this.identity(inner)?.ref) : this.#attribute(inner.slice(0, dot), inner.slice(dot + 1));
      if (value === undefined) return whole;
      const variable = `Local${Object.keys(added).length}`;
      added[variable] = value;
      return `\${${variable}}`;
    });
    return { 'Fn::Sub': Object.keys(added).length === 0 ? changed : [changed, added] };
  }
}
