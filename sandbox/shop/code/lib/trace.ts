import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';

/** What X-Ray is told of a call that is made for a request. */
export interface CallMade {
  readonly name: string;
  readonly namespace: 'remote' | 'aws';
  readonly aws?: Readonly<Record<string, string>>;
}

/** What serves a request is one segment of its trace; the calls it makes meanwhile are its subsegments. */
interface Open {
  readonly root: string;
  readonly sampled: boolean;
  readonly subsegments: object[];
}

const open = new AsyncLocalStorage<Open>();
/** `host:port` of X-Ray's daemon; nothing is traced without. */
const daemon = process.env['AWS_XRAY_DAEMON_ADDRESS'];
const socket = daemon === undefined ? undefined : createSocket('udp4').unref();

/**
 * Traces the serving of one request, if it is sampled.
 * @param header of the request, `X-Amzn-Trace-Id`
 * @param failed whether the answer is the program's own fault
 */
export async function segment<T>(
  name: string,
  header: string | undefined,
  work: () => Promise<T>,
  failed: (result: T) => boolean = () => false,
): Promise<T> {
  if (socket === undefined) return work();
  const told = Object.fromEntries((header ?? '').split(';').map((part) => part.trim().split('=', 2)));
  const sampled = told['Sampled'] === undefined ? sample() : told['Sampled'] === '1';
  const own: Open = { root: told['Root'] ?? newRoot(), sampled, subsegments: [] };
  if (!sampled) return open.run(own, work);
  const start_time = now();
  const end = (fault: boolean): void =>
    send({
      id: newId(),
      trace_id: own.root,
      ...(told['Parent'] ? { parent_id: told['Parent'] } : {}),
      name,
      origin: 'AWS::ECS::Container',
      start_time,
      end_time: now(),
      subsegments: own.subsegments,
      ...(fault ? { fault } : {}),
    });
  return finishing(open.run(own, work), end, failed);
}

/** Traces a call that is made for a request. `work` is given what the callee is to be told, in the header of the same name. */
export async function subsegment<T>(call: CallMade, work: (header: string | undefined) => Promise<T>): Promise<T> {
  const own = open.getStore();
  if (own === undefined) return work(undefined);
  if (!own.sampled) return work(`Root=${own.root};Sampled=0`);
  const [id, start_time] = [newId(), now()];
  const end = (fault: boolean): void =>
    void own.subsegments.push({ id, ...call, start_time, end_time: now(), ...(fault ? { fault } : {}) });
  return finishing(work(`Root=${own.root};Parent=${id};Sampled=1`), end, () => false);
}

async function finishing<T>(
  work: Promise<T>,
  end: (fault: boolean) => void,
  failed: (result: T) => boolean,
): Promise<T> {
  try {
    const result = await work;
    end(failed(result));
    return result;
  } catch (error) {
    end(true);
    throw error;
  }
}

let sampledIn = 0;

/** X-Ray's default: the first request of each second, and five in a hundred of the others. */
function sample(): boolean {
  const second = Math.floor(now());
  if (second === sampledIn) return Math.random() < 0.05;
  sampledIn = second;
  return true;
}

const now = (): number => Date.now() / 1000;
const newId = (): string => randomBytes(8).toString('hex');
const newRoot = (): string => `1-${Math.floor(now()).toString(16)}-${randomBytes(12).toString('hex')}`;

function send(document: object): void {
  const [host, port] = (daemon ?? '').split(':');
  // Whoever traces must not fail for it.
  socket?.send(`{"format": "json", "version": 1}\n${JSON.stringify(document)}`, Number(port), host, () => undefined);
}
