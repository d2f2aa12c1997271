import type { Arn } from '../../../layers/core/arn.ts';
import type { Evidence } from '../../../layers/core/evidence.ts';
import { concerns, isWithin, type HealthNotice } from '../../../layers/core/health-notice.ts';
import { addSeconds, type Seconds } from '../../../layers/core/units.ts';
import { slack, target } from './facts.ts';

/** An issue of AWS's own that may have to do with the incident. */
export interface Concerning {
  readonly notice: HealthNotice;
  /** What it concerns: the resource, or something that it calls. */
  readonly arn: Arn;
  readonly isOwn: boolean;
  /** Else it is of the service as a whole. */
  readonly isNamed: boolean;
}

/** AWS dates an issue by its own investigation, some minutes off. */
const BACKDATED: Seconds = 600;

/** The issues that AWS Health tells of and that concern the resource or what it calls. */
export function issuesOf(evidence: Evidence): Concerning[] {
  const { onset } = evidence.window;
  const around = [evidence.resource, ...target(evidence).dependsOn];
  return evidence.health
    .filter((one) => one.category === 'issue' && isWithin(one, onset, addSeconds(onset, slack(evidence) + BACKDATED)))
    .flatMap((notice): Concerning[] => {
      const arn = around.find((one) => concerns(notice, one));
      if (!arn) return [];
      return [{ notice, arn, isOwn: arn === evidence.resource, isNamed: concerns(notice, arn) === 'named' }];
    });
}
