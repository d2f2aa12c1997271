import type { Arn } from '../../layers/core/arn.ts';

/** ARNs and names of the modelled account. */
export class Names {
  readonly account: string;
  readonly region: string;
  readonly cluster: string;

  constructor(about: { readonly account: string; readonly region: string; readonly cluster: string }) {
    this.account = about.account;
    this.region = about.region;
    this.cluster = about.cluster;
  }

  #arn = (service: string, rest: string): Arn => `arn:aws:${service}:${this.region}:${this.account}:${rest}`;

  clusterArn = () => this.#arn('ecs', `cluster/${this.cluster}`);
  service = (name: string) => this.#arn('ecs', `service/${this.cluster}/${name}`);
  task = (id: string) => this.#arn('ecs', `task/${this.cluster}/${id}`);
  container = (id: string) => this.#arn('ecs', `container/${this.cluster}/${id}/${id.slice(0, 8)}`);
  definition = (family: string, revision: number) => this.#arn('ecs', `task-definition/${family}:${revision}`);
  serviceRevision = (service: string, id: string) =>
    this.#arn('ecs', `service-revision/${this.cluster}/${service}/${id}`);
  serviceDeployment = (service: string, id: string) =>
    this.#arn('ecs', `service-deployment/${this.cluster}/${service}/${id}`);
  function = (name: string) => this.#arn('lambda', `function:${name}`);
  alias = (name: string, alias: string) => this.#arn('lambda', `function:${name}:${alias}`);
  parameter = (name: string) => this.#arn('ssm', `parameter${name.startsWith('/') ? '' : '/'}${name}`);
  queue = (name: string) => this.#arn('sqs', name);
  alarm = (name: string) => this.#arn('cloudwatch', `alarm:${name}`);
  role = (name: string) => `arn:aws:iam::${this.account}:role/${name}`;
  person = (name: string) => `arn:aws:iam::${this.account}:user/${name}`;
  queueUrl = (name: string) => `https://sqs.${this.region}.amazonaws.com/${this.account}/${name}`;

  /** The load balancer and target group of a service; ids follow from the name. */
  balancer = (service: string) => this.#arn('elasticloadbalancing', `loadbalancer/${this.balancerDimension(service)}`);
  targetGroup = (service: string) => this.#arn('elasticloadbalancing', this.groupDimension(service));
  balancerDimension = (service: string) => `app/${service}/${idOf(`lb ${service}`)}`;
  groupDimension = (service: string) => `targetgroup/${service}/${idOf(`tg ${service}`)}`;
  dns = (service: string) => `${service}-${idOf(service).slice(0, 9)}.${this.region}.elb.amazonaws.com`;
  logGroup = (service: string) => `/shop/${service}`;
  functionLogs = (name: string) => `/aws/lambda/${name}`;
}

/** 16 hexadecimal digits that are the same for the same text (FNV-1a, twice). */
function idOf(text: string): string {
  const hash = (seed: number) => {
    let value = seed;
    for (const letter of text) value = Math.imul(value ^ letter.charCodeAt(0), 16777619);
    return (value >>> 0).toString(16).padStart(8, '0');
  };
  return hash(2166136261) + hash(40389);
}
