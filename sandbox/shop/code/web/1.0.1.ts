import { startWeb } from './service.ts';

startWeb({ greetingFor: (customer) => `Welcome, customer ${customer}` });
