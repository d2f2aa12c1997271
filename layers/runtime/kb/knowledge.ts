/** The table `knowledge`: what there is, what changed, and what helped. */
export {
  allResources,
  dependents,
  fleetSize,
  listedArns,
  listUnresolved,
  putAlarmIndex,
  putResource,
  putUnresolved,
  removeResource,
  resource,
  resourceOfAlarm,
  resourceOfTargetGroup,
} from './inventory.ts';
export type { UnresolvedAlarm } from './inventory.ts';
export { changes, recordChange, recordTwin } from './changes.ts';
export { fixes, learn, posteriors } from './fixes.ts';
export type { Fix, FixKey, Lesson } from './fixes.ts';
export { hasten, keepSeries, predictions, putWatches, seriesKept, watchedResources, watches } from './watches.ts';
export type { Judged, KeptSeries, SeriesName, Watch } from './watches.ts';
