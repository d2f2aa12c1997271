import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Stack } from '@aws-sdk/client-cloudformation';
import { parse as parseYaml } from 'yaml';
import type { DeployedResource } from '../contract.ts';
import { formOf, operationOf, withForm, type Call, type CallHead, type Interceptor } from '../endpoint/call.ts';
import type { Answer } from '../endpoint/forward.ts';
import type { Expression, Template } from './expression.ts';
import { rewriteTemplate, type Rewritten } from './rewrite.ts';
import { finished, resolveStack, type EmulatorClients } from './stacks.ts';

/** What happens around deployments in the account that the endpoint fronts. */
export interface StackHooks {
  readonly accountId: string;
  readonly clients: EmulatorClients & { readonly s3: S3Client };
  /** The revision that a task definition will get when its properties have changed. */
  readonly nextRevision: (family: string | undefined) => Promise<number>;
  /** Called when a template was rewritten, with both. */
  readonly onRewrite: (stackName: string, original: Template, rewritten: Rewritten, call: Call) => Promise<void>;
  /** Called with every resource of every stack whenever one has changed; the stack is finished only when it returns. */
  readonly onDeployed: (resources: readonly DeployedResource[], changed: readonly DeployedResource[]) => Promise<void>;
  readonly log: (line: string) => void;
}

interface StackRecord {
  readonly original: Template;
  readonly source: string;
  readonly rewritten: Rewritten;
  readonly revisions: ReadonlyMap<string, Revision>;
  resources: readonly DeployedResource[];
}

interface Revision {
  readonly number: number;
  readonly properties: string;
}

const carryingTemplates = ['CreateStack', 'UpdateStack', 'CreateChangeSet'];

/**
 * Stands between `cdk deploy` and the emulator's CloudFormation: templates are rewritten on their way in, and a stack
 * is reported as complete only when the sandbox has created its own part of it too.
 */
export class CloudFormationInterceptor implements Interceptor {
  readonly #hooks: StackHooks;
  readonly #stacks = new Map<string, StackRecord>();
  /** Stacks with a change under way, and the promise that it is carried through. */
  readonly #settling = new Map<string, Promise<void>>();
  #takingOver: Promise<void> = Promise.resolve();
  readonly #changeSets = new Map<string, StackRecord>();

  constructor(hooks: StackHooks) {
    this.#hooks = hooks;
  }

