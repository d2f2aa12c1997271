import { gunzipSync, gzipSync } from 'node:zlib';
import type { FailureModel } from './failure-model.ts';

/** A model as it is kept: JSON, compressed; about 20 KB. */
export const packModel = (model: FailureModel): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(gzipSync(JSON.stringify(model)));

/** The model that `packModel` wrote. */
export const unpackModel = (bytes: Uint8Array): FailureModel =>
  JSON.parse(gunzipSync(bytes).toString()) as FailureModel;
