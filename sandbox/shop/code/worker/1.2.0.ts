import { keepFresh } from '../lib/feed.ts';
import { startWorker } from './service.ts';

keepFresh('carriers');
startWorker({ labelFor: (order) => `customer ${order.customer}` });
