/**
 * Metrics in the embedded metric format (EMF), one line every ten seconds, at a resolution of one second so that alarms
 * with a period of ten seconds can stand on them.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const NAMESPACE = 'Shop';
const PERIOD = 10_000;
/** EMF takes at most 100 values of one metric in a line. */
const VALUES_AT_MOST = 100;

interface Window {
  requests: number;
  errors: number;
  latencies: number[];
}

/** What is counted as it is at the moment of writing, by the metric's name. */
export type Gauges = Readonly<Record<string, () => number>>;

const empty = (): Window => ({ requests: 0, errors: 0, latencies: [] });

export class Metrics {
  readonly #service: string;
  readonly #memoryLimit: number;
  readonly #gauges: Gauges;
  #window = empty();

  /** `memoryLimit` in MiB, 0 when it is not known. */
  constructor(service: string, memoryLimit: number, gauges: Gauges = {}) {
    this.#gauges = gauges;
    this.#service = service;
    this.#memoryLimit = memoryLimit;
  }

  count(latency: number, failed: boolean): void {
    this.#window.requests += 1;
    if (failed) this.#window.errors += 1;
    if (this.#window.latencies.length < VALUES_AT_MOST) this.#window.latencies.push(Math.round(latency));
  }

  /** Writes a line shortly before each full ten seconds, so that every period gets exactly one line from every task. */
  start(): void {
    const next = PERIOD - ((Date.now() + 500) % PERIOD);
    setTimeout(
      () => {
        this.#flush();
        this.start();
      },
      Math.max(next, 50),
    ).unref();
  }

  #flush(): void {
    const { requests, errors, latencies } = this.#window;
    this.#window = empty();
    const memory =
      this.#memoryLimit > 0 ? { Memory: round((process.memoryUsage.rss() / 1048576 / this.#memoryLimit) * 100) } : {};
    const latency = latencies.length > 0 ? { Latency: latencies } : {};
    const gauges = Object.fromEntries(Object.entries(this.#gauges).map(([name, read]) => [name, read()]));
    const values = { Requests: requests, Errors: errors, ...latency, ...memory, ...gauges };
    const units: Readonly<Record<string, string>> = {
      Requests: 'Count',
      Errors: 'Count',
      Latency: 'Milliseconds',
      Memory: 'Percent',
    };
    const metrics = Object.keys(values).map((Name) => ({ Name, Unit: units[Name] ?? 'Count', StorageResolution: 1 }));
    const directive = { Namespace: NAMESPACE, Dimensions: [['Service']], Metrics: metrics };
    console.log(
      JSON.stringify({
        _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] },
        Service: this.#service,
        ...values,
      }),
    );
  }
}

const round = (percent: number): number => Math.round(percent * 10) / 10;
