/** The command line's process; prunella.mjs starts it with Node 24. */
import { run } from './run.ts';

process.exitCode = await run(process.argv.slice(2), { print: console.log, complain: console.error });
