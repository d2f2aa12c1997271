import { randomFillSync } from 'node:crypto';
import { logInfo } from './log.ts';
import type { Route } from './serve.ts';

/** A rendered page of results, in bytes. */
const PAGE = 1024 * 1024;

/**
 * Search with a cache of rendered pages, keyed by the query. Nothing is ever evicted: customers search for the same few
 * hundred things, so this never mattered, until a crawler walks through every query there is.
 */
export function search(): Route {
  const pages = new Map<string, Buffer>();
  return ({ query }) => {
    const words = query.get('q') ?? '';
    const page = pages.get(words) ?? render();
    pages.set(words, page);
    setImmediate(() => note(words));
    return Promise.resolve({ q: words, bytes: page.length });
  };
}

/** Noted after the answer was sent. A lone per cent sign cannot be decoded: nothing catches what is thrown here. */
function note(words: string): void {
  if (decodeURIComponent(words) === '') logInfo('search for nothing');
}

const render = (): Buffer => {
  const page = Buffer.allocUnsafeSlow(PAGE);
  for (let at = 0; at < PAGE; at += 4096) page[at] = 1;
  randomFillSync(page, 0, 64);
  return page;
};
