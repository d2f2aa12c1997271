import type { Carrier } from '../../../layers/core/signal.ts';

/** `CPUUtilization is 95, usual is 20 to 40`. */
export const sayCarrier = ({ series, value, usual: { low, high } }: Carrier): string =>
  `${series} is ${short(value)}, usual is ${short(low)} to ${short(high)}`;

/** Three digits tell enough. */
export const short = (value: number): string => String(Number(value.toPrecision(3)));
