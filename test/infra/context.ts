import { RootConstruct, type Node } from 'constructs';

/** A node with this context. An App would make a folder for its assembly, and leave it. */
export function nodeWith(context: Readonly<Record<string, unknown>>): Node {
  const { node } = new RootConstruct();
  for (const [key, value] of Object.entries(context)) node.setContext(key, value);
  return node;
}
