import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { redact, redactDeep } from '../../layers/core/redact.ts';

/** Made up, in the shapes that real ones have. */
const SECRETS = {
  'a password in JSON': ['{"user":"ada","password":"correct horse"}', 'correct horse'],
  'a password in a connection string': ['postgres://shop:hunter2hunter2@db.internal:5432/orders', 'hunter2hunter2'],
  'an access key id': ['caller AKIAIOSFODNN7EXAMPLE was denied', 'AKIAIOSFODNN7EXAMPLE'],
  'a secret access key by its name': ['aws_secret_access_key = wJalrXUtnFEMI/K7MDENG', 'wJalrXUtnFEMI/K7MDENG'],
  'a bearer token': ['Authorization: Bearer abc.def.ghi-123', 'abc.def.ghi-123'],
  'a JSON Web Token': [
    'got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.dBjftJeZ4CVPmB92K27uhbUJU1p1r back',
    'dBjftJeZ4CVPmB92K27uhbUJU1p1r',
  ],
  'a private key': ['-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----', 'MIIEow'],
  'a token in a query string': ['GET /callback?access_token=s3cr3tvalue&state=1', 's3cr3tvalue'],
  'an API key variable': ['STRIPE_API_KEY=sk_test_notreal started', 'sk_test_notreal'],
  'a password of no user in a URL': ['redis://:hunter2hunter2@cache:6379', 'hunter2hunter2'],
  'a password with an @ in a URL': ['postgres://shop:hunter@2hunter2@db/orders', 'hunter@2hunter2'],
  'the password of a connection string': [
    'Server=tcp:db;User ID=app;Pwd=hunter2hunter2;Encrypt=True',
    'hunter2hunter2',
  ],
  'the key of a storage account': ['AccountName=a;AccountKey=cGxhbnRlZA==;EndpointSuffix=b', 'cGxhbnRlZA=='],
  'a short name of a password': ['DB_PASS=hunter2hunter2 started', 'hunter2hunter2'],
  'a secret in JSON within JSON': [
    JSON.stringify({ message: JSON.stringify({ clientSecret: 'hunter 2' }) }),
    'hunter 2',
  ],
  'a secret in a command line': ['exec worker --api-token hunter2hunter2 --verbose', 'hunter2hunter2'],
  'basic authentication': ['sent Basic dXNlcjpwYXNz to it', 'dXNlcjpwYXNz'],
  'a web hook': ['posted to https://hooks.slack.com/services/T00/B00/xYz123', 'T00/B00/xYz123'],
  'a signed URL': ['GET /o?X-Amz-Signature=0a1b2c&X-Amz-Date=1', '0a1b2c'],
  'a cookie': ['Cookie: session=s3cr3tvalue', 's3cr3tvalue'],
  'a GitHub token': [`cloned with ghp_${'a1B2'.repeat(9)}`, `ghp_${'a1B2'.repeat(9)}`],
} as const;

describe('redact', () => {
  test.each(Object.entries(SECRETS))('takes out %s', (_, [text, secret]) => {
    const redacted = redact(text);

    expect(redacted).not.toContain(secret);
    expect(redacted).toContain('[redacted]');
  });

  test('leaves what surrounds a secret readable', () => {
    expect(redact('GET /callback?access_token=s3cr3tvalue&state=1')).toBe(
      'GET /callback?access_token=[redacted]&state=1',
    );
    expect(redact('postgres://shop:hunter2@db:5432/orders')).toBe('postgres://shop:[redacted]@db:5432/orders');
  });

  test.each([
    'connect ECONNREFUSED 10.0.1.7:5432',
    'arn:aws:ecs:eu-west-1:111122223333:service/cluster/orders',
    'Cannot read properties of undefined (reading "id")',
    // The names of resources, whatever words are in them: an action is aimed by these.
    'arn:aws:lambda:eu-west-1:111122223333:function:token-refresh:live',
    'arn:aws:ecs:eu-west-1:111122223333:task-definition/secret-api:7',
    'arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-password-AbCdEf',
    'compass: 3 of 4 passed: all',
    'GET /orders/42 500 in 31 ms',
  ])('leaves %s as it is', (text) => {
    expect(redact(text)).toBe(text);
  });

  test('takes time in proportion to a long word, not to its square', () => {
    const started = performance.now();

    redact('x'.repeat(200_000));
    redact(`${'token-'.repeat(2_000)} `);
    redact('\\'.repeat(50_000));
    redact(`token${' '.repeat(50_000)}`);
    redact('://'.repeat(30_000));
    redact('arn:aws:'.repeat(20_000));

    expect(performance.now() - started).toBeLessThan(1_000);
  });

  test('changes nothing when it is applied again', () => {
    for (const [text] of Object.values(SECRETS)) expect(redact(redact(text))).toBe(redact(text));
  });
});

describe('redactDeep', () => {
  test('leaves the dimensions of a metric as they are, by which it is found', () => {
    const query = { metric: 'Errors', dimensions: { Resource: 'token-refresh:live' } };

    expect(redactDeep(query)).toEqual(query);
  });

  test('takes the same out of a text, whatever stands after it that calls for a closer look', () => {
    const pieces = [
      ...Object.values(SECRETS).map(([text]) => text),
      ...'pass pwd sig key = : x1 "q" Basic --token'.split(' '),
    ];
    const closer = '\nslack @ bearer basic secret';

    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 6 }), (parts) => {
        const text = `${parts.join(' ').replaceAll(/["'\\]|-----BEGIN/g, '')} end`;
        expect(redact(text + closer).startsWith(redact(text))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('keeps a key that JavaScript gives a meaning to', () => {
    const text = '{"__proto__":{"note":"kept"}}';

    expect(JSON.stringify(redactDeep(JSON.parse(text)))).toBe(text);
  });

  test('takes secrets out of nested texts, and all of a field whose name says it is one', () => {
    const value = {
      message: 'retry with password=hunter2',
      headers: [{ authorization: 'anything at all' }, { accept: 'text/html' }],
      count: 3,
      none: null,
      ok: true,
    };

    const redacted = redactDeep(value);

    expect(redacted).toEqual({
      message: 'retry with password=[redacted]',
      headers: [{ authorization: '[redacted]' }, { accept: 'text/html' }],
      count: 3,
      none: null,
      ok: true,
    });
  });
});
