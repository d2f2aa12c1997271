import { AwsError } from '../../contract.ts';
import type { Tags } from '../model.ts';

interface PageInput {
  readonly nextToken?: string;
  readonly maxResults?: number;
}

/** One page of an answer; the token is the position at which the next one begins. */
export function page<T>(member: string, all: readonly T[], input: PageInput): Record<string, unknown> {
  const from = Number(input.nextToken ?? 0);
  if (!Number.isInteger(from)) throw new AwsError('InvalidParameterException', 'Invalid token');
  const to = from + (input.maxResults ?? 100);
  return { [member]: all.slice(from, to), ...(to < all.length ? { nextToken: String(to) } : {}) };
}

/** Tags as ECS requests carry them. */
export function tagsFrom(list: readonly { readonly key?: string; readonly value?: string }[] | undefined): Tags {
  return new Map((list ?? []).map(({ key = '', value = '' }) => [key, value]));
}
