import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { provideClient } from './registry.ts';

provideClient('logs', { prefix: 'logs', make: (settings) => new CloudWatchLogsClient(settings) });
