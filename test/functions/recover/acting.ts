import { freshTables } from '../../runtime/tables.ts';
import { ARNS, fakeAccount } from '../../support/fake-account.ts';
import { world } from '../steps.ts';

/** A service name that no other test has: leases and budgets belong to the resource. */
let count = 0;

/** An account with a service that may be healed, and an open incident on it. */
export async function acting() {
  await freshTables(); // slots and the brake are counted over all incidents
  const account = fakeAccount();
  account.state.service['tags'] = [{ key: 'prunella:mode', value: 'heal' }];
  const service = `${ARNS.service}${(count += 1)}`;
  return { account, service, incident: await world(service) };
}

/** Parameters of `rollback-deployment` from the revision that runs to the one before. */
export const back = (service: string) => ({ service, from: ARNS.revision(7), to: ARNS.revision(6) });
