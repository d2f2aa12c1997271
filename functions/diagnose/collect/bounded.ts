import { AWS_SERVICES, type Aws, type AwsCommand } from '../../../layers/core/aws.ts';
import type { Milliseconds } from '../../../layers/core/units.ts';
import type { Sources } from './evidence.ts';

/** What collecting the evidence of one incident may take. */
export interface Bounds {
  /** Of waiting, all together: the function has a minute, and a second opinion takes ten seconds of it. */
  readonly time: Milliseconds;
  /** Of AWS and of the knowledge base. */
  readonly calls: number;
}

/** A service with twelve neighbours and five log groups takes about two hundred calls. */
export const BOUNDS: Bounds = { time: 30_000, calls: 400 };

export interface Bounded {
  readonly sources: Sources;
  /** To be called once all is read: nothing is left waiting. */
  end(): void;
}

/**
 * The same sources, within bounds: what is asked too late or too often is refused at once, so that its part of the evidence
 * names the gap, as it does for a call that fails, and the rest is diagnosed in time.
 */
export function bounded(sources: Sources, { time, calls }: Bounds = BOUNDS): Bounded {
  let left = calls;
  let late: Error | undefined;
  let refuse: (late: Error) => void = () => undefined;
  const over = new Promise<never>((_, reject) => (refuse = reject));
  over.catch(() => undefined);
  const timer = setTimeout(() => {
    late = new Error(`not read within ${time / 1000} s`);
    refuse(late);
  }, time);
  const once = <A extends readonly unknown[], T>(ask: (...given: A) => Promise<T>) => {
    return async (...given: A): Promise<T> => {
      if (late) throw late;
      if (left <= 0) throw new Error(`not read: ${calls} calls were made before`);
      left -= 1;
      return Promise.race([ask(...given), over]);
    };
  };
  const clients = (aws: Aws): Aws =>
    Object.fromEntries(
      AWS_SERVICES.map((name) => [
        name,
        { send: <Output>(command: AwsCommand<Output>) => once(() => aws[name].send(command))() },
      ]),
    ) as unknown as Aws;
  return {
    sources: {
      aws: async (arn) => clients(await once(sources.aws)(arn)),
      resource: once(sources.resource),
      dependents: once(sources.dependents),
      topologyVersion: once(sources.topologyVersion),
      openIncident: once(sources.openIncident),
      incidents: once(sources.incidents),
      changes: once(sources.changes),
      healthNotices: once(sources.healthNotices),
    },
    end: () => clearTimeout(timer),
  };
}
