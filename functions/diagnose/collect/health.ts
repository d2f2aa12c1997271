import { concerns, isWithin, type HealthNotice } from '../../../layers/core/health-notice.ts';
import type { Resource } from '../../../layers/core/inventory.ts';
import type { Instant } from '../../../layers/core/units.ts';

/** More would not be read; the newest count. */
const AT_MOST = 20;

/** What AWS Health said of these resources, or of their services, in the window. Never throws. */
export async function collectHealth(
  resources: readonly Resource[],
  from: Instant,
  to: Instant,
  read: () => Promise<readonly HealthNotice[]>,
): Promise<{ readonly notices: HealthNotice[]; readonly gaps: readonly string[] }> {
  try {
    const notices = (await read())
      .filter((one) => isWithin(one, from, to) && resources.some(({ arn }) => concerns(one, arn)))
      .sort((a, b) => (a.from > b.from ? -1 : a.from < b.from ? 1 : a.eventArn < b.eventArn ? -1 : 1));
    return { notices: notices.slice(0, AT_MOST), gaps: [] };
  } catch (error) {
    return { notices: [], gaps: [`what AWS Health said could not be read: ${String(error)}`] };
  }
}
