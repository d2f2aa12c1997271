import { logError } from '../lib/log.ts';
import { startInventory } from './service.ts';

/** Each count is to be written to the ledger, which nobody has set up: the answer does not wait for it. */
function writeToLedger(article: number): void {
  logError('ledger refused the count', new Error(`no ledger keeps article ${article}`));
}

startInventory({
  stockOf: (article) => {
    writeToLedger(article);
    return 100 - (article % 7);
  },
});
