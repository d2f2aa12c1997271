import { createTables } from '../support/create-tables.ts';
import { sharedAccount } from '../support/sandbox.ts';

/** Four new tables in the local account, named in the environment as a deployed function finds them. */
export async function freshTables(): Promise<void> {
  const account = await sharedAccount();
  Object.assign(process.env, account.env);
  await createTables(account.client);
}
