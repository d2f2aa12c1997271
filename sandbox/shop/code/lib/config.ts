/** Reads a setting that the task definition must give. @throws Error when it is not set. */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`set the environment variable ${name}`);
  return value;
}

export const milliseconds = (name: string): number => Number(setting(name));
