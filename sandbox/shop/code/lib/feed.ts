/** How often a feed is read again, in milliseconds. */
const EVERY = 12_000;

interface Feed {
  readonly entries: readonly string[];
}

/** The feeds this build knows how to read. */
const feeds: Readonly<Record<string, Feed>> = { offers: { entries: ['spring'] } };

/** Reads a feed again and again. A feed that is not known ends the process: nothing catches what a timer throws. */
export function keepFresh(name: string): void {
  setInterval(() => {
    const feed = feeds[name] as Feed;
    if (feed.entries.length === 0) console.log(JSON.stringify({ level: 'WARN', message: 'feed is empty', feed: name }));
  }, EVERY).unref();
}
