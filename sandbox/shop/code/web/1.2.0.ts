import { keepFresh } from '../lib/feed.ts';
import { startWeb } from './service.ts';

keepFresh('banners');
startWeb({ greetingFor: () => 'Welcome' });
