import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { sandboxFolder } from './account-file.ts';
import { Bus } from './bus.ts';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { emulatorClients, type AllEmulatorClients } from './clients.ts';
import type { DeployedResource, PublishEvent, SandboxContext } from './contract.ts';
import { announcedFolder } from './deploy/app-folders.ts';
import { bootstrap, deployApp, stopCdk, type DeployRequest, type StackOutputs } from './deploy/cdk.ts';
import { CloudFormationInterceptor } from './deploy/cloudformation.ts';
import { differences, type TemplateDifference } from './deploy/differences.ts';
import { fixUp } from './deploy/fix-up.ts';
import { SIGNAL_ROUTE, signalRoute } from './ecs/signal-route.ts';
import { startEmulator } from './emulator/emulator.ts';
import { changeEvents, tagChange } from './endpoint/change-events.ts';
import { Endpoint } from './endpoint/endpoint.ts';
import { observeLocal, observer, type CallListener } from './endpoint/observer.ts';
import { stsInterceptor } from './endpoint/sts.ts';
import { Rights } from './iam/index.ts';
import type { JudgedCall } from './iam/judge.ts';
import type { RightsRecord } from './iam/used.ts';
import { endWithProcess, runFolder, stopOnce } from './lifetime.ts';
import { LogWriter } from './log-writer.ts';
import { nextRevision, partsOf, startServices, type SandboxServices } from './services.ts';
import { TagIndex } from './tags.ts';
import { startXRay } from './xray/index.ts';

export interface SandboxOptions {
  /** Holds logs, scratch space and what the CDK writes; default `.sandbox` in the clone. */
  readonly stateDir?: string;
  /** The endpoint's port; default any free one. */
  readonly port?: number;
  readonly log?: (line: string) => void;
  /** Called when the account ended by itself, with the reason: the emulator died, and everything else was ended. */
  readonly onDeath?: (reason: string) => void;
}

/** An AWS account on this machine. */
export interface Sandbox {
  /** The address for every client, e.g. `http://127.0.0.1:40123`. */
  readonly endpoint: string;
  /** Environment for clients, the CDK and child processes: endpoint, Region, credentials. */
  readonly env: Readonly<Record<string, string>>;
  readonly context: SandboxContext;
  readonly services: SandboxServices;
  /** Where this run keeps its logs, templates and assemblies. */
  readonly stateDir: string;
  /** The resources of all deployed stacks. */
  readonly resources: () => readonly DeployedResource[];
  /** Which rights Prunella's roles used so far, which they were refused, and which grants nothing used. */
  readonly rights: () => RightsRecord;
  /** Tells of every call that Prunella's roles make from now on. */
  onJudgedCall(listener: (call: JudgedCall) => void): void;
  /** How the template that the emulator was given differs from the one that was deployed. */
  difference(stackName: string): Promise<TemplateDifference>;
  /**
   * Deploys a CDK app with the real `cdk deploy`, and returns when everything in it runs.
   * @throws when the deploy fails, with the CDK's last output
   */
  deploy(request: DeployRequest): Promise<StackOutputs>;
  /** Ends everything that was started. Safe to call twice. */
  stop(): Promise<void>;
}

const root = fileURLToPath(new URL('..', import.meta.url));
const accountId = '111122223333';
const region = 'us-east-1';

/**
 * Starts an AWS account on this machine: the endpoint, the emulator behind it, and the services that the sandbox
 * answers itself. The account is bootstrapped for the CDK on the first deploy.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const { log = () => undefined } = options;
  const stateDir = await runFolder(options.stateDir ?? sandboxFolder());
  const endings: (() => Promise<void>)[] = [];
  const stop = stopOnce(endings);
  endings.push(endWithProcess(stop));
  try {
    const onDeath = (reason: string): void => void stop().finally(() => options.onDeath?.(reason));
    return await assemble({ stateDir, port: options.port ?? 0, log, onDeath }, endings, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Settings {
  /** This run's own. */
  readonly stateDir: string;
  readonly port: number;
  readonly log: (line: string) => void;
  /** Ends everything, then tells. */
  readonly onDeath: (reason: string) => void;
}