  /** The resources of all deployed stacks. */
  get resources(): readonly DeployedResource[] {
    return [...this.#stacks.values()].flatMap(({ resources }) => resources);
  }

  wants({ service }: CallHead): boolean {
    return service === 'cloudformation';
  }

  async handle(call: Call, next: (call: Call) => Promise<Answer>): Promise<Answer> {
    const operation = operationOf(call);
    const form = formOf(call);
    const stackName = nameOf(form.get('StackName') ?? '');
    try {
      if (carryingTemplates.includes(operation))
        return await this.#withTemplate(operation, stackName, form, call, next);
      if (operation === 'GetTemplate' && this.#stacks.has(stackName))
        return template(this.#stacks.get(stackName)?.source ?? '');
      if (operation === 'DescribeStacks') await this.#settling.get(stackName);
    } catch (error) {
      this.#hooks.log(
        `${operation} of ${stackName}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
      return refusal(error instanceof Error ? error.message : String(error));
    }
    const answer = await next(call);
    if (operation === 'ExecuteChangeSet' && answer.status < 300) this.#executed(form, stackName);
    if (operation === 'DeleteStack' && answer.status < 300) this.#settle(stackName, undefined);
    return answer;
  }

  async #withTemplate(
    operation: string,
    stackName: string,
    form: URLSearchParams,
    call: Call,
    next: (call: Call) => Promise<Answer>,
  ): Promise<Answer> {
    await this.#settling.get(stackName)?.catch(() => undefined);
    const source = await this.#templateOf(form);
    if (source === undefined) return next(call);
    const record = await this.#rewrite(stackName, source, call);
    await this.#sendRewritten(form, stackName, record.rewritten.template);
    const answer = await next(withForm(call, form));
    if (answer.status >= 300) return answer;
    if (operation === 'CreateChangeSet') this.#changeSets.set(`${stackName}/${form.get('ChangeSetName')}`, record);
    else this.#settle(stackName, record);
    return answer;
  }

  #executed(form: URLSearchParams, stackName: string): void {
    const given = form.get('ChangeSetName') ?? '';
    const [, setName, ofStack] = /:changeSet\/([^/]+)/.exec(given) ?? [undefined, given, undefined];
    const key = `${stackName || (ofStack ?? '')}/${setName}`;
    const record = this.#changeSets.get(key);
    if (record !== undefined) this.#settle(stackName, record);
  }

  async #templateOf(form: URLSearchParams): Promise<string | undefined> {
    const body = form.get('TemplateBody');
    if (body !== null) return body;
    const url = form.get('TemplateURL');
    if (url === null) return undefined;
    const { Bucket, Key } = objectOf(url);
    const { Body } = await this.#hooks.clients.s3.send(new GetObjectCommand({ Bucket, Key }));
    return Body?.transformToString();
  }

  async #rewrite(stackName: string, source: string, call: Call): Promise<StackRecord> {
    const original = parseYaml(source, { maxAliasCount: -1 }) as Template;
    const previous = this.#stacks.get(stackName)?.revisions ?? new Map<string, Revision>();
    const revisions = await this.#revisions(original, previous);
    const rewritten = rewriteTemplate(original, {
      stackName,
      accountId: call.caller.accountId,
      region: call.caller.region,
      revision: (logicalId) => revisions.get(logicalId)?.number ?? 1,
    });
    await this.#hooks.onRewrite(stackName, original, rewritten, call);
    return { original, source, rewritten, revisions, resources: [] };
  }

  /** A task definition whose properties have not changed keeps its revision, as under CloudFormation. */
  async #revisions(template: Template, previous: ReadonlyMap<string, Revision>): Promise<Map<string, Revision>> {
    const revisions = new Map<string, Revision>();
    for (const [logicalId, { Type, Properties = {} }] of Object.entries(template.Resources)) {
      if (Type !== 'AWS::ECS::TaskDefinition') continue;
      const properties = JSON.stringify(Properties);
      const before = previous.get(logicalId);
      const family = Properties['Family'];
      const same = before?.properties === properties;
      const number = same
        ? before.number
        : await this.#hooks.nextRevision(typeof family === 'string' ? family : undefined);
      revisions.set(logicalId, { number, properties });
    }
    return revisions;
  }

  /** What is too long for a request body goes through S3, as the original did. */
  async #sendRewritten(form: URLSearchParams, stackName: string, rewritten: Template): Promise<void> {
    const text = JSON.stringify(rewritten as unknown as Expression);
    const url = form.get('TemplateURL');
    if (url === null && Buffer.byteLength(text) <= 51_200) {
      form.set('TemplateBody', text);
      return;
    }
    const { Bucket } = url === null ? { Bucket: await this.#anyBucket() } : objectOf(url);
    const Key = `local-account/${stackName}.json`;
    await this.#hooks.clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: text }));
    form.delete('TemplateBody');
    form.set('TemplateURL', `https://s3.us-east-1.amazonaws.com/${Bucket}/${Key}`);
  }

  async #anyBucket(): Promise<string> {
    const { CreateBucketCommand } = await import('@aws-sdk/client-s3');
    const Bucket = `local-account-templates-${this.#hooks.accountId}`;
    await this.#hooks.clients.s3.send(new CreateBucketCommand({ Bucket }));
    return Bucket;
  }

  /** Carries a change through, in the background; `DescribeStacks` waits for it. */
  #settle(stackName: string, record: StackRecord | undefined): void {
    const before = this.#stacks.get(stackName);
    const work = this.#carryThrough(stackName, record, before);
    this.#settling.set(stackName, work);
    work.then(
      () => this.#settling.delete(stackName),
      () => undefined, // kept, so that DescribeStacks tells of it
    );
  }

  async #carryThrough(
    stackName: string,
    record: StackRecord | undefined,
    before: StackRecord | undefined,
  ): Promise<void> {
    const stack = await finished(this.#hooks.clients, stackName);
    if (record === undefined || stack === undefined || gone(stack)) this.#stacks.delete(stackName);
    else if (!complete(stack)) return;
    else {
      record.resources = await resolveStack(this.#hooks.clients, stack, record.rewritten);
      this.#stacks.set(stackName, record);
    }
    const changed = this.#stacks.get(stackName)?.resources ?? [];
    if (changed.length > 0 || before !== undefined)
      await this.#oneAtATime(() => this.#hooks.onDeployed(this.resources, changed));
  }

  /** Stacks are deployed side by side; whoever takes over must see all there is by then, or it forgets the others. */
  #oneAtATime(work: () => Promise<void>): Promise<void> {
    const turn = this.#takingOver.then(work);
    this.#takingOver = turn.catch(() => undefined); // told by whoever waits for this turn
    return turn;
  }
}

const complete = ({ StackStatus }: Stack): boolean =>
  StackStatus === 'CREATE_COMPLETE' || StackStatus === 'UPDATE_COMPLETE';
const gone = ({ StackStatus }: Stack): boolean =>
  StackStatus === 'DELETE_COMPLETE' || StackStatus === 'ROLLBACK_COMPLETE';

/** Operations take the name or the ARN of a stack. */
function nameOf(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? (nameOrArn.split('/')[1] ?? nameOrArn) : nameOrArn;
}

/** Templates are addressed with the bucket in the path, or in the host name. */
function objectOf(url: string): { readonly Bucket: string; readonly Key: string } {
  const { hostname, pathname } = new URL(url);
  const virtual = /^(.+)\.s3[.-].*amazonaws\.com$/.exec(hostname)?.[1];
  const [first = '', ...rest] = pathname.slice(1).split('/');
  return virtual === undefined ? { Bucket: first, Key: rest.join('/') } : { Bucket: virtual, Key: pathname.slice(1) };
}

const xmlEntities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escape = (text: string): string => text.replace(/[&<>]/g, (character) => xmlEntities[character] ?? character);

/** The template as it was sent: what the emulator holds has been rewritten, and `cdk diff` would see a difference. */
function template(source: string): Answer {
  return xml(
    200,
    `<GetTemplateResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><GetTemplateResult><TemplateBody>${escape(source)}</TemplateBody></GetTemplateResult></GetTemplateResponse>`,
  );
}

function refusal(message: string): Answer {
  return xml(
    400,
    `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>ValidationError</Code><Message>${escape(message)}</Message></Error></ErrorResponse>`,
  );
}

function xml(status: number, text: string): Answer {
  return { status, headers: { 'content-type': 'text/xml' }, body: Buffer.from(text) };
}
