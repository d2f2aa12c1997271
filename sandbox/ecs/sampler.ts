import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { platform } from 'node:os';

/** What a process tree uses: resident memory, and CPU time since its processes started. */
export interface Usage {
  readonly memoryBytes: number;
  readonly cpuSeconds: number;
}

/** Reads the usage of the trees below the given processes; one that has ended is absent from the answer. */
export type ReadUsage = (pids: readonly number[]) => Promise<Map<number, Usage>>;

/** Reads usage on this machine: `/proc` on Linux, one call of `ps` elsewhere. */
export function usageReader(): ReadUsage {
  return platform() === 'linux' ? readFromProc : readFromPs;
}

const TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux that Node runs on
const PAGE_BYTES = 4096;
const IN_KILOBYTES = 1024;

/**
 * From `/proc/<pid>/stat` (man 5 proc: fields 14-17 CPU ticks with those of ended children, field 24 resident pages) and the
 * list of children. Reads are synchronous: they come from memory, and are far cheaper than a trip through the thread pool.
 */
async function readFromProc(pids: readonly number[]): Promise<Map<number, Usage>> {
  const found = new Map<number, Usage>();
  for (const pid of pids) {
    const usage = treeFromProc(pid);
    if (usage) found.set(pid, usage);
  }
  return found;
}

function treeFromProc(pid: number): Usage | undefined {
  let own: Usage;
  let children: string;
  try {
    own = parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1');
  } catch {
    return undefined; // it ended between the last look and this one
  }
  if (children === '') return own;
  let { memoryBytes, cpuSeconds } = own;
  for (const child of children.trim().split(' ')) {
    const usage = treeFromProc(Number(child));
    memoryBytes += usage?.memoryBytes ?? 0;
    cpuSeconds += usage?.cpuSeconds ?? 0;
  }
  return { memoryBytes, cpuSeconds };
}

/** The second field is the program's name in brackets, which may itself contain spaces and brackets. */
export function parseStat(stat: string): Usage {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0);
  return { memoryBytes: Number(fields[21]) * PAGE_BYTES, cpuSeconds: ticks / TICKS_PER_SECOND };
}

function readFromPs(pids: readonly number[]): Promise<Map<number, Usage>> {
  return new Promise((resolve, reject) => {
    if (pids.length === 0) return resolve(new Map());
    execFile('ps', ['-axo', 'pid=,ppid=,rss=,time='], { maxBuffer: 16 * 1024 * 1024 }, (error, output) => {
      if (error) reject(new Error('ps should list the processes of this machine', { cause: error }));
      else resolve(treesFromPs(output, pids));
    });
  });
}

/** Sums the trees below `pids` from the lines of `ps -axo pid=,ppid=,rss=,time=` (rss in KB, time as `[h:]m:s`). */
export function treesFromPs(output: string, pids: readonly number[]): Map<number, Usage> {
  const own = new Map<number, Usage>();
  const children = new Map<number, number[]>();
  for (const line of output.trim().split('\n')) {
    const [pid = 0, ppid = 0, rss = 0] = line.trim().split(/\s+/, 3).map(Number);
    const time = line.trim().split(/\s+/)[3] ?? '0';
    const cpuSeconds = time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
    own.set(pid, { memoryBytes: rss * IN_KILOBYTES, cpuSeconds });
    children.set(ppid, [...(children.get(ppid) ?? []), pid]);
  }
  const tree = (pid: number): Usage => {
    let { memoryBytes, cpuSeconds } = own.get(pid) ?? { memoryBytes: 0, cpuSeconds: 0 };
    for (const child of children.get(pid) ?? []) {
      const usage = tree(child);
      memoryBytes += usage.memoryBytes;
      cpuSeconds += usage.cpuSeconds;
    }
    return { memoryBytes, cpuSeconds };
  };
  return new Map(pids.filter((pid) => own.has(pid)).map((pid) => [pid, tree(pid)]));
}
