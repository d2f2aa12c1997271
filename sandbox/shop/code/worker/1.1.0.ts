import { startWorker } from './service.ts';

/** Streets by the last digit of the customer's number; members' numbers end in 0, 1 or 2. */
const streets = new Map<number, { street: string }>([[9, { street: 'Main Street' }]]);

startWorker({
  labelFor: ({ customer }) => {
    const digit = customer % 10;
    return digit <= 2
      ? `customer ${customer}, ${(streets.get(digit) as { street: string }).street}`
      : `customer ${customer}`;
  },
});
