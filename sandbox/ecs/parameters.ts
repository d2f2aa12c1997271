/** Reads the values that a container's `secrets` point to: `valueFrom` → value. Rejects with AWS's words. */
export type ReadSecrets = (valuesFrom: readonly string[]) => Promise<ReadonlyMap<string, string>>;

interface Where {
  readonly endpoint: string;
  readonly accountId: string;
  readonly region: string;
}

/** AWS reads up to ten parameters a call. */
const BATCH = 10;

/**
 * Reads parameters (name or ARN) and Secrets Manager secrets through the account's endpoint, as ECS does when it starts a task.
 * Requests are not signed, only marked with whom they come from: the endpoint belongs to the same sandbox.
 */
export function secretsFrom(where: Where): ReadSecrets {
  return async (valuesFrom) => {
    const values = new Map<string, string>();
    const managed = valuesFrom.filter((one) => one.includes(':secretsmanager:'));
    const parameters = valuesFrom.filter((one) => !one.includes(':secretsmanager:'));
    for (let at = 0; at < parameters.length; at += BATCH) {
      const batch = parameters.slice(at, at + BATCH);
      for (const [valueFrom, value] of await readParameters(where, batch)) values.set(valueFrom, value);
    }
    for (const valueFrom of managed) values.set(valueFrom, await readSecret(where, valueFrom));
    return values;
  };
}

async function readParameters(where: Where, batch: readonly string[]): Promise<[string, string][]> {
  const names = new Map(batch.map((valueFrom) => [valueFrom, parameterName(valueFrom)]));
  const answer = await call(where, 'ssm', 'AmazonSSM.GetParameters', {
    Names: [...new Set(names.values())],
    WithDecryption: true,
  });
  const found = new Map(
    ((answer['Parameters'] ?? []) as { Name: string; Value: string }[]).map((p) => [p.Name, p.Value]),
  );
  const absent = [...names.values()].filter((name) => !found.has(name));
  if (absent.length > 0) {
    throw new Error(
      'unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ssm: ' +
        `service call has been retried 1 time(s): invalid ssm parameters: ${absent.join(', ')}`,
    );
  }
  return [...names].map(([valueFrom, name]) => [valueFrom, found.get(name) ?? '']);
}

/** `arn:aws:ssm:…:parameter/a/b` is the parameter `/a/b`; one without slashes in its name is `parameter/name`. */
function parameterName(valueFrom: string): string {
  if (!valueFrom.startsWith('arn:')) return valueFrom;
  const name = valueFrom.slice(valueFrom.indexOf(':parameter/') + ':parameter/'.length);
  return name.includes('/') ? `/${name}` : name;
}

async function readSecret(where: Where, valueFrom: string): Promise<string> {
  const parts = valueFrom.split(':');
  const key = parts[7];
  const SecretId = parts.slice(0, 7).join(':');
  const answer = await call(where, 'secretsmanager', 'secretsmanager.GetSecretValue', { SecretId });
  const value = String(answer['SecretString'] ?? '');
  return key ? String((JSON.parse(value) as Record<string, unknown>)[key] ?? '') : value;
}

async function call(where: Where, service: string, target: string, body: unknown): Promise<Record<string, unknown>> {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  const scope = `${where.accountId}/${day}/${where.region}/${service}/aws4_request`;
  const response = await fetch(where.endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': target,
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=local`,
    },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(
      `unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secrets from ${service}: ${text}`,
    );
  return JSON.parse(text) as Record<string, unknown>;
}
