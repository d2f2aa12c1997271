import fc from 'fast-check';

type Path = readonly (string | number)[];

/** Every place within a JSON document. */
function places(value: unknown, path: Path = []): Path[] {
  if (value === null || typeof value !== 'object') return [path];
  const inner = Object.entries(value).flatMap(([key, one]) =>
    places(one, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return [path, ...inner];
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.map((one, n) => (n === key ? replaced(one, rest, by) : one));
  const object = value as Readonly<Record<string, unknown>>;
  const { [key]: old, ...others } = object;
  return by === undefined && rest.length === 0 ? others : { ...others, [key]: replaced(old, rest, by) };
}

/** What senders get wrong, and what attackers try. */
const ODD: readonly unknown[] = [
  undefined,
  null,
  '',
  '\u0000',
  'arn:',
  'arn:aws:ecs:eu-west-1:111122223333:service/',
  'arn:aws:lambda:eu-west-1:111122223333:function::',
  '9999-99-99T99:99:99Z',
  '+275760-09-13T00:00:00.001Z',
  '-271821-04-19T23:59:59.999Z',
  '2026-11-22T11:59:28.985+0000',
  -1,
  1e308,
  [],
  {},
  { toString: 'x' },
  '__proto__',
  'toString',
  'constructor',
  '"; DROP TABLE incidents; --',
  'x'.repeat(70_000),
];

/** A documented sample with one to three of its parts missing, of another type, or anything at all. */
export function mutated(samples: readonly object[]): fc.Arbitrary<unknown> {
  const change = fc.tuple(fc.nat(), fc.oneof(fc.constantFrom(...ODD), fc.jsonValue()));
  return fc
    .tuple(fc.constantFrom(...samples), fc.array(change, { minLength: 1, maxLength: 3 }))
    .map(([sample, changes]) =>
      changes.reduce<unknown>((document, [n, by]) => {
        const all = places(document);
        return replaced(document, all[n % all.length] ?? [], by);
      }, sample),
    );
}
