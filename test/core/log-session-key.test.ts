import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_SESSION, parseSessionKey, sessionIn } from '../../layers/core/log-session-key.ts';

const UUID = '8476a536-e9f4-11e8-9739-2dfe598c3fcd';
const OTHER = '1af8c0d2-0000-4d11-9b1c-3f0f8e6f7a55';
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const XRAY = '1-5759e988-bd862e3fe1be46a994272793';
const key = (text: string, field?: string) => sessionIn(text, field === undefined ? {} : { field })?.key;

describe('the session of a line', () => {
  it.each([
    ['the start of an invocation', `START RequestId: ${UUID} Version: 3`],
    ['its end', `END RequestId: ${UUID}`],
    ['its report', `REPORT RequestId: ${UUID}\tDuration: 12 ms\tXRAY TraceId: ${XRAY}\tSegmentId: 1\tSampled: true`],
    ['a line of Node.js', `2026-11-01T12:00:00.123Z\t${UUID}\tINFO\torder placed`],
    ['a line of Python', `[INFO]\t2026-11-01T12:00:00.123Z\t${UUID}\torder placed`],
    ['a timeout', `2026-11-01T12:00:00.123Z ${UUID} Task timed out after 3.00 seconds`],
    ["Lambda's own JSON", `{"time":"2026","type":"platform.start","record":{"requestId":"${UUID}","version":"3"}}`],
    ["the runtime's JSON", `{"timestamp":"2026","level":"INFO","requestId":"${UUID}","message":"order placed"}`],
    ['Powertools', `{"level":"INFO","message":"x","correlation_id":"${OTHER}","function_request_id":"${UUID}"}`],
    ['log4j for Lambda', `{"message":"x","AWSRequestId":"${UUID}"}`],
    ['a pair in text', `INFO order placed request_id=${UUID} in 12 ms`],
    ['a quoted pair in text', `INFO order placed {"requestId": "${UUID}"}`],
  ])('is the request that Lambda or a library names: %s', (_, text) => {
    expect(key(text)).toBe(key(`START RequestId: ${UUID} Version: 1`));
    expect(key(text)).toMatch(/^[\da-f]{8}$/);
  });

  it.each([
    [`{"body":"x","trace_id":"${TRACE}","span_id":"00f067aa0ba902b7"}`],
    [`{"message":"x","traceId":"${TRACE}"}`],
    [`INFO [main] trace_id=${TRACE} span_id=00f067aa0ba902b7 trace_flags=01 placed`],
  ])('is the trace where nothing names a request: %s', (text) => {
    expect(key(text)).toBe(key(`{"traceId":"${TRACE}"}`));
  });

  it("is X-Ray's trace wherever it stands", () => {
    expect(key(`forwarded with Root=${XRAY};Parent=53995c3f42cd8ad8`)).toBe(key(`{"a":{"b":"${XRAY}"}}`));
  });

  it.each([
    ['order 17 placed'],
    ['{"message":"order placed","level":"INFO"}'],
    ['{"requestId":"-"}'],
    ['{"trace_id":"00000000000000000000000000000000"}'],
    ['{"requestId":"undefined"}'],
    ['{"correlationId":"order-service"}'],
    ['{"requestId":17}'],
    [`2026-11-01T12:00:00.123Z\tundefined\tINFO\tbefore any request`],
    ['{"half'],
    [''],
  ])('is none where nothing names one for certain: %s', (text) => {
    expect(key(text)).toBeUndefined();
  });

  it.each([
    ['{"order":{"id":"A7"},"message":"x"}', 'order.id'],
    ['{"order.id":"A7"}', 'order.id'],
    ['placed order.id=A7, 3 items', 'order.id'],
    ["placed order.id: 'A7'", 'order.id'],
  ])('is what its owner names: %s', (text, field) => {
    expect(key(text, field)).toBe(key('{"id":"A7"}', 'id'));
    expect(key(text, 'id')).toBeUndefined();
    expect(key(text, 'none')).toBeUndefined();
  });

  it('may be a number where its owner says so, and nobody is told it', () => {
    expect(key('{"order":1789123}', 'order')).toBe(key('took order=1789123', 'order'));
    expect(JSON.stringify(sessionIn('{"order":1789123}', { field: 'order' }))).not.toContain('1789123');
  });

  it('ends with the report of Lambda, and with nothing else', () => {
    const ends = (text: string) => sessionIn(text)?.ends;

    expect(ends(`REPORT RequestId: ${UUID}\tDuration: 12 ms`)).toBe(true);
    expect(ends(`{"time":"2026","type":"platform.report","record":{"requestId":"${UUID}"}}`)).toBe(true);
    expect(ends(`END RequestId: ${UUID}`)).toBe(false);
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.option(fc.string(), { nil: undefined }), (text, field) => {
        const found = sessionIn(text, field === undefined ? {} : { field });

        expect(found === undefined || /^[\da-f]{8}$/.test(found.key)).toBe(true);
      }),
    );
  });

  it('is found in time that grows with the line, and not with its square', () => {
    const long = 'request_id='.repeat(40_000);
    const began = performance.now();

    key(long);
    key(long, 'request_id');

    expect(performance.now() - began).toBeLessThan(2000);
  });
});

describe('the tag', () => {
  it('names a field, and how long a session may be silent', () => {
    expect(parseSessionKey(' order.id ')).toEqual({ field: 'order.id', idle: DEFAULT_SESSION.idle });
    expect(parseSessionKey('orderId idle=300')).toEqual({ field: 'orderId', idle: 300 });
    expect(parseSessionKey('none')).toMatchObject({ field: 'none' });
  });

  it.each([
    ['', 'no name of a field'],
    ['the=id', 'no name of a field'],
    ['orderId 300', '"300" is not idle=SECONDS'],
    ['orderId idle=5m', '"idle=5m" is not idle=SECONDS'],
    ['orderId idle=9 idle=9', 'is not idle=SECONDS'],
    ['orderId idle=2', 'from 5 to 3600'],
    ['orderId idle=86400', 'from 5 to 3600'],
  ])('that cannot be read says why: %s', (text, why) => {
    const { misread } = parseSessionKey(text) as { misread: string };

    expect(misread).toContain(why);
    expect(misread).toContain('supply "requestId"');
  });
});
