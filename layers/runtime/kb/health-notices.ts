import { HealthNotice } from '../../core/health-notice.ts';
import { all, query, transact, ttl } from '../database.ts';
import { config } from '../env.ts';
import { put } from '../writes.ts';
import { KEEP_DAYS } from './keys.ts';

const table = (): string => config().tables.knowledge;
/** One partition: an account hears of a few a week. */
const HEALTH = 'HEALTH';

/** Keeps what AWS Health says of an event last; older news of it, and the same again, change nothing. */
export async function recordHealthNotice(notice: HealthNotice): Promise<'recorded' | 'known'> {
  const { eventArn, page, updatedAt } = notice;
  const item = {
    pk: HEALTH,
    sk: `${eventArn}#${page}`,
    ...HealthNotice.parse(notice),
    ttl: ttl(updatedAt, KEEP_DAYS.change),
  };
  const newer = { when: 'attribute_not_exists(#pk) OR #updatedAt < :updatedAt', values: { updatedAt } };
  const done = await transact([put('notice', table(), item, newer)]);
  return done.ok ? 'recorded' : 'known';
}

/** What AWS Health said in the last 90 days, in no order. */
export const healthNotices = (): Promise<HealthNotice[]> =>
  all(query(table(), { where: '#pk = :pk', values: { pk: HEALTH } }), HealthNotice);
