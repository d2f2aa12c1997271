import { XRayClient } from '@aws-sdk/client-xray';
import { provideClient } from './registry.ts';

provideClient('xray', { prefix: 'xray', make: (settings) => new XRayClient(settings) });
