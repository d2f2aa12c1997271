import type { Second } from './record.ts';
import type { Traffic } from './traffic.ts';

/** What the account's process tells the generator. A stream that is already there gets the new traffic. */
export type ToGenerator =
  | {
      readonly kind: 'begin';
      readonly copy: string;
      readonly stream: string;
      readonly url: string;
      readonly seed: number;
      readonly traffic: Traffic;
    }
  | { readonly kind: 'end'; readonly copy: string; readonly stream: string }
  | { readonly kind: 'payments'; readonly copy: string; readonly up: boolean };

/** What the generator tells the account's process. */
export type FromGenerator =
  | { readonly kind: 'ready'; readonly paymentsUrl: string }
  | { readonly kind: 'seconds'; readonly copy: string; readonly seconds: readonly Second[] };