async function assemble(
  { stateDir, port, log, onDeath }: Settings,
  endings: (() => Promise<void>)[],
  stop: () => Promise<void>,
): Promise<Sandbox> {
  const front = new Endpoint({ root, accountId, log });
  endings.push(() => front.close());
  const endpoint = await front.listen(port);
  const death = Promise.withResolvers<never>();
  death.promise.catch(() => undefined); // told to whoever deploys then; nobody may
  const emulator = await startEmulator({
    root,
    stateDir,
    endpoint,
    accountId,
    region,
    onDeath(reason) {
      log(`the account ended by itself: ${reason}`);
      death.reject(new Error(`the account ended by itself: ${reason}`));
      onDeath(reason);
    },
  });
  endings.push(() => emulator.stop());
  front.passTo(emulator.url);
  const clients = emulatorClients(emulator, { accountId, region });
  const bus = new Bus(clients.events, log);
  const lines = new LogWriter(clients.logs, log);
  endings.push(() =>
    Promise.race([Promise.all([bus.idle(), lines.idle()]), sleep(1000, undefined, { ref: false })]).then(
      () => undefined,
    ),
  );
  const xray = await startXRay({ accountId, log });
  front.serve(xray.service);
  endings.push(xray.service.stop);
  const { daemonAddress } = xray;
  const { services, context } = startServices(
    { accountId, region, endpoint, publish: bus.publish, putLogLines: lines.put, daemonAddress, log },
    { url: emulator.url, clients },
  );
  front.route(SIGNAL_ROUTE, signalRoute(services.ecs));
  const tags = new TagIndex({
    account: { accountId, region },
    emulator: clients.tagging,
    localService: (name) =>
      [...front.services].find(({ signingName }) => signingName === (name === 'cloudwatch' ? 'monitoring' : name)),
  });
  front.serve(tags.service());
  for (const part of partsOf(services)) {
    if (part.service !== undefined) front.serve(part.service);
    endings.push(async () => (part.service ?? part).stop?.());
  }
  endings.push(async () => stopCdk());
  const rights = new Rights({ accountId, region }, (arn) => tags.tagsOf(arn), front.sessions, stateDir);
  endings.push(async () => rights.stop());
  const stacks = interceptDeployments(front, { clients, services, tags, rights, publish: bus.publish, stateDir, log });
  front.guardBy(rights.judge);
  front.intercept(stsInterceptor(front.sessions));
  const changes = changeEvents({
    publish: bus.publish,
    now: () => new Date(),
    parameterType: parameterTypes(clients.ssm),
    log,
  });
  const listener: CallListener = (call) => [changes, tags.observe].forEach((each) => each(call));
  front.intercept(observer(listener));
  front.onLocalCall(observeLocal(listener));
  const env = clientEnv(endpoint);
  const deployApps = deployer(stateDir, env, log);
  return {
    endpoint,
    env,
    stateDir,
    context,
    services,
    resources: () => stacks.resources,
    rights: () => rights.record(),
    onJudgedCall: (listener) => rights.judge.onCall(listener),
    difference: async (stackName) =>
      JSON.parse(await readFile(differenceFile(stateDir, stackName), 'utf8')) as TemplateDifference,
    deploy: (request) => Promise.race([deployApps(request), death.promise]),
    stop,
  };
}

interface Around {
  readonly clients: AllEmulatorClients;
  readonly services: SandboxServices;
  readonly tags: TagIndex;
  readonly rights: Rights;
  readonly publish: PublishEvent;
  readonly stateDir: string;
  readonly log: (line: string) => void;
}

/** Has templates rewritten on their way in, and takes over what was deployed. */
function interceptDeployments(
  front: Endpoint,
  { clients, services, tags, rights, publish, stateDir, log }: Around,
): CloudFormationInterceptor {
  const stacks = new CloudFormationInterceptor({
    accountId,
    clients,
    log,
    nextRevision: (family) => nextRevision(services, family, { accountId, region, accessKeyId: accountId }),
    onRewrite: async (stackName, original, rewritten, call) => {
      rights.deploying(stackName, original);
      await writeDifference(stateDir, differences(stackName, original, rewritten));
      const folder = await announcedFolder(stateDir, call.headers['user-agent']);
      if (folder !== undefined) services.ecs.setAppFolder(stackName, folder);
    },
    onDeployed: async (everything, everyChange) => {
      rights.adopt(everything);
      const [all, changed] = [withoutPolicies(everything), withoutPolicies(everyChange)];
      await fixUp(changed, clients, { accountId, region });
      const retagged = tags.adopt(all, changed);
      for (const { takeOver } of partsOf(services)) await takeOver.adopt(all);
      for (const { arn, changedKeys, tags: now } of retagged) publish(tagChange(arn, changedKeys, now, new Date()));
    },
  });
  front.intercept(stacks);
  return stacks;
}

/** Roles and policies are nobody's but the judge's. */
const withoutPolicies = (resources: readonly DeployedResource[]): readonly DeployedResource[] =>
  resources.filter(({ type }) => !type.startsWith('AWS::IAM::'));

function parameterTypes(ssm: AllEmulatorClients['ssm']): (name: string) => Promise<string | undefined> {
  return async (Name) => {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name })).catch(() => ({ Parameter: undefined }));
    return Parameter?.Type;
  };
}

/** What a client, the CDK, or a child process needs to find the account. */
function clientEnv(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: accountId,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_DISABLE_REQUEST_COMPRESSION: 'true',
    AWS_EC2_METADATA_DISABLED: 'true',
    CDK_DEFAULT_ACCOUNT: accountId,
    CDK_DEFAULT_REGION: region,
  };
}

function deployer(
  stateDir: string,
  env: Readonly<Record<string, string>>,
  log: (line: string) => void,
): Sandbox['deploy'] {
  let bootstrapped: Promise<void> | undefined;
  const { AWS_PROFILE: _profile, AWS_SESSION_TOKEN: _token, ...inherited } = process.env;
  const path = `${join(root, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`;
  const options = {
    root,
    workDir: stateDir,
    log,
    env: { ...inherited, ...env, PATH: path, CDK_DISABLE_VERSION_CHECK: '1' },
  };
  return async (request) => {
    await (bootstrapped ??= bootstrap(options, accountId, region));
    return deployApp(options, request);
  };
}

const differenceFile = (stateDir: string, stackName: string): string =>
  join(stateDir, 'templates', `${stackName}.difference.json`);

async function writeDifference(stateDir: string, difference: TemplateDifference): Promise<void> {
  await mkdir(join(stateDir, 'templates'), { recursive: true });
  await writeFile(differenceFile(stateDir, difference.stackName), `${JSON.stringify(difference, undefined, 2)}\n`);
}
