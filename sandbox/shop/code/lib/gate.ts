/** Thrown when a request finds every slot taken and the queue full, or waits longer than it may. Answered with 503. */
export class Busy extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'Busy';
  }
}

export interface GateOptions {
  /** Requests served at once by one task. */
  readonly slots: number;
  /** Requests that may wait for a slot. */
  readonly queue: number;
  /** How long a request waits at most, in milliseconds. */
  readonly patience: number;
}

/** Bounds what one task does at once, as a connection pool or a thread pool would: more tasks mean more capacity. */
export class Gate {
  readonly #options: GateOptions;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** @throws Busy when there is no slot and no place in the queue, or the wait was too long. */
  async through<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #enter(): Promise<void> {
    if (this.#taken < this.#options.slots) {
      this.#taken += 1;
      return Promise.resolve();
    }
    if (this.#waiting.length >= this.#options.queue)
      return Promise.reject(new Busy('every slot is taken and the queue is full'));
    return new Promise((resolve, reject) => {
      const admit = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(admit), 1);
        reject(new Busy('no slot became free in time'));
      }, this.#options.patience);
      this.#waiting.push(admit);
    });
  }

  /** Hands the slot to the one who has waited longest, or frees it. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#taken -= 1;
  }
}
