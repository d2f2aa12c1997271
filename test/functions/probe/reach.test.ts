import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createTcp, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { refusalOf } from '../../../functions/probe/address.ts';
import { reach } from '../../../functions/probe/reach.ts';
import { parseProbe, type Probe, type Reached } from '../../../layers/core/probe.ts';

const open: Server[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function listening(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
const serving = (answer: RequestListener): Promise<number> => listening(createHttp(answer));

const HERE = { loopback: true };
const asking = (target: string, policy = HERE, changes: Partial<Probe> = {}): Promise<Reached> =>
  reach({ ...(parseProbe('probe', `${target} timeout=1`) as Probe), ...changes }, policy);

describe('a probe over HTTP', () => {
  it('is answered by the status that was asked for, and by no other', async () => {
    const port = await serving((request, response) => response.writeHead(request.url === '/ill' ? 503 : 204).end());

    expect(await asking(`http://127.0.0.1:${port}/well`)).toEqual({ ok: true });
    expect(await asking(`http://localhost:${port}/well`)).toEqual({ ok: true });
    expect(await asking(`http://127.0.0.1:${port}/ill`)).toEqual({
      ok: false,
      failure: 'wrong',
      why: 'it answered with status 503',
    });
    expect(await asking(`http://127.0.0.1:${port}/ill status=503`)).toEqual({ ok: true });
  });

  it('follows no redirect', async () => {
    const asked: string[] = [];
    const port = await serving((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(302, { location: '/elsewhere' }).end();
    });

    expect(await asking(`http://127.0.0.1:${port}/health`)).toMatchObject({ ok: false, failure: 'wrong' });
    expect(asked).toEqual(['/health']);
  });

  it('reads no body, however long it is, and keeps nothing of it', async () => {
    let sent = 0;
    const port = await serving((_, response) => {
      response.writeHead(500, 'hunter2', { 'x-secret': 'hunter2' });
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536, 'hunter2'))) sent += 65_536;
      };
      response.on('drain', more);
      more();
    });

    const reached = await asking(`http://127.0.0.1:${port}`);

    expect(reached).toEqual({ ok: false, failure: 'wrong', why: 'it answered with status 500' });
    expect(sent).toBeLessThan(10_000_000);
  });

  it('fails where it is not answered in time, or not in HTTP', async () => {
    const mute = await serving(() => undefined);
    const babble = await listening(createTcp((socket) => socket.end('hunter2 hunter2\r\n\r\n')));

    const started = performance.now();
    expect(await asking(`http://127.0.0.1:${mute}`)).toEqual({
      ok: false,
      failure: 'silent',
      why: 'no answer within 1 s',
    });
    expect(performance.now() - started).toBeLessThan(3_000);
    const answered = await asking(`http://127.0.0.1:${babble}`);
    expect(answered).toMatchObject({ ok: false, failure: 'wrong' });
    expect(JSON.stringify(answered)).not.toContain('hunter2');
  });
});

describe('a probe over TCP', () => {
  it('is answered where somebody listens', async () => {
    const port = await listening(createTcp((socket) => socket.destroy()));

    expect(await asking(`tcp://127.0.0.1:${port}`)).toEqual({ ok: true });
    open.pop()!.close();
    expect(await asking(`tcp://127.0.0.1:${port}`)).toEqual({
      ok: false,
      failure: 'silent',
      why: 'it could not be asked: ECONNREFUSED',
    });
  });
});

describe('an address', () => {
  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://169.254.170.2/v2/credentials',
    'http://2852039166/', // 169.254.169.254 as one number
    'http://0xa9.0xfe.0xa9.0xfe/',
    'tcp://169.254.169.254:80',
    'tcp://0xa9fea9fe:80',
    'http://[fd00:ec2::254]/',
    'http://[::ffff:169.254.169.254]/',
    'http://[64:ff9b::169.254.169.254]/',
    'http://[fe80::1]/',
    'http://0.0.0.0:9001/',
    'http://[::]:9001/',
  ])('%s is never asked, wherever the account is', async (target) => {
    expect(await asking(target)).toMatchObject({ ok: false, failure: 'refused' });
  });

  it.each([
    'http://127.0.0.1:9001/',
    'http://localhost:9001/',
    'tcp://127.1:9001',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
  ])('%s is not asked but on the local account', async (target) => {
    expect(await asking(target, { loopback: false })).toMatchObject({ ok: false, failure: 'refused' });
  });

  it('of a workload may be asked, private or public', () => {
    const all = ['10.0.0.5', '172.31.9.9', '192.168.1.1', '100.64.0.1', '52.95.110.1', 'fd12:3456::1', '2600:1f18::1'];

    expect(all.map((address) => refusalOf(address, { loopback: false }))).toEqual(all.map(() => undefined));
  });
});
