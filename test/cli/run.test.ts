import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../cli/run.ts';
import { prunella } from './commandline.ts';

const files = readdirSync(join(import.meta.dirname, '../../cli/commands')).map((file) => file.replace('.ts', ''));

const ID = '01JD3Q8Z3M7N5V6XK2B4C9D8EF';

describe('the command line', () => {
  it('has a command for each file of commands, and its help names them all', async () => {
    const { code, printed } = await prunella('--help');

    expect(Object.keys(COMMANDS).sort()).toEqual(files.sort());
    expect(code).toBe(0);
    for (const { usage, summary } of Object.values(COMMANDS)) {
      expect(printed).toContain(usage);
      expect(printed).toContain(summary);
    }
  });

  it.each(Object.entries(COMMANDS))('tells how %s is used without looking for an account', async (name, command) => {
    const { code, printed } = await prunella(name, '--help');

    expect(code).toBe(0);
    expect(printed).toBe(`npx prunella ${command.usage}\n${command.summary}`);
  });

  it.each([
    [['heal'], 'there is no command heal: one of status, incidents,'],
    [['toString'], 'there is no command toString'],
    [['--json', 'status'], 'supply the command before its options'],
    [['status', '--loud'], "Unknown option '--loud'; the command is: npx prunella status [--alarms]"],
    [['stop', 'now'], 'stop takes no argument, got now'],
    [['incidents', '--last', 'ten'], 'supply a whole number of 1 or more for --last, got ten'],
    [['incidents', '--last', '0'], 'supply a whole number of 1 or more for --last, got 0'],
    [['report', '--days', '1.5'], 'supply a whole number of 1 or more for --days, got 1.5'],
    [['explain'], 'supply an incident id'],
    [['explain', 'yesterday'], 'supply an incident id, e.g. 01JD3Q8Z3M7N5V6XK2B4C9D8EF, got yesterday'],
    [['explain', 'a', 'b'], 'supply only an incident id (see `npx prunella incidents`), got 2: a b'],
    [['approve'], 'supply an incident id'],
    [['audit'], 'supply "audit verify", got "audit"'],
    [['unfreeze', 'web'], 'got web'],
    [['confirm'], 'supply an incident id'],
    [['correct', ID], 'supply --fault, what it was: one of bad-deployment, '],
    [
      ['correct', ID, '--fault', 'gremlins'],
      'there is no fault gremlins that it could have been: one of bad-deployment, ',
    ],
    [['correct', ID, '--fault', 'unknown'], 'there is no fault unknown that it could have been'],
    [['correct', ID, '--fault', 'overload', '--resource', 'web'], 'supply a whole ARN, e.g. '],
    [['replay', 'no-such-file.json'], 'there is no file no-such-file.json, and that is no incident id either'],
  ])('refuses %j and says what would be right', async (argv, message) => {
    const { code, printed, complained } = await prunella(...argv);

    expect(code).toBe(1);
    expect(printed).toBe('');
    expect(complained).toContain(message);
    expect(complained).not.toMatch(/\n +at /);
  });
});
