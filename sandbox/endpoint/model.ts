import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A shape of AWS's service model, as botocore publishes it. Only what encoding needs is named. */
export interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, MemberRef>>;
  readonly member?: MemberRef;
  readonly key?: MemberRef;
  readonly value?: MemberRef;
  readonly flattened?: boolean;
  readonly exception?: boolean;
  readonly error?: { readonly code?: string; readonly httpStatusCode?: number };
  readonly required?: readonly string[];
  readonly timestampFormat?: string;
}

export interface MemberRef {
  readonly shape: string;
  readonly locationName?: string;
  readonly flattened?: boolean;
}

interface ModelOperation {
  readonly name: string;
  readonly http?: { readonly method: string; readonly requestUri: string };
  readonly input?: MemberRef;
  readonly output?: MemberRef & { readonly resultWrapper?: string };
}

export interface ServiceModel {
  readonly metadata: {
    readonly protocol: string;
    readonly jsonVersion?: string;
    readonly targetPrefix?: string;
    readonly xmlNamespace?: string;
    readonly awsQueryCompatible?: object;
  };
  readonly operations: Readonly<Record<string, ModelOperation>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** Signing names differ from the folders of the models. */
const folders: Readonly<Record<string, string>> = {
  ecs: 'ecs',
  monitoring: 'cloudwatch',
  elasticloadbalancing: 'elbv2',
  'application-autoscaling': 'application-autoscaling',
  tagging: 'resourcegroupstaggingapi',
  states: 'stepfunctions',
};

const cache = new Map<string, ServiceModel>();

/**
 * AWS's own model of a service, from the botocore that the set-up installed.
 * @param signingName e.g. `elasticloadbalancing`
 * @throws when botocore is not installed or has no such service
 */
export function serviceModel(root: string, signingName: string): ServiceModel {
  const known = cache.get(signingName);
  if (known) return known;
  const folder = join(botocoreData(root), folders[signingName] ?? signingName);
  const version = readdirSync(folder).sort().at(-1);
  if (version === undefined) throw new Error(`botocore has no model of ${signingName} under ${folder}`);
  const packed = readFileSync(join(folder, version, 'service-2.json.gz'));
  const model = JSON.parse(gunzipSync(packed).toString()) as ServiceModel;
  cache.set(signingName, model);
  return model;
}

function botocoreData(root: string): string {
  const lib = join(root, '.venv', 'lib');
  const python = readdirSync(lib).find((name) => name.startsWith('python'));
  if (python === undefined) throw new Error(`no Python library under ${lib}; run "npm test" once to set it up`);
  return join(lib, python, 'site-packages', 'botocore', 'data');
}

export function shapeOf(model: ServiceModel, ref: MemberRef): Shape {
  const shape = model.shapes[ref.shape];
  if (shape === undefined) throw new Error(`the model has no shape ${ref.shape}`);
  return shape;
}
