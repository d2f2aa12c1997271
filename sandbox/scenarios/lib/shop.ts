import type { CustomerRecord } from '../../load/record.ts';
import type { Load } from '../../load/load.ts';
import { type Traffic, USUAL } from '../../load/traffic.ts';
import { type CopySpec, ledgerOf, names, QUOTE_ALIAS, type Service, type WebService } from '../../shop/copy.ts';
import { type Account, type Clients } from './clients.ts';
import { Owner } from './owner.ts';
import { readState, type ShopState, unwell } from './state.ts';

/** A path that is served by that service alone, without a call to another. */
const OWN_PATH: Readonly<Record<WebService, string>> = { web: '/offers', orders: '/history', inventory: '/' };

/** One deployed shop: what it is, who owns it, who shops there. */
export class Shop {
  readonly copy: CopySpec;
  readonly owner: Owner;
  readonly #account: Account;
  readonly #clients: Clients;
  readonly #load: Load;
  readonly #address: string;
  #open = false;

  constructor(copy: CopySpec, parts: { account: Account; clients: Clients; load: Load; address: string }) {
    this.copy = copy;
    this.owner = new Owner(copy.name, parts.clients);
    this.#account = parts.account;
    this.#clients = parts.clients;
    this.#load = parts.load;
    this.#address = parts.address;
  }

  serviceArn(service: Service): string {
    return this.#arn('ecs', `service/${names.cluster(this.copy.name)}/${names.service(this.copy.name, service)}`);
  }

  get quoteArn(): string {
    return this.#arn('lambda', `function:${names.quote(this.copy.name)}:${QUOTE_ALIAS}`);
  }

  parameterArn(service: Service, parameter: string): string {
    return this.#arn('ssm', `parameter${names.parameter(this.copy.name, service, parameter)}`);
  }

  #arn(service: string, resource: string): string {
    const { region, accountId } = this.#account;
    return `arn:aws:${service}:${region}:${accountId}:${resource}`;
  }

  get customers(): CustomerRecord {
    return this.#load.record(this.copy.name);
  }

  /** Customers come as on a usual day. An open shop stays as it is. */
  open(traffic: Traffic = USUAL): void {
    if (this.#open) return;
    this.#open = true;
    this.#load.begin(this.copy.name, 'customers', this.#address, traffic);
  }

  close(): void {
    this.#open = false;
    for (const stream of ['customers', 'sale', 'crawler', 'subscribers']) this.#load.end(this.copy.name, stream);
  }

  /** A sale draws `rate` more customers a second with large baskets to what one service serves alone. */
  sale(service: WebService, rate: number): void {
    this.#load.begin(this.copy.name, 'sale', this.#address, { rate, items: 10, mix: { [OWN_PATH[service]]: 1 } });
  }

  /** A crawler asks one service for `rate` searches a second, each for something new. */
  crawl(service: WebService, rate: number): void {
    const mix = { [`/search/${service}`]: 1 };
    this.#load.begin(this.copy.name, 'crawler', this.#address, { rate, items: 1, mix, counted: false });
  }

  /** Visitors ask for news of their order, `rate` a second, and go away without a word. */
  subscribe(service: WebService, rate: number): void {
    const mix = { [`/news/${service}`]: 1 };
    this.#load.begin(this.copy.name, 'subscribers', this.#address, { rate, items: 1, mix, counted: false });
  }

  endSubscribers(): void {
    this.#load.end(this.copy.name, 'subscribers');
  }

  endCrawl(): void {
    this.#load.end(this.copy.name, 'crawler');
  }

  /** A visitor sends the one search that ends the task which serves it. */
  async deadlySearch(service: WebService): Promise<void> {
    await fetch(`${this.#address}/search/${service}?q=%25`).catch(() => undefined);
  }

  /** Whether the payment provider, which is outside the account, answers this shop. */
  payments(up: boolean): void {
    this.#load.payments(this.copy.name, up);
  }

  /** Whether the shop's ledger, which is outside the account, takes entries. */
  ledger(up: boolean): void {
    this.#load.payments(ledgerOf(this.copy.name), up);
  }

  state(): Promise<ShopState> {
    return readState(this.copy.name, this.#clients);
  }

  /** What is not well, seen from outside: tasks, targets, deployments, and what customers got in the last `seconds`. */
  async unwell(seconds = 15): Promise<readonly string[]> {
    const now = Math.floor(Date.now() / 1000) - 1;
    const share = this.customers.availability(now - seconds, now);
    const customers =
      share === undefined
        ? 'no customer came'
        : share < 0.99
          ? `${(share * 100).toFixed(1)} % of requests succeed`
          : undefined;
    return [...unwell(await this.state()), ...(customers ? [`in the last ${seconds} s ${customers}`] : [])];
  }
}
