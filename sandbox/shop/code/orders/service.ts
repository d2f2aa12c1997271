import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { call, CallFailed, type Callee } from '../lib/call.ts';
import { Connections } from '../lib/connections.ts';
import { milliseconds, setting } from '../lib/config.ts';
import { search } from '../lib/search.ts';
import { itemsOf, serve, USUAL_COST, USUAL_GATE, type Request } from '../lib/serve.ts';
import { subsegment } from '../lib/trace.ts';

export interface OrdersCode {
  /** The discount of a customer, 0 to 1. */
  readonly discountFor: (customer: number) => number;
}

const lambda = new LambdaClient({ maxAttempts: 2 });
const sqs = new SQSClient({ maxAttempts: 2 });

export function startOrders({ discountFor }: OrdersCode): void {
  const inventory: Callee = {
    name: 'inventory',
    url: setting('INVENTORY_URL'),
    timeout: milliseconds('INVENTORY_TIMEOUT_MS'),
  };
  const payments: Callee = { name: 'payments', url: setting('PAYMENTS_URL'), timeout: 2_000 };
  const taxRate = setting('TAX_RATE');
  const connections = new Connections();
  serve({
    gate: USUAL_GATE,
    cost: USUAL_COST,
    routes: {
      '/history': async (request, work) => {
        await work(itemsOf(request));
        return totalOf(100, discountFor(customerOf(request)), taxRate);
      },
      '/checkout': async (request, work) => {
        const [items, customer] = [itemsOf(request), customerOf(request)];
        await work(items);
        await call(inventory, `/stock?items=${items}&customer=${customer}`);
        const total = totalOf(await quote(items), discountFor(customer), taxRate);
        await connections.through(() => call(payments, '/charge', { customer, total }));
        await enqueue({ customer, items, total });
        return { total };
      },
      '/news': () => Promise.resolve(connections.subscribe(payments.url)),
      '/search': search(),
    },
    gauges: { Connections: () => connections.open },
  });
}

const customerOf = (request: Request): number => Number(request.query.get('customer') ?? request.body['customer'] ?? 0);

/** Net price to gross price. @throws RangeError when the tax rate is not a number between 0 and 1 */
function totalOf(net: number, discount: number, taxRate: string): number {
  const rate = Number(taxRate);
  if (!(rate >= 0 && rate <= 1)) throw new RangeError(`the tax rate must be a number from 0 to 1, got ${taxRate}`);
  return Math.round(net * (1 - discount) * (1 + rate) * 100) / 100;
}

/** Asks the pricing function, through its alias. @throws CallFailed */
async function quote(items: number): Promise<number> {
  const FunctionName = setting('QUOTE_FUNCTION');
  const command = new InvokeCommand({ FunctionName, Payload: JSON.stringify({ items }) });
  const made = { name: 'Lambda', namespace: 'aws', aws: { operation: 'Invoke', function_name: FunctionName } } as const;
  const sending = subsegment(made, () => lambda.send(command));
  const { FunctionError, Payload } = await sending.catch((error: unknown) => {
    throw new CallFailed('quote', 'could not be invoked', error);
  });
  if (FunctionError || !Payload) throw new CallFailed('quote', `failed: ${FunctionError ?? 'no answer'}`);
  return (JSON.parse(Buffer.from(Payload).toString()) as { price: number }).price;
}

async function enqueue(order: object): Promise<void> {
  const QueueUrl = setting('QUEUE_URL');
  const command = new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(order) });
  const made = { name: 'SQS', namespace: 'aws', aws: { operation: 'SendMessage', queue_url: QueueUrl } } as const;
  await subsegment(made, () => sqs.send(command)).catch((error: unknown) => {
    throw new CallFailed('queue', 'did not take the order', error);
  });
}
