import { startWeb } from './service.ts';

startWeb({ greetingFor: () => 'Welcome' });
