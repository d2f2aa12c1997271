/** Many small services, each a fleet of its own, so that many incidents can be healed side by side. `-c services=60`. */
import { App, Duration, Stack, Tags } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SecurityGroup, Vpc, type ISecurityGroup, type IVpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, FargateService, FargateTaskDefinition, type ICluster } from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal, type IRole } from 'aws-cdk-lib/aws-iam';
import { CLUSTER, STACK, serviceName } from './names.ts';

const app = new App();
const stack = new Stack(app, STACK);
// CDK's classes and interfaces disagree under exactOptionalPropertyTypes.
const vpc = new Vpc(stack, 'Network', { maxAzs: 2, natGateways: 0 }) as IVpc;
const securityGroups = [new SecurityGroup(stack, 'Tasks', { vpc }) as ISecurityGroup];
const taskRole = new Role(stack, 'TaskRole', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') }) as IRole;
const cluster = new Cluster(stack, 'Cluster', { vpc, clusterName: CLUSTER }) as ICluster;

for (let n = 0; n < Number(app.node.tryGetContext('services')); n += 1) {
  const name = serviceName(n);
  const definition = new FargateTaskDefinition(stack, `Task${n}`, { family: name, memoryLimitMiB: 512, taskRole });
  definition.addContainer('app', {
    image: ContainerImage.fromRegistry('bench/app:1'),
    dockerLabels: { 'prunella.local.command': 'sleep 86400' },
  });
  const service = new FargateService(stack, `Service${n}`, {
    cluster,
    serviceName: name,
    taskDefinition: definition,
    desiredCount: 1,
    minHealthyPercent: 0,
    maxHealthyPercent: 100,
    assignPublicIp: true,
    securityGroups,
  });
  for (const [id, metric] of Object.entries({
    Cpu: service.metricCpuUtilization({ period: Duration.minutes(1) }),
    Memory: service.metricMemoryUtilization({ period: Duration.minutes(1) }),
  }))
    new Alarm(stack, `${id}${n}`, { metric, threshold: 80, evaluationPeriods: 3, datapointsToAlarm: 2 });
  Tags.of(service).add('prunella:mode', 'heal');
  Tags.of(service).add('prunella:fleet', name);
}
