import { run } from '../../cli/run.ts';

export interface Said {
  readonly code: number;
  /** Lines on standard output. */
  readonly printed: string;
  /** Lines on standard error. */
  readonly complained: string;
}

/** Runs one command line in this process. */
export async function prunella(...argv: string[]): Promise<Said> {
  const printed: string[] = [];
  const complained: string[] = [];
  const code = await run(argv, { print: (line) => printed.push(line), complain: (line) => complained.push(line) });
  return { code, printed: printed.join('\n'), complained: complained.join('\n') };
}
