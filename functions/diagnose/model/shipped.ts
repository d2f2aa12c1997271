import type { Forest } from '../classify/forest.ts';
import faults from './faults.json' with { type: 'json' };
import { PackedForest, unpack } from './packed-forest.ts';

let unpacked: Forest | undefined;

/** The model of this release: unpacked once, when it is first asked. @throws ZodError when the file is damaged */
export const shippedModel = (): Forest => (unpacked ??= unpack(PackedForest.parse(faults)));
