/** The table `knowledge`: what there is, what changed, and what helped. */
export {
  allResources,
  fleetSize,
  listedArns,
  listUnresolved,
  putAlarmIndex,
  putResource,
  putUnresolved,
  recordsOf,
  removeResource,
  resource,
  resourceOfAlarm,
  resourceOfTargetGroup,
} from './inventory.ts';
export type { UnresolvedAlarm } from './inventory.ts';
export { dependents, recordTopology, topologyVersion, topologyVersions } from './topology.ts';
export type { TopologyVersion } from './topology.ts';
export { changes, recordChange, recordTwin } from './changes.ts';
export { healthNotices, recordHealthNotice } from './health-notices.ts';
export { causes, forgetIncidents, judgeDiagnosis, pastIncidents, rememberIncident } from './experience.ts';
export type { Judged } from './experience.ts';
export { fixes, learn, ownOutcomes, posteriors, takeBack } from './fixes.ts';
export type { Fix, FixKey, Lesson, Moved } from './fixes.ts';
export { forgetProbe, keepProbeState, probes, probeStates } from './probes.ts';
export type { Probed, ProbeState } from './probes.ts';
export { learnedSequences, putSequences } from './sequences.ts';
export {
  dueOf,
  hasten,
  keepSeries,
  NEVER,
  predictions,
  putWatches,
  seriesKept,
  watchClosely,
  watches,
} from './watches.ts';
export type { JudgedForecast, KeptSeries, SeriesName, Watch } from './watches.ts';
export { foretoldFailures, judgeFailing, openFailures, rememberFailing } from './failing.ts';
export type { ForetoldFailure } from './failing.ts';
export { faultModelInUse, models, modelsInUse, putModel, putTrained, setModel, trained } from './models.ts';
export type { KnownModels } from './models.ts';
