import { ArnFormat, Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { TABLES, tableEnv, type Table as TableName } from '../../layers/core/tables.ts';
import { TABLE_ACTIONS, type TableRight } from '../table-rights.ts';
import type { StepFunction } from './step-function.ts';

/** All that changes or takes away an item that is there, and BatchWriteItem, whose puts cannot carry a condition. */
const REWRITE = [
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:PartiQLInsert',
  'dynamodb:PartiQLUpdate',
  'dynamodb:PartiQLDelete',
];

interface StoreProps {
  readonly key: Key;
  readonly name: TableName;
  /** True where the data outlives the stack: an audit trail must not end with a `cdk destroy`. */
  readonly keep: boolean;
  readonly resourcePolicy?: PolicyDocument;
}

/** One DynamoDB table. Its verb gives a function the rights and the environment variable together. */
export class Store extends Construct {
  readonly table: Table;
  readonly #key: Key;
  readonly #env: string;
  readonly #indexes: string[] = [];

  constructor(scope: Construct, id: string, props: StoreProps) {
    super(scope, id);
    this.#key = props.key;
    this.#env = tableEnv(props.name);
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: props.key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      timeToLiveAttribute: 'ttl',
      deletionProtection: props.keep,
      removalPolicy: props.keep ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      ...(props.resourcePolicy && { resourcePolicy: props.resourcePolicy }),
    });
    for (const [name, prefix] of Object.entries(TABLES[props.name])) this.#index(name, prefix);
  }

  /** A global index named `name` over `<prefix>pk` and `<prefix>sk`. */
  #index(name: string, prefix: string): void {
    this.table.addGlobalSecondaryIndex({
      indexName: name,
      partitionKey: { name: `${prefix}pk`, type: AttributeType.STRING },
      sortKey: { name: `${prefix}sk`, type: AttributeType.STRING },
    });
    this.#indexes.push(`${this.table.tableArn}/index/${name}`);
  }

  /** Gives a function these rights on the table, and its name. */
  grant(to: StepFunction, rights: readonly TableRight[]): void {
    to.set(this.#env, this.table.tableName);
    const allow = (on: TableRight[], resources: string[]): void => {
      if (on.length > 0) to.allow(new PolicyStatement({ actions: on.map((right) => TABLE_ACTIONS[right]), resources }));
    };
    const { tableArn } = this.table;
    allow(
      rights.filter((right) => right !== 'query'),
      [tableArn],
    );
    allow(
      rights.filter((right) => right === 'query'),
      [tableArn, ...this.#indexes],
    );
    // DynamoDB uses the key in the name of whoever calls it.
    to.allow(
      new PolicyStatement({
        actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
        resources: [this.#key.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${Aws.REGION}.${Aws.URL_SUFFIX}` } },
      }),
    );
  }
}

/** The four tables and the key that everything at rest is encrypted with. */
export class Data extends Construct {
  readonly key: Key;
  readonly incidents: Store;
  readonly audit: Store;
  readonly knowledge: Store;
  readonly control: Store;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.key = this.#makeKey();
    const { key } = this;
    this.incidents = new Store(this, 'Incidents', { key, name: 'incidents', keep: true });
    this.audit = new Store(this, 'Audit', { key, name: 'audit', keep: true, resourcePolicy: appendOnly() });
    this.knowledge = new Store(this, 'Knowledge', { key, name: 'knowledge', keep: true });
    // Leases, pointers, levers: worth nothing once the stack is gone, and a lever that is missing means stopped.
    this.control = new Store(this, 'Control', { key, name: 'control', keep: false });
  }

  #makeKey(): Key {
    const key = new Key(this, 'Key', {
      description: 'Prunella: tables, logs and the operators topic',
      enableKeyRotation: true,
      pendingWindow: Duration.days(30),
      removalPolicy: RemovalPolicy.RETAIN, // without it the tables that are kept could not be read
    });
    const logGroups = Stack.of(this).formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: '*',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    key.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal(`logs.${Aws.REGION}.amazonaws.com`)],
        actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': logGroups } },
      }),
    );
    key.addToResourcePolicy(
      new PolicyStatement({
        // CloudWatch alarms publish to the encrypted topic; without this their messages are dropped without a word.
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    return key;
  }
}

function appendOnly(): PolicyDocument {
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: 'AppendOnly',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: REWRITE,
        resources: ['*'],
      }),
    ],
  });
}
