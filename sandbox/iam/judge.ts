import type { DeployedResource } from '../contract.ts';
import type { Account } from '../deploy/arns.ts';
import type { KnownCaller, Session } from '../endpoint/caller.ts';
import { contextOf } from './conditions.ts';
import { evaluate, refusalOf, type Request } from './evaluate.ts';
import { parsePolicy, type Statement } from './policy.ts';
import { requestsOf, type TagsOf } from './requests.ts';
import { rolesOf, tablePolicies, type Role } from './roles.ts';
import type { Input } from './touched.ts';
import type { UsedRights } from './used.ts';

export interface JudgeOptions {
  readonly account: Account;
  readonly tagsOf: TagsOf;
  readonly used: UsedRights;
}

/** A call of a caller whose rights are judged. */
export interface JudgedCall {
  /** The signing name, e.g. `ssm`. */
  readonly service: string;
  readonly operation: string;
  readonly input: Input;
  readonly caller: KnownCaller;
}

/**
 * Judges calls by the policies that were deployed: role ∩ session policy ∩ permissions boundary. Only callers with a role
 * of a judged stack are; whoever deploys, operates or breaks things here may do anything, as may other stacks.
 */
export class Judge {
  readonly #options: JudgeOptions;
  readonly #listeners: ((call: JudgedCall) => void)[] = [];
  #roles: ReadonlyMap<string, Role> = new Map();
  #tables: ReadonlyMap<string, readonly Statement[]> = new Map();
  #machines: readonly { readonly stackName: string; readonly arn: string }[] = [];

  constructor(options: JudgeOptions) {
    this.#options = options;
  }

  /** Takes over the roles of the stacks that are to be judged. */
  adopt(all: readonly DeployedResource[], judged: (stackName: string) => boolean): void {
    this.#roles = rolesOf(all, judged, this.#options.account);
    this.#tables = tablePolicies(all, this.#options.account);
    this.#machines = all
      .filter(({ type }) => type === 'AWS::StepFunctions::StateMachine')
      .map(({ stackName, physicalId }) => ({ stackName, arn: physicalId }));
    this.#options.used.knows([...this.#roles.values()]);
  }

  /** Tells of every call of a judged caller, before it is judged. */
  onCall(listener: (call: JudgedCall) => void): void {
    this.#listeners.push(listener);
  }

  judges({ session }: KnownCaller): boolean {
    return session !== undefined && this.#roles.has(session.roleArn);
  }

  /**
   * @returns what AWS would say to refuse the call; `undefined` when it is allowed, or its caller is not judged
   * @throws Error when it is not known how to judge the call
   */
  async refusal({ service, operation, input, caller }: JudgedCall): Promise<string | undefined> {
    const { session } = caller;
    const role = session && this.#roles.get(session.roleArn);
    if (session === undefined || role === undefined) return undefined;
    for (const listener of this.#listeners) listener({ service, operation, input, caller });
    const requests = await requestsOf(service, operation, input, {
      region: caller.region,
      accountId: caller.accountId,
      tagsOf: this.#tagsFor(role),
      machines: this.#machines.filter(({ stackName }) => stackName === role.stackName).map(({ arn }) => arn),
    });
    for (const request of requests) {
      const message = this.#judge(request, role, session) ?? this.#untrusted(request, role, session);
      if (message !== undefined) return message;
    }
    return undefined;
  }

  /** Tags cost a call of their own, so they are looked up only for those whose policies ask. */
  #tagsFor({ identity, boundary = [] }: Role): TagsOf {
    const asks = [...identity, ...boundary].some(({ conditions }) =>
      conditions.some(({ key }) => /^(aws|ecs):ResourceTag\//i.test(key)),
    );
    return asks ? this.#options.tagsOf : async () => ({});
  }

  #judge(request: Request, role: Role, session: Session): string | undefined {
    const { action, resource } = request;
    const decision = evaluate(request, {
      identity: role.identity,
      boundary: role.boundary,
      session: session.policy === undefined ? undefined : parsePolicy(session.policy),
      resource: this.#tables.get(resource),
    });
    const use = { role: role.arn, stackName: role.stackName, logicalId: role.logicalId, action, resource };
    if (decision.allowed) return void this.#options.used.use(use);
    const message = refusalOf(session.arn, request, decision);
    this.#options.used.refuse({ ...use, message });
    return message;
  }

  /** A role is assumed only by whom it trusts; and here, as templates grant it at both ends, never by its trust alone. */
  #untrusted({ action, resource }: Request, role: Role, session: Session): string | undefined {
    const target = action === 'sts:AssumeRole' ? this.#roles.get(resource) : undefined;
    const trusted = target?.trust.some(
      ({ effect, principals, actions }) =>
        effect === 'Allow' && principals?.includes(role.arn) && actions.patterns.includes(action),
    );
    if (target === undefined || trusted === true) return undefined;
    const request = { action, resource, context: contextOf({}) };
    const message = refusalOf(session.arn, request, { allowed: false, explicit: false, by: 'resource-based policy' });
    this.#options.used.refuse({
      role: role.arn,
      stackName: role.stackName,
      logicalId: role.logicalId,
      action,
      resource,
      message,
    });
    return message;
  }
}
