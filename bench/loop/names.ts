export const STACK = 'Loop';
export const CLUSTER = 'loop';
export const serviceName = (n: number): string => `loop-${String(n).padStart(3, '0')}`;
