import type { Evidence } from '../../../layers/core/evidence.ts';
import { versionName, type ModelInUse } from '../../../layers/core/model-version.ts';
import { decompressed } from '../../../layers/core/packed.ts';
import { redact } from '../../../layers/core/redact.ts';
import { featuresOf } from '../features/features.ts';
import { rootsOf } from '../roots/roots.ts';
import { byModel } from './by-model.ts';
import { OwnCases, refined } from './refine.ts';
import { shippedModel } from './shipped.ts';

/**
 * Evidence with what the account's own fault model holds, where one is in use; else the shipped one is asked, by `diagnose`.
 * What cannot be read becomes a gap; nothing here stops a diagnosis.
 */
export async function askOwnModel(evidence: Evidence, inUse: () => Promise<ModelInUse | undefined>): Promise<Evidence> {
  try {
    const found = await inUse();
    if (!found?.model) return evidence;
    const forest = refined(shippedModel(), OwnCases.parse(decompressed(found.model)));
    const hypotheses = byModel(evidence, featuresOf(evidence, rootsOf(evidence)), forest);
    return { ...evidence, modelled: { model: versionName(found), hypotheses } };
  } catch (error) {
    const gap = `the fault model of this account could not be read, the shipped one was asked: ${redact(String(error))}`;
    return { ...evidence, gaps: [...evidence.gaps, gap] };
  }
}
