import { ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api';
import { provideClient } from './registry.ts';

provideClient('tagging', { prefix: 'tag', make: (settings) => new ResourceGroupsTaggingAPIClient(settings) });
