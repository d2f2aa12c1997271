import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { Arn } from '../core/arn.ts';
import type { AwsClient } from '../core/aws.ts';
import { through } from './calls.ts';
import { clientDefaults } from './client-defaults.ts';
import { LastUsed } from './last-used.ts';
import { runtime } from './runtime.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}
export type CredentialsProvider = () => Promise<Credentials>;

export interface Assuming {
  readonly role: Arn;
  /** Stands in CloudTrail as who did it. */
  readonly sessionName: string;
  /** Narrows the role's rights. */
  readonly policy?: string;
}

/** The shortest that STS gives: an attempt is over sooner. */
const DURATION_SECONDS = 900;
/** Asked for anew this long before they end, so that no call is signed with what ends on its way. */
const MARGIN_MS = 120_000;

const sts = through('credentials', () => new STSClient(clientDefaults()) as AwsClient);
const providers = new LastUsed<CredentialsProvider>(32);

/** Credentials of an assumed role: asked for on first use, shared by all clients of the session, renewed in time. */
export function assumedRole(assuming: Assuming): CredentialsProvider {
  return providers.get(JSON.stringify(assuming), () => renewing(assuming));
}

function renewing(assuming: Assuming): CredentialsProvider {
  let current: Promise<Credentials> | undefined;
  let expires = 0;
  return async () => {
    const now = Date.parse(runtime().now());
    if (current && now < expires - MARGIN_MS) return current;
    expires = now + DURATION_SECONDS * 1000;
    const asked = (current = assume(assuming));
    asked.catch(() => {
      if (current === asked) current = undefined; // a failure is not kept
    });
    return asked;
  };
}

async function assume({ role, sessionName, policy }: Assuming): Promise<Credentials> {
  const { Credentials: given } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: role,
      RoleSessionName: sessionName,
      DurationSeconds: DURATION_SECONDS,
      ...(policy === undefined ? {} : { Policy: policy }),
    }),
  );
  if (!given?.AccessKeyId || !given.SecretAccessKey || !given.SessionToken || !given.Expiration) {
    throw new Error(`assuming ${role} answered without credentials`);
  }
  return {
    accessKeyId: given.AccessKeyId,
    secretAccessKey: given.SecretAccessKey,
    sessionToken: given.SessionToken,
    expiration: given.Expiration,
  };
}
