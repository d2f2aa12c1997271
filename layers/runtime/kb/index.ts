/** The knowledge base: one module a table. */
export * as audit from './audit.ts';
export * as control from './control.ts';
export * as incidents from './incidents.ts';
export * as knowledge from './knowledge.ts';
