import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Reads `+pid` and `-pid` lines; when its input ends, because the sandbox ended in whatever way, it kills the process
 * groups still on the list. Plain sh, since it must outlive the sandbox by a moment and weigh nothing.
 */
const SCRIPT = `
trap '' INT TERM HUP
pids=' '
while read -r line; do
  pid=\${line#?}
  case $line in
    +*) pids="$pids$pid " ;;
    -*) case $pids in *" $pid "*) pids="\${pids%% $pid *} \${pids#* $pid }" ;; esac ;;
  esac
done
for pid in $pids; do kill -s KILL -- "-$pid" 2>/dev/null; done
exit 0
`;

/** Sees to it that no task outlives the sandbox, not even when the sandbox is killed with SIGKILL. */
export class Warden {
  #child: ChildProcess | undefined;

  /** To be called right after a process group was started. */
  watch(pid: number): void {
    this.#write(`+${pid}\n`);
  }

  /** To be called when the group's leader has ended and the rest of its group was killed. */
  forget(pid: number): void {
    this.#write(`-${pid}\n`);
  }

  /** Ends the warden, and with it what is still on its list. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (!child) return;
    this.#child = undefined;
    child.ref();
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.stdin?.end();
    await ended;
  }

  #write(line: string): void {
    this.#child ??= this.#start();
    this.#child.stdin?.write(line);
  }

  #start(): ChildProcess {
    const child = spawn('/bin/sh', ['-c', SCRIPT], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    child.stdin?.on('error', () => undefined);
    child.unref();
    return child;
  }
}
