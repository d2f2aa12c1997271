const RATE = 12;
/** Until both tasks hold about nine tenths of their 512 MiB: each search leaves 1 MiB behind, on one task of two. */
const SEARCHES = 790;

/** A crawler that fills the memory of a service and goes away. */
export const CRAWL = { rate: RATE, seconds: SEARCHES / RATE } as const;
