import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps, Tags } from 'aws-cdk-lib';
import { AttributeType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import {
  type ISecurityGroup,
  type IVpc,
  IpAddresses,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Cluster, type ICluster } from 'aws-cdk-lib/aws-ecs';
import { Alias, Code, Function as LambdaFunction, type IVersion, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { TAGS } from '../../layers/core/mode.ts';
import { watchBackground, watchFunction, watchService, watchWebService } from './alarms.ts';
import { type CopySpec, ledgerOf, names, QUOTE_ALIAS, type Service } from './copy.ts';
import { quoteCode } from './quote.ts';
import { ShopService } from './service.ts';

export interface ShopStackProps extends StackProps {
  readonly copy: CopySpec;
}

/** web → orders → inventory, a worker behind a queue, a pricing function behind an alias, a table behind the worker. */
export class ShopStack extends Stack {
  readonly #copy: CopySpec;
  readonly #cluster: ICluster;
  readonly #firewall: ISecurityGroup;

  constructor(scope: Construct, id: string, { copy, ...props }: ShopStackProps) {
    super(scope, id, props);
    this.#copy = copy;
    const vpc = network(this);
    this.#firewall = firewall(this, vpc);
    this.#cluster = new Cluster(this, 'Cluster', { vpc, clusterName: names.cluster(copy.name) }) as ICluster;
    Tags.of(this).add(TAGS.fleet, copy.name);

    const quote = this.#quote();
    const queue = new Queue(this, 'Queue', {
      queueName: names.queue(copy.name),
      visibilityTimeout: Duration.seconds(20),
      deadLetterQueue: { maxReceiveCount: 5, queue: new Queue(this, 'DeadLetters') },
    });
    const table = new TableV2(this, 'Table', {
      tableName: names.table(copy.name),
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      removalPolicy: RemovalPolicy.DESTROY,
    });

    const ledger: Readonly<Record<string, string>> = copy.ledger ? { LEDGER_URL: ledgerOf(copy.paymentsUrl) } : {};
    const inventory = this.#service('inventory', ledger, []);
    const orders = this.#service(
      'orders',
      {
        INVENTORY_URL: inventory.url,
        PAYMENTS_URL: copy.paymentsUrl,
        QUOTE_FUNCTION: quote.functionArn,
        QUEUE_URL: queue.queueUrl,
      },
      [inventory.arn, quote.functionArn],
    );
    const web = this.#service('web', { ORDERS_URL: orders.url, INVENTORY_URL: inventory.url }, [
      orders.arn,
      inventory.arn,
    ]);
    const worker = this.#service('worker', { ...ledger, QUEUE_URL: queue.queueUrl, TABLE: table.tableName }, [
      queue.queueArn,
      table.tableArn,
    ]);
    quote.grantInvoke(orders.role);
    queue.grantSendMessages(orders.role);
    queue.grantConsumeMessages(worker.role);
    table.grantWriteData(worker.role);
    watchBackground(this, { worker: worker.arn, service: worker.name, queue });
    watchFunction(this, { name: names.quote(copy.name), alias: quote });
    new CfnOutput(this, 'Address', { value: web.url, description: 'Where customers reach the shop.' });
  }

  #service(service: Service, environment: Readonly<Record<string, string>>, dependsOn: readonly string[]): ShopService {
    const made = new ShopService(this, service, {
      copy: this.#copy,
      service,
      cluster: this.#cluster,
      firewall: this.#firewall,
      environment,
      dependsOn,
    });
    const fast = !this.#copy.minuteAlarmsOnly.includes(service);
    watchService(this, made, fast);
    if (made.balancer) watchWebService(this, made, made.balancer, fast);
    return made;
  }

  #quote(): Alias {
    const code = new LambdaFunction(this, 'Quote', {
      functionName: names.quote(this.#copy.name),
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline(quoteCode('1.0.0')),
      timeout: Duration.seconds(3),
    });
    Tags.of(code).add(TAGS.mode, this.#copy.mode);
    return new Alias(this, 'QuoteLive', { aliasName: QUOTE_ALIAS, version: code.currentVersion as IVersion });
  }
}

const NETWORK = '10.0.0.0/24';

/** Two public subnets and no NAT gateway: the cheapest network Fargate runs in. */
function network(stack: Stack): IVpc {
  const vpc = new Vpc(stack, 'Network', {
    ipAddresses: IpAddresses.cidr(NETWORK),
    availabilityZones: ['a', 'b'].map((zone) => `${stack.region}${zone}`),
    natGateways: 0,
    restrictDefaultSecurityGroup: false,
    subnetConfiguration: [{ name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 26 }],
  });
  return vpc as IVpc; // CDK's classes and interfaces disagree under exactOptionalPropertyTypes
}

/** One security group for all: what is in the network may talk to what is in the network. */
function firewall(stack: Stack, vpc: IVpc): ISecurityGroup {
  const group = new SecurityGroup(stack, 'Firewall', { vpc, allowAllOutbound: true });
  group.addIngressRule(Peer.ipv4(NETWORK), Port.allTcp());
  return SecurityGroup.fromSecurityGroupId(stack, 'FirewallAsItIs', group.securityGroupId, { mutable: false });
}
