import { Duration, RemovalPolicy, Tags } from 'aws-cdk-lib';
import type { ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  ContainerImage,
  FargateService,
  FargateTaskDefinition,
  GenericLogDriver,
  type ICluster,
  PropagatedTagSource,
  Secret,
} from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationLoadBalancer,
  ApplicationProtocol,
  ApplicationTargetGroup,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { TAGS } from '../../layers/core/mode.ts';
import { type CopySpec, metricTag, names, type Service, SETTINGS } from './copy.ts';
import { pull } from './images.ts';

export interface ShopServiceProps {
  readonly copy: CopySpec;
  readonly service: Service;
  readonly cluster: ICluster;
  readonly firewall: ISecurityGroup;
  readonly environment: Readonly<Record<string, string>>;
  /** ARNs of what it calls. */
  readonly dependsOn: readonly string[];
}

export interface Balancer {
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly targetGroup: ApplicationTargetGroup;
}

/** MiB of one task. */
const MEMORY = 512;
const PORT = 8080;

/** A Fargate service with its log group, its parameters and, unless it is the worker, its load balancer. */
export class ShopService extends Construct {
  readonly name: string;
  readonly arn: string;
  readonly role: IRole;
  readonly service: FargateService;
  readonly balancer: Balancer | undefined;

  constructor(scope: Construct, id: string, props: ShopServiceProps) {
    super(scope, id);
    const { copy, service } = props;
    this.name = names.service(copy.name, service);
    const definition = this.#definition(props);
    this.service = new FargateService(this, 'Service', {
      cluster: props.cluster,
      serviceName: this.name,
      taskDefinition: definition,
      desiredCount: service === 'worker' ? 1 : 2,
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      assignPublicIp: true,
      securityGroups: [props.firewall],
      propagateTags: PropagatedTagSource.SERVICE,
      ...(service === 'worker' ? {} : { healthCheckGracePeriod: Duration.seconds(10) }),
      ...(copy.circuitBreaker ? { circuitBreaker: { rollback: true } } : {}),
    });
    this.arn = this.service.serviceArn;
    this.role = definition.taskRole;
    this.balancer = service === 'worker' ? undefined : this.#balancer(props);
    Tags.of(this.service).add(TAGS.mode, copy.mode);
    const limit = copy.limits[service];
    if (limit) Tags.of(this.service).add(TAGS.limit, metricTag(this.name, limit));
    if (props.dependsOn.length > 0) Tags.of(this.service).add(TAGS.dependsOn, props.dependsOn.join(' '));
  }

  /** Where the others reach it. @throws Error for a service without a load balancer */
  get url(): string {
    if (!this.balancer) throw new Error(`${this.name} has no load balancer, so that nobody can call it`);
    return `http://${this.balancer.loadBalancer.loadBalancerDnsName}`;
  }

  #definition({ copy, service, environment }: ShopServiceProps): FargateTaskDefinition {
    const definition = new FargateTaskDefinition(this, 'Task', { family: this.name, cpu: 256, memoryLimitMiB: MEMORY });
    const logs = new LogGroup(this, 'Logs', {
      logGroupName: `/shop/${this.name}`,
      retention: RetentionDays.ONE_WEEK,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const { image, dockerLabels } = pull(service, '1.0.0');
    definition.addContainer(service, {
      image: ContainerImage.fromRegistry(image),
      dockerLabels: { ...dockerLabels },
      portMappings: service === 'worker' ? [] : [{ containerPort: PORT }],
      environment: { SERVICE: this.name, MEMORY_LIMIT: String(MEMORY), ...environment },
      secrets: this.#secrets(copy, service),
      logging: new GenericLogDriver({
        logDriver: 'awslogs',
        options: {
          'awslogs-group': logs.logGroupName,
          'awslogs-region': logs.env.region,
          'awslogs-stream-prefix': service,
          'awslogs-format': 'json/emf', // metrics are read off the log
        },
      }),
    });
    logs.grantWrite(definition.obtainExecutionRole());
    return definition;
  }

  #secrets(copy: CopySpec, service: Service): Record<string, Secret> {
    const settings = Object.entries<{ parameter: string; value: string }>(SETTINGS[service]);
    return Object.fromEntries(
      settings.map(([variable, { parameter, value }]) => {
        const parameterName = names.parameter(copy.name, service, parameter);
        return [
          variable,
          Secret.fromSsmParameter(new StringParameter(this, variable, { parameterName, stringValue: value })),
        ];
      }),
    );
  }

  #balancer({ cluster, firewall, service }: ShopServiceProps): Balancer {
    const loadBalancer = new ApplicationLoadBalancer(this, 'Balancer', {
      loadBalancerName: this.name,
      vpc: cluster.vpc,
      internetFacing: service === 'web',
      vpcSubnets: { subnets: cluster.vpc.publicSubnets },
      securityGroup: firewall,
    });
    const targetGroup = new ApplicationTargetGroup(this, 'Targets', {
      targetGroupName: this.name,
      vpc: cluster.vpc,
      targetType: TargetType.IP,
      port: PORT,
      protocol: ApplicationProtocol.HTTP,
      deregistrationDelay: Duration.seconds(5),
      healthCheck: {
        path: '/health',
        interval: Duration.seconds(5),
        timeout: Duration.seconds(3),
        healthyThresholdCount: 2,
        unhealthyThresholdCount: 2,
      },
    });
    loadBalancer.addListener('Http', {
      port: 80,
      protocol: ApplicationProtocol.HTTP,
      defaultTargetGroups: [targetGroup],
      open: false,
    });
    this.service.attachToApplicationTargetGroup(targetGroup);
    return { loadBalancer, targetGroup };
  }
}
