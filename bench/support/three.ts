/** A number with three digits after the point; a dash for none. */
export const three = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? '-' : value.toFixed(3);
