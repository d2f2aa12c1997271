import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Validations } from 'aws-cdk-lib';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { AwsSolutionsChecks } from 'cdk-nag';
import { actions } from '../../functions/recover/actions.generated.ts';
import { FUNCTIONS, type FunctionName } from '../../infra/functions.ts';
import { readSettings } from '../../infra/settings.ts';
import { PrunellaStack } from '../../infra/stacks/prunella-stack.ts';

export interface Synthesised {
  readonly stack: PrunellaStack;
  readonly app: App;
  readonly nag: AwsSolutionsChecks;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a template is JSON of any shape
  readonly template: any;
}

/** The stack as it would be deployed with this context, but for the functions' code, which no property here depends on. */
export function synthesise(context: Record<string, unknown> = {}): Synthesised {
  const outdir = mkdtempSync(join(tmpdir(), 'prunella-synth-'));
  try {
    const app = new App({ context, outdir });
    const nag = new AwsSolutionsChecks(app);
    Validations.of(app).addPlugins(nag);
    const names = Object.keys(FUNCTIONS) as FunctionName[];
    const code = Object.fromEntries(names.map((name) => [name, Code.fromInline(`// ${name}`)])) as unknown as Record<
      FunctionName,
      Code
    >;
    const stack = new PrunellaStack(app, 'Prunella', { settings: readSettings(app.node), code, actions });
    const template: unknown = app.synth().getStackByName('Prunella').template;
    return { stack, app, nag, template };
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
