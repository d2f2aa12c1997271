/** The CDK app: `cdk deploy` runs it through infra/launch.mjs. */
import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { actions } from '../functions/recover/actions.generated.ts';
import { bundled } from './bundle.ts';
import { FUNCTIONS } from './functions.ts';
import { readSettings } from './settings.ts';
import { PrunellaStack } from './stacks/prunella-stack.ts';

function main(): void {
  const app = new App();
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  new PrunellaStack(app, 'Prunella', {
    description: 'Prunella: a self-healing control plane',
    settings: readSettings(app.node),
    code: bundled(FUNCTIONS),
    actions,
  });
  app.synth();
}

try {
  main();
} catch (error) {
  // A person reads this in the output of cdk: the reason, without a stack trace of the synthesis.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
