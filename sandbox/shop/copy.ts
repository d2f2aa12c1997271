import * as z from 'zod';
import { Mode } from '../../layers/core/mode.ts';
import { NAMESPACE } from './code/lib/metrics.ts';

/** The services of one shop. All but the worker stand behind a load balancer. */
export const SERVICES = ['web', 'orders', 'inventory', 'worker'] as const;
export const Service = z.enum(SERVICES);
export type Service = z.infer<typeof Service>;
/** The services that answer requests. */
export type WebService = Exclude<Service, 'worker'>;
export const WEB_SERVICES = ['web', 'orders', 'inventory'] as const satisfies readonly WebService[];

/** The settings each service reads from a parameter when it starts: variable name to parameter name and value. */
export const SETTINGS = {
  web: { BACKEND_TIMEOUT_MS: { parameter: 'backend-timeout-ms', value: '2500' } },
  orders: {
    TAX_RATE: { parameter: 'tax-rate', value: '0.19' },
    INVENTORY_TIMEOUT_MS: { parameter: 'inventory-timeout-ms', value: '2000' },
  },
  inventory: { WAREHOUSES: { parameter: 'warehouses', value: 'north,south' } },
  worker: {},
} as const satisfies Record<Service, Record<string, { parameter: string; value: string }>>;

/** One shop in the account: its own cluster, fleet tag, load balancers, parameters and alarms. */
export const CopySpec = z.object({
  /** Prefix of all names; at most 20 characters, as a target group's name may have 32. */
  name: z.string().regex(/^[a-z][a-z0-9-]{0,19}$/, 'supply 1-20 small letters, digits or hyphens'),
  /** How far Prunella may go with the services and the pricing function. */
  mode: Mode,
  /** Services whose owners were content with alarms of a minute. The others have alarms of ten seconds as well. */
  minuteAlarmsOnly: z.array(Service).default([]),
  /** Metrics that the owner gives a limit, as tags of the service: `Connections above=200 period=10`. */
  limits: z.partialRecord(Service, z.string()).default({}),
  /** ECS's own deployment circuit breaker with rollback. */
  circuitBreaker: z.boolean().default(false),
  /** Whether inventory and worker write into a ledger outside the account. */
  ledger: z.boolean().default(false),
  /** Where the payment provider answers, without a slash at the end. */
  paymentsUrl: z.url(),
});
export type CopySpec = z.infer<typeof CopySpec>;

/** Where a shop's ledger is, among whose payment providers are. */
export const ledgerOf = (copy: string): string => `${copy}-ledger`;

export const names = {
  cluster: (copy: string) => copy,
  service: (copy: string, service: Service) => `${copy}-${service}`,
  parameter: (copy: string, service: Service, parameter: string) => `/${copy}/${service}/${parameter}`,
  quote: (copy: string) => `${copy}-quote`,
  queue: (copy: string) => `${copy}-orders`,
  table: (copy: string) => `${copy}-orders`,
  stack: (copy: string) => `Shop-${copy}`,
} as const;

/** The alias through which the shop calls its pricing function. */
export const QUOTE_ALIAS = 'live';

/** One of the shop's own metrics as Prunella's tags name it: `Connections above=200 period=10` of a service. */
export function metricTag(service: string, metric: string): string {
  const [name = '', ...words] = metric.split(' ');
  return [NAMESPACE, name, `Service=${service}`, ...words].join(' ');
}
