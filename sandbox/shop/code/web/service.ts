import { call, type Callee } from '../lib/call.ts';
import { milliseconds, setting } from '../lib/config.ts';
import { search } from '../lib/search.ts';
import { itemsOf, serve, USUAL_COST, USUAL_GATE, type Request } from '../lib/serve.ts';

export interface WebCode {
  /** The greeting on a page. */
  readonly greetingFor: (customer: number) => string;
}

export function startWeb({ greetingFor }: WebCode): void {
  const timeout = milliseconds('BACKEND_TIMEOUT_MS');
  const orders: Callee = { name: 'orders', url: setting('ORDERS_URL'), timeout };
  const inventory: Callee = { name: 'inventory', url: setting('INVENTORY_URL'), timeout };
  const pass = (callee: Callee, path: string) => async (request: Request) => ({
    greeting: greetingFor(customerOf(request)),
    content: await call(callee, `${path}?${request.query.toString()}`),
  });
  serve({
    gate: USUAL_GATE,
    cost: USUAL_COST,
    routes: {
      '/': pass(inventory, '/stock'),
      '/history': pass(orders, '/history'),
      '/checkout': pass(orders, '/checkout'),
      '/offers': async (request, work) => {
        await work(itemsOf(request));
        return { greeting: greetingFor(customerOf(request)), offers: itemsOf(request) };
      },
      '/news/orders': pass(orders, '/news'),
      '/search/web': search(),
      '/search/orders': pass(orders, '/search'),
      '/search/inventory': pass(inventory, '/search'),
    },
  });
}

const customerOf = (request: Request): number => Number(request.query.get('customer') ?? 0);
