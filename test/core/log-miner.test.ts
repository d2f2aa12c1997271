import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { emptyLogModel, mine, resolve, templateText, type LogModel } from '../../layers/core/log-miner.ts';

const texts = ({ templates }: LogModel) => templates.map(templateText);

/** The group of each line, and the templates, at the end. */
function groups(lines: readonly string[]) {
  const { model, seen, merged } = mine(emptyLogModel, lines);
  const ids = resolve(
    seen.map(({ template }) => template),
    merged,
  );
  return { ids, model };
}

describe('what is one template', () => {
  test('numbers vary, words do not', () => {
    const { model } = groups(['order 1 shipped', 'order 22 shipped', 'order 3 cancelled']);

    expect(texts(model)).toEqual(['order <*> shipped', 'order <*> cancelled']);
  });

  test('three words in one place are states, a fourth makes it a variable', () => {
    const states = ['opened', 'closed', 'expired'].map((state) => `session was ${state} by peer`);

    expect(groups(states).model.templates).toHaveLength(3);
    expect(texts(groups([...states, 'session was renewed by peer']).model)).toEqual(['session was <*> by peer']);
  });

  test('the first word names the message: few different ones stay apart', () => {
    const { model } = groups(['boot', 'halt', 'wait', 'reset', 'probe'].map((verb) => `${verb} (command 1902)`));

    expect(model.templates).toHaveLength(5);
  });

  test('places that vary together are found when most words are common', () => {
    const pairs = ['ada by login', 'grace by ssh', 'edsger by cron', 'donald by su'];
    const { model } = groups(pairs.map((pair) => `pam unix: session opened for user ${pair} now`));

    expect(texts(model)).toEqual(['pam unix: session opened for user <*> by <*> now']);
  });

  test('messages of as many words with little in common stay apart', () => {
    const { model } = groups([
      'caught end of stream exception',
      'data storage interrupt was raised',
      'kernel time sync enabled now',
      'no topology change was seen',
      'lost connection to the peer',
    ]);

    expect(model.templates).toHaveLength(5);
  });

  test('an address that is there and one that is missing are one place', () => {
    const { ids } = groups(['connection from 1.2.3.4 () at 7', 'connection from 1.2.3.4 (host.example.org) at 8']);

    expect(new Set(ids).size).toBe(1);
  });

  test('a name keeps the part that does not vary', () => {
    expect(texts(groups(['node-1 is down', 'node-22 is down']).model)).toEqual(['node-<*> is down']);
    expect(texts(groups(['node-1 is down', 'host7 is down']).model)).toEqual(['<*> is down']);
  });
});

const line = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc
    .array(fc.constantFrom('error', 'user', 'ada', 'bob', 'eve', '17', '0x1f', '()', '=', 'a.b', '<*>'), {
      maxLength: 8,
    })
    .map((words) => words.join(' ')),
);

describe('whatever the lines', () => {
  test('batches give what the whole gives, through JSON', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), fc.nat(60), (lines, cut) => {
        const whole = mine(emptyLogModel, lines);

        const first = mine(emptyLogModel, lines.slice(0, cut));
        const second = mine(JSON.parse(JSON.stringify(first.model)) as LogModel, lines.slice(cut));

        expect(second.model).toEqual(whole.model);
        expect([...first.seen, ...second.seen]).toEqual(whole.seen);
        expect([...first.merged, ...second.merged]).toEqual(whole.merged);
      }),
    );
  });

  test('a line goes to the shape that covers it best, also when that one came later', () => {
    const verbs = 'put get del has add pop top end all any one two'.split(' ');
    const lines = verbs.flatMap((a, i) => `${a} ${verbs.at(-i) ?? ''} c d e f`);
    const line = 'a b c d e f';

    const { seen, model } = mine(emptyLogModel, [...lines, line, 'a b 7 d e f', line]);

    expect(texts(model)).toEqual(['<*> <*> c d e f', 'a b <*> d e f']);
    expect(seen.at(-1)).toEqual({ template: model.templates[1]?.id, count: 2 });
  });

  test('of shapes that cover a line equally well the oldest takes it, whichever became general first', () => {
    const lines = ['a w c', 'a x c', 'a y c', '7 b c', 'a z c', 'a b c'];

    const { seen, model } = mine(emptyLogModel, lines);

    expect(texts(model)).toEqual(['a <*> c', '<*> b c']);
    expect(seen.at(-1)).toEqual({ template: model.templates[0]?.id, count: 5 });
  });

  test('a character of no meaning within a word does not make it two', () => {
    const { ids } = groups(['ada bob', 'ada\u0001bob']);

    expect(new Set(ids).size).toBe(2);
  });

  test('every line is in one template that is there, and the counts are the lines', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 80 }), (lines) => {
        const { ids, model } = groups(lines);
        const counts = new Map<number, number>();
        for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);

        expect(Object.fromEntries(counts)).toEqual(
          Object.fromEntries(model.templates.map(({ id, count }) => [id, count])),
        );
      }),
    );
  });

  test('a line seen again is in the same template', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
        const { ids } = groups([...lines, ...lines]);

        expect(ids.slice(lines.length)).toEqual(ids.slice(0, lines.length));
      }),
    );
  });
});

test('memory is bounded: what was seen longest ago is forgotten', () => {
  const word = (n: number) => n.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? '');
  const lines = Array.from({ length: 3000 }, (_, i) => `${word(i)} ${word(i * 7)} ${word(i * 13)}`);

  const { model } = mine(emptyLogModel, lines, { templates: 100 });

  expect(model.templates.length).toBeLessThanOrEqual(100);
  expect(model.lines).toBe(3000);
  expect(JSON.stringify(model).length).toBeLessThan(100_000);
});
