import type { FunctionName } from './functions.ts';

/** What a function may do with a table, and the IAM action that it is. */
export const TABLE_ACTIONS = {
  get: 'dynamodb:GetItem',
  getMany: 'dynamodb:BatchGetItem',
  query: 'dynamodb:Query',
  /** Reads a table as a whole: only `control` stays small enough. */
  scan: 'dynamodb:Scan',
  /** A condition on a record that the same transaction does not write. */
  check: 'dynamodb:ConditionCheckItem',
  put: 'dynamodb:PutItem',
  update: 'dynamodb:UpdateItem',
  delete: 'dynamodb:DeleteItem',
} as const;
export type TableRight = keyof typeof TABLE_ACTIONS;
export type TableName = 'incidents' | 'audit' | 'knowledge' | 'control';

/**
 * What each function may do with each table: what its code sends, and no more. test/infra/rights.test.ts reads the code
 * and says what is missing here, and what nothing sends.
 *
 * On `audit` there is `put` and nothing else that writes. The entry, its event's mark and the new head of the chain are
 * put in one transaction, the first two where nothing is, the head where it still is the one read. IAM knows neither a
 * write's condition nor a sort key, so it cannot refuse a put over an entry that is there; that is found by the hash
 * chain, whose heads also stand in the execution history, which nobody can rewrite. Updating and deleting the table's
 * own policy denies to everybody.
 */
export const TABLE_RIGHTS: Readonly<Record<FunctionName, Readonly<Partial<Record<TableName, readonly TableRight[]>>>>> =
  {
    Intake: {
      incidents: ['get', 'getMany', 'query', 'put', 'update'],
      knowledge: ['get', 'query'],
      control: ['get', 'check', 'put', 'update'],
    },
    Discover: {
      knowledge: ['get', 'getMany', 'query', 'put', 'update', 'delete'],
      control: ['get'],
    },
    Changes: {
      knowledge: ['get', 'getMany', 'query', 'put', 'update', 'delete'],
    },
    Reconcile: {
      incidents: ['get', 'getMany', 'query', 'put', 'update'],
      audit: ['get', 'put'],
      knowledge: ['get', 'getMany', 'query'],
      control: ['get', 'getMany', 'query', 'scan', 'check', 'put', 'update', 'delete'],
    },
    WatchPlan: {
      knowledge: ['getMany', 'query', 'update', 'delete'],
    },
    Watch: {
      knowledge: ['getMany', 'query', 'put', 'update'],
    },
    Probe: {
      knowledge: ['query', 'put', 'delete'],
    },
    Train: {
      incidents: ['query'],
      knowledge: ['get', 'getMany', 'query', 'put', 'update', 'delete'],
    },
    Detect: {
      incidents: ['get', 'query', 'update'],
      audit: ['get', 'put'],
      knowledge: ['get'],
      control: ['get'],
    },
    Diagnose: {
      incidents: ['get', 'query', 'check', 'put', 'update'],
      audit: ['get', 'put'],
      knowledge: ['get', 'query', 'update'],
      control: ['get', 'update'],
    },
    Decide: {
      incidents: ['get', 'query', 'check', 'put', 'update'],
      audit: ['get', 'put'],
      knowledge: ['get', 'query'],
      control: ['get', 'scan', 'update'],
    },
    Approval: {
      incidents: ['get', 'query'],
      audit: ['get', 'put'],
      control: ['get', 'put'],
    },
    ApprovalAnswer: {
      audit: ['get', 'query', 'put'],
      control: ['get', 'query', 'update'],
    },
    Recover: {
      incidents: ['get', 'query', 'update'],
      audit: ['get', 'put'],
      knowledge: ['get', 'query', 'check'],
      control: ['get', 'getMany', 'scan', 'check', 'put', 'update'],
    },
    Verify: {
      incidents: ['get', 'query', 'update'],
      audit: ['get', 'put'],
      knowledge: ['get', 'query'],
      control: ['get', 'getMany', 'put', 'update'],
    },
    Rollback: {
      incidents: ['get', 'query', 'update'],
      audit: ['get', 'put'],
      knowledge: ['query'],
      control: ['get', 'getMany', 'scan', 'put', 'update'],
    },
    Learn: {
      incidents: ['get', 'query', 'update'],
      audit: ['get', 'put'],
      knowledge: ['get', 'put', 'update'],
      control: ['get', 'getMany', 'put', 'delete'],
    },
    Escalate: {
      incidents: ['get', 'query', 'update'],
      audit: ['get', 'put'],
      control: ['get', 'getMany', 'scan', 'put', 'update', 'delete'],
    },
    Close: {
      incidents: ['get', 'query', 'update'],
      audit: ['get', 'query', 'put'],
      knowledge: ['get', 'query', 'put', 'update', 'delete'],
      control: ['get', 'getMany', 'update', 'delete'],
    },
  };
