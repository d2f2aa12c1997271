import { setting } from '../lib/config.ts';
import { writeToLedger } from '../lib/ledger.ts';
import { search } from '../lib/search.ts';
import { itemsOf, serve, USUAL_COST, USUAL_GATE, type Cost, type Request } from '../lib/serve.ts';

export interface InventoryCode {
  /** How many pieces of an article are there. */
  readonly stockOf: (article: number, request: Request) => number;
  /** What a request costs. Default: what is usual in this shop. */
  readonly cost?: Cost;
}

/** What is counted for some customers is booked: by the last digit of their number. */
const mustBeBooked = (request: Request): boolean => Number(request.query.get('customer') ?? 9) % 10 < 4;

export function startInventory({ stockOf, cost = USUAL_COST }: InventoryCode): void {
  const warehouses = warehousesFrom(setting('WAREHOUSES'));
  serve({
    gate: USUAL_GATE,
    cost,
    routes: {
      '/stock': async (request, work) => {
        const items = itemsOf(request);
        await work(items);
        if (mustBeBooked(request)) await writeToLedger({ counted: items });
        const articles = Array.from({ length: items }, (_, article) => ({
          article,
          pieces: stockOf(article, request),
        }));
        return articles.map((row) => ({ ...row, warehouse: warehouseFor(row.article, warehouses) }));
      },
      '/search': search(),
    },
  });
}

/** A comma-separated list, e.g. `north,south`. */
const warehousesFrom = (text: string): readonly string[] => text.split(',').filter((name) => /^[a-z]+$/.test(name));

function warehouseFor(article: number, warehouses: readonly string[]): string {
  const warehouse = warehouses[article % warehouses.length];
  if (!warehouse) throw new RangeError(`no warehouse keeps article ${article}`);
  return warehouse.toLowerCase();
}
