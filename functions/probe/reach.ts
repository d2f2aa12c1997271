import { lookup as resolve, type LookupAddress } from 'node:dns';
import { request as http, type RequestOptions } from 'node:http';
import { request as https } from 'node:https';
import { connect, isIP, type LookupFunction } from 'node:net';
import type { Probe, ProbeFailure, ProbePolicy, Reached } from '../../layers/core/probe.ts';
import { refusalOf } from './address.ts';

/** It may not be asked at all. */
class Refused extends Error {
  override readonly name = 'Refused';
}

/**
 * Asks once. Connects only to an address that was looked at: a name is resolved once, so that it cannot lead elsewhere at the
 * second time. No redirect is followed, no body is read, and nothing but the status is looked at. Never rejects.
 */
export async function reach(probe: Probe, policy: Pick<ProbePolicy, 'loopback'>): Promise<Reached> {
  const limit = AbortSignal.timeout(probe.timeout * 1000);
  try {
    return await ask(probe, policy, limit);
  } catch (error) {
    if (limit.aborted) return failed('silent', `no answer within ${probe.timeout} s`);
    return explained(error);
  }
}

function ask(probe: Probe, policy: Pick<ProbePolicy, 'loopback'>, limit: AbortSignal): Promise<Reached> {
  const url = new URL(probe.target);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const refusal = isIP(host) ? refusalOf(host, policy) : undefined; // an address is not looked up
  if (refusal) throw new Refused(refusal);
  const lookup = lookupWithin(policy);
  return url.protocol === 'tcp:'
    ? askTcp(host, Number(url.port), lookup, limit)
    : askHttp(url, probe.status, { lookup, signal: limit });
}

function askTcp(host: string, port: number, lookup: LookupFunction, signal: AbortSignal): Promise<Reached> {
  return new Promise((answer, fail) => {
    const socket = connect({ host, port, lookup, signal });
    socket.once('error', fail).once('connect', () => {
      socket.destroy();
      answer({ ok: true });
    });
  });
}

function askHttp(url: URL, [first, last]: Probe['status'], within: RequestOptions): Promise<Reached> {
  return new Promise((answer, fail) => {
    const headers = { 'user-agent': 'prunella-probe', connection: 'close' };
    const send = url.protocol === 'https:' ? https : http;
    const request = send(url, { ...within, agent: false, headers, maxHeaderSize: 16_384 });
    request.once('error', fail).once('response', ({ statusCode = 0 }) => {
      request.destroy(); // the body stays where it is
      const well = statusCode >= first && statusCode <= last;
      answer(well ? { ok: true } : failed('wrong', `it answered with status ${statusCode}`));
    });
    request.end();
  });
}

/** Resolves a name, and refuses it where any of its addresses may not be asked. */
function lookupWithin(policy: Pick<ProbePolicy, 'loopback'>): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { ...options, all: true }, (error, found) => {
      const refusals = error ? [] : found.flatMap(({ address }) => refusalOf(address, policy) ?? []);
      const wrong = error ?? (refusals.length > 0 ? new Refused(refusals.join(', ')) : null);
      if (wrong) return callback(wrong, '', 4);
      const [one] = found as [LookupAddress];
      if (options.all) callback(null, found);
      else callback(null, one.address, one.family);
    });
  };
}

const failed = (failure: ProbeFailure, why: string): Reached => ({ ok: false, failure, why });

/** What nobody answered; anything else is an answer, though no good one. */
const SILENT = /^(ECONNREFUSED|ECONNRESET|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ETIMEDOUT|EPIPE)$/;

/** By its code alone: a message may hold what was answered. */
function explained(error: unknown): Reached {
  if (error instanceof Refused) return { ok: false, failure: 'refused', why: error.message };
  const { code = 'unknown error' } = error as { readonly code?: string };
  const codes = error instanceof AggregateError ? (error.errors as { code?: string }[]).map((one) => one.code) : [code];
  const said = codes[0] ?? code;
  return failed(SILENT.test(said) ? 'silent' : 'wrong', `it could not be asked: ${said}`);
}
