import { ArnFormat, Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { TABLES, tableEnv, type Table as TableName } from '../../layers/core/tables.ts';
import type { StepFunction } from './step-function.ts';

const READ = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query', 'dynamodb:ConditionCheckItem'];
const CHANGE = ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'];
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
  /** True where it stays small enough to be read as a whole. */
  readonly small?: boolean;
  readonly resourcePolicy?: PolicyDocument;
}

/** One DynamoDB table. Its verbs give a function the right and the environment variable together. */
export class Store extends Construct {
  readonly table: Table;
  readonly #key: Key;
  readonly #env: string;
  readonly #reading: string[];
  readonly #indexes: string[] = [];

  constructor(scope: Construct, id: string, props: StoreProps) {
    super(scope, id);
    this.#key = props.key;
    this.#env = tableEnv(props.name);
    this.#reading = props.small ? [...READ, 'dynamodb:Scan'] : READ;
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

  grantRead(to: StepFunction): void {
    this.#grant(to, this.#reading, [this.table.tableArn, ...this.#indexes]);
  }

  grantReadWrite(to: StepFunction): void {
    this.grantRead(to);
    this.#grant(to, CHANGE, [this.table.tableArn]);
  }

  /**
   * The right to append: PutItem and nothing else. The entry, its event's mark and the new head of the chain are put in
   * one transaction, the first two where nothing is, the head where it still is the one read. IAM knows neither a
   * write's condition nor a sort key, so it cannot refuse a put over an entry that is there; that is found by the hash
   * chain, whose heads also stand in the execution history, which nobody can rewrite. Updating and deleting the table's
   * own policy denies to everybody.
   */
  grantAppend(to: StepFunction): void {
    this.grantRead(to);
    this.#grant(to, ['dynamodb:PutItem'], [this.table.tableArn]);
  }

  #grant(to: StepFunction, actions: string[], resources: string[]): void {
    to.set(this.#env, this.table.tableName);
    to.allow(new PolicyStatement({ actions, resources }));
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
    this.control = new Store(this, 'Control', { key, name: 'control', keep: false, small: true });
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
        actions: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
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
