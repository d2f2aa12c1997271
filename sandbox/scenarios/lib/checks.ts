import { names, type Service, SETTINGS, type WebService } from '../../shop/copy.ts';
import type { OutsideView } from './scenario.ts';
import { changesBetween } from './state.ts';

interface Write {
  readonly parameter: string;
  readonly value: string;
}

/** What a person or a pipeline may get wrong in a parameter: a comma for a point, another separator, another unit. */
export const POISON: Readonly<Record<WebService, Write>> = {
  orders: { parameter: 'tax-rate', value: '0,19' },
  inventory: { parameter: 'warehouses', value: 'North;South' },
  web: { parameter: 'backend-timeout-ms', value: '5' },
};

/** A change of a parameter that changes nothing for the customers. */
export const HARMLESS: Readonly<Record<WebService, Write>> = {
  web: { parameter: 'backend-timeout-ms', value: '2400' },
  orders: { parameter: 'inventory-timeout-ms', value: '1900' },
  inventory: { parameter: 'warehouses', value: 'north,south,west' },
};

/** Whether a service runs the image it should. */
export function runs({ after }: OutsideView, service: Service, tag: string): readonly string[] {
  const found = after.services[service].tag;
  return found === tag ? [] : [`${service} should run ${tag}, it runs ${found}`];
}

/** Whether no customer saw an error, from the fault's entry on. */
export const nobodyNoticed = ({ served }: OutsideView): readonly string[] =>
  served === undefined
    ? ['no customer came']
    : served < 1
      ? [`every customer should have been served, ${((1 - served) * 100).toFixed(2)} % of requests failed`]
      : [];

/** Whether a parameter has its value from before anything happened to it (again). */
export function restored({ copy, after }: OutsideView, service: WebService): readonly string[] {
  const { parameter } = POISON[service];
  const name = names.parameter(copy, service, parameter);
  const settings = Object.values<{ parameter: string; value: string }>(SETTINGS[service]);
  const good = settings.find((setting) => setting.parameter === parameter)?.value;
  const found = after.parameters[name]?.value;
  return found === good ? [] : [`${name} should be ${good ?? 'absent'} again, it is ${found ?? 'absent'}`];
}

/** Whether all is as it was before the fault, but for what starts with one of `except`. */
export function untouched({ before, after }: OutsideView, ...except: readonly string[]): readonly string[] {
  return changesBetween(before, after).filter((change) => !except.some((start) => change.startsWith(start)));
}
