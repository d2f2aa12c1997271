import { paginateListAliases, paginateListFunctions, type LambdaClient } from '@aws-sdk/client-lambda';

/** While an alias was seen to point at a version, between two times (epoch milliseconds). */
interface Pointing {
  readonly alias: string;
  readonly version: string;
  /** The last look before the alias was seen to point there. */
  readonly from: number;
  readonly seen: number;
  to: number;
}

/** The account's functions: where each writes its log, and which versions its aliases point at, and did lately. */
export class Functions {
  readonly #client: LambdaClient;
  readonly #pointings = new Map<string, Pointing[]>();
  readonly #looked = new Map<string, number>();
  #byGroup: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(client: LambdaClient) {
    this.#client = client;
  }

  /** Log groups with the functions that write to them. */
  get groups(): ReadonlyMap<string, readonly string[]> {
    return this.#byGroup;
  }

  async refresh(): Promise<void> {
    const byGroup = new Map<string, string[]>();
    for await (const page of paginateListFunctions({ client: this.#client }, {})) {
      for (const { FunctionName: name = '', LoggingConfig } of page.Functions ?? []) {
        const group = LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`;
        byGroup.set(group, [...(byGroup.get(group) ?? []), name]);
      }
    }
    this.#byGroup = byGroup;
  }

  /** Reads where a function's aliases point now. An alias that moved since the last look moved at some time in between. */
  async look(name: string, now: number): Promise<void> {
    const known = this.#pointings.get(name) ?? [];
    const before = this.#looked.get(name) ?? 0;
    const current = known.filter((p) => p.to === Infinity);
    const seen = new Set<Pointing>();
    for await (const page of paginateListAliases({ client: this.#client }, { FunctionName: name })) {
      for (const { Name: alias = '', FunctionVersion: version = '' } of page.Aliases ?? []) {
        const same = current.find((p) => p.alias === alias && p.version === version);
        if (same) seen.add(same);
        else known.push({ alias, version, from: before, seen: now, to: Infinity });
      }
    }
    for (const gone of current) if (!seen.has(gone)) gone.to = now;
    this.#pointings.set(name, known);
    this.#looked.set(name, now);
  }

  /**
   * The aliases that pointed at a version at a time. Where an alias moved more than once between two looks, the versions in
   * between were never seen: a version that no alias is known for counts for the alias that moved at that time.
   */
  aliasesOf(name: string, version: string, time: Date): readonly string[] {
    const at = time.getTime();
    const then = (this.#pointings.get(name) ?? []).filter((p) => p.from <= at && at <= p.to);
    const exact = then.filter((p) => p.version === version);
    if (exact.length > 0 || version === '$LATEST') return unique(exact);
    return unique(then.filter((p) => p.from > 0 && at <= p.seen));
  }
}

const unique = (pointings: readonly Pointing[]): readonly string[] => [...new Set(pointings.map((p) => p.alias))];
