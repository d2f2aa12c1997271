import { connect, type Socket } from 'node:net';

/** Thrown when the process may open no further connection. Answered with 500. */
export class NoConnection extends Error {
  constructor(open: number) {
    super(`no connection is left, ${open} are open`);
    this.name = 'NoConnection';
  }
}

/** So many connections one process may have open at a time. */
const AT_MOST = 200;

/**
 * The connections a process has to others. Who asks for news of an order gets one of their own, kept until they say goodbye;
 * nobody ever saw that some go away without a word.
 */
export class Connections {
  readonly #subscribed = new Set<Socket>();
  #inUse = 0;

  get open(): number {
    return this.#subscribed.size + this.#inUse;
  }

  /** Opens one that stays open. @throws NoConnection */
  subscribe(url: string): { readonly subscribed: true } {
    this.#mayOpen();
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    socket.on('error', () => undefined); // whether it still works is found out when there is news
    this.#subscribed.add(socket.unref());
    return { subscribed: true };
  }

  /** Takes one for as long as the work lasts. @throws NoConnection */
  async through<T>(work: () => Promise<T>): Promise<T> {
    this.#mayOpen();
    this.#inUse += 1;
    try {
      return await work();
    } finally {
      this.#inUse -= 1;
    }
  }

  #mayOpen(): void {
    if (this.open >= AT_MOST) throw new NoConnection(this.open);
  }
}
