/**
 * The pricing function, as the source of each of its releases. 1.1.0 forgets that a voucher may be missing: it fails
 * for every basket of an even number of items.
 */
const RELEASES = {
  '1.0.0': `
exports.handler = async ({ items }) => {
  if (!(items > 0)) throw new RangeError('items must be a positive number, got ' + items);
  const price = 9.9 * items;
  console.log(JSON.stringify({ level: 'INFO', message: 'quoted', items }));
  return { price };
};`,
  '1.0.1': `
exports.handler = async ({ items }) => {
  if (!(items > 0)) throw new RangeError('items must be a positive number, got ' + items);
  const price = Math.round(990 * items) / 100;
  console.log(JSON.stringify({ level: 'INFO', message: 'quoted', items, price }));
  return { price };
};`,
  '1.1.0': `
const vouchers = { 1: { off: 0.5 }, 3: { off: 1 } };
exports.handler = async ({ items }) => {
  if (!(items > 0)) throw new RangeError('items must be a positive number, got ' + items);
  console.log(JSON.stringify({ level: 'INFO', message: 'quoting', items }));
  return { price: 9.9 * items - vouchers[items].off };
};`,
} as const;

export type QuoteRelease = keyof typeof RELEASES;

/** The whole of `index.js`. */
export const quoteCode = (release: QuoteRelease): string => RELEASES[release];
