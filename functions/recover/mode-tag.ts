import { DescribeServicesCommand } from '@aws-sdk/client-ecs';
import { ListTagsCommand } from '@aws-sdk/client-lambda';
import { ecsServiceOf } from '../../layers/core/arn.ts';
import type { Aws } from '../../layers/core/aws.ts';
import type { Resource } from '../../layers/core/inventory.ts';
import { Mode, TAGS } from '../../layers/core/mode.ts';

/**
 * The mode tag as it is at this moment, not as discovery last saw it: where AWS cannot demand the tag itself, this is what
 * keeps an owner's "no" from coming too late.
 * @returns why the resource may not be changed; undefined when its tag still allows it, or its mode never came from a tag
 * @throws Error when the tags cannot be read: what cannot be read allows nothing
 */
export async function forbiddenByTag(
  resource: Resource,
  needed: 'heal' | 'approve',
  aws: Aws,
): Promise<string | undefined> {
  if (resource.modeFrom !== 'tag') return undefined;
  const tags = await tagsOf(resource, aws);
  if (tags === undefined) return undefined;
  const value = tags[TAGS.mode];
  const mode = Mode.safeParse(value);
  if (mode.success && (mode.data === 'heal' || (needed === 'approve' && mode.data === 'approve'))) return undefined;
  return `its tag ${TAGS.mode} is ${value ?? 'gone'} by now`;
}

async function tagsOf({ type, arn }: Resource, aws: Aws): Promise<Readonly<Record<string, string>> | undefined> {
  if (type === 'ecs-service') {
    const command = new DescribeServicesCommand({
      cluster: ecsServiceOf(arn).cluster,
      services: [arn],
      include: ['TAGS'],
    });
    const { services } = await aws.ecs.send(command);
    return Object.fromEntries((services?.[0]?.tags ?? []).map(({ key = '', value = '' }) => [key, value]));
  }
  if (type === 'lambda-alias' || type === 'lambda-function') {
    // An alias has no tags of its own: its function's count.
    const { Tags } = await aws.lambda.send(new ListTagsCommand({ Resource: arn.split(':').slice(0, 7).join(':') }));
    return Tags ?? {};
  }
  return undefined;
}
