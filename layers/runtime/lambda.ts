/** What every function's handler is made with. */
export { MetricUnit, lambda } from './invocation.ts';
export type { Handler, LambdaContext } from './invocation.ts';
export { step } from './step.ts';
export type { StepContext } from './step.ts';
