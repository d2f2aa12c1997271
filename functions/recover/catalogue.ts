import type { Action } from '../../layers/core/action.ts';
import { actions as generated } from './actions.generated.ts';

export type ActionCatalogue = Readonly<Record<string, Action>>;

/** Every action there is, by name. What parameters one takes is its own affair: its schema checks them. */
export const actions = generated as unknown as ActionCatalogue;

/** @throws Error naming the actions there are */
export function actionNamed(name: string, catalogue: ActionCatalogue = actions): Action {
  const action = catalogue[name];
  if (action) return action;
  throw new Error(`there is no action ${name}; there are ${Object.keys(catalogue).sort().join(', ')}`);
}
