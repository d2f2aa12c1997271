import type { Template } from './expression.ts';
import { carrier, type Rewritten } from './rewrite.ts';

/** How a rewritten template differs from what was deployed. */
export interface TemplateDifference {
  readonly stackName: string;
  /** Resources that the emulator was not given, by the type that the sandbox stands in for. */
  readonly replaced: Readonly<Record<string, readonly string[]>>;
  /** Resources of other types in which a reference was replaced by what AWS would have answered. */
  readonly references: readonly string[];
  /** Resources that only the rewritten template has. */
  readonly added: readonly string[];
}

/** Compares the two templates, not the list of what was meant to change. */
export function differences(stackName: string, original: Template, { template }: Rewritten): TemplateDifference {
  const replaced: Record<string, string[]> = {};
  const references: string[] = [];
  for (const [id, before] of Object.entries(original.Resources)) {
    const after = template.Resources[id];
    if (after?.Type !== before.Type) (replaced[before.Type] ??= []).push(id);
    else if (JSON.stringify(after) !== JSON.stringify(before)) references.push(id);
  }
  const added = Object.keys(template.Resources).filter((id) => !(id in original.Resources));
  return { stackName, replaced, references, added: added.map((id) => (id === carrier ? id : `unexpected ${id}`)) };
}
