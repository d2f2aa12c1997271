import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** X-Ray's daemon, which takes segments from the programs beside it: UDP packets of a header line and a segment document. */
export interface Daemon {
  /** Where programs send to: `AWS_XRAY_DAEMON_ADDRESS`. */
  readonly address: string;
  stop(): Promise<void>;
}

/** Starts one on a free loopback port. What comes without the header line is none of X-Ray's, and dropped. */
export async function startDaemon(take: (document: string) => void): Promise<Daemon> {
  const socket = createSocket('udp4');
  socket.on('message', (packet) => {
    const text = packet.toString();
    const end = text.indexOf('\n');
    if (/^\{\s*"format"\s*:\s*"json"/.test(text) && end >= 0) take(text.slice(end + 1));
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.unref();
  return {
    address: `127.0.0.1:${socket.address().port}`,
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
