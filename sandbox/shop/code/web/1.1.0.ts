import { startWeb } from './service.ts';

/** Names by the last digit of the customer's number; members' numbers end in 0, 1 or 2. */
const members = new Map<number, { name: string }>([[9, { name: 'friend' }]]);

startWeb({
  greetingFor: (customer) => {
    const digit = customer % 10;
    return digit <= 2 ? `Welcome, ${(members.get(digit) as { name: string }).name}` : 'Welcome';
  },
});
