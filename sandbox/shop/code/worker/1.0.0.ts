import { startWorker } from './service.ts';

startWorker({ labelFor: (order) => `customer ${order.customer}` });
