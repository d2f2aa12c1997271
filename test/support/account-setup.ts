import { createServer, type Server } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import type { DeployRequest } from '../../sandbox/deploy/cdk.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Where tests ask for the account that they share. */
    readonly accountControl: string;
  }
}

/**
 * One local account for a whole run, started when the first test asks for it. It lives in the process that runs the
 * tests' workers, which ask over loopback.
 */
class SharedAccount {
  readonly #server: Server;
  readonly control: Promise<string>;
  #sandbox: Promise<Sandbox> | undefined;
  #stateDir: string | undefined;
  users = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const input = JSON.parse(Buffer.concat(chunks).toString() || '{}') as DeployRequest & { stackName: string };
        this.#answer(request.url ?? '', input).then(
          (result) => response.end(JSON.stringify({ result })),
          (error: unknown) =>
            response.end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) })),
        );
      });
    });
    this.control = new Promise((resolve) => {
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        if (address !== null && typeof address === 'object') resolve(`http://127.0.0.1:${address.port}`);
      });
    });
    this.#server.unref();
  }

  async stop(): Promise<void> {
    await (await this.#sandbox)?.stop();
    if (this.#stateDir !== undefined) await rm(this.#stateDir, { recursive: true, force: true });
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #answer(path: string, input: DeployRequest & { readonly stackName: string }): Promise<unknown> {
    const sandbox = await (this.#sandbox ??= this.#start());
    if (path === '/account') return { endpoint: sandbox.endpoint, env: sandbox.env };
    if (path === '/deploy') return sandbox.deploy(input);
    if (path === '/difference') return sandbox.difference(input.stackName);
    if (path === '/resources') return sandbox.resources();
    throw new Error(`the shared account does not answer ${path}`);
  }

  async #start(): Promise<Sandbox> {
    const { startSandbox } = await import('../../sandbox/sandbox.ts');
    this.#stateDir = await mkdtemp(join(tmpdir(), 'prunella-account-'));
    return startSandbox({ stateDir: this.#stateDir });
  }
}

const key = Symbol.for('prunella.shared-account');
const shared = globalThis as { [key]?: SharedAccount };

/** Each project of the configuration runs this; they share the one account. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const account = (shared[key] ??= new SharedAccount());
  account.users += 1;
  project.provide('accountControl', await account.control);
  return async () => {
    account.users -= 1;
    if (account.users > 0) return;
    delete shared[key];
    await account.stop();
  };
}
