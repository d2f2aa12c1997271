import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A shape of AWS's service models, as botocore carries them. */
interface Shape {
  readonly type: string;
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
  readonly member?: { readonly shape: string };
  readonly key?: { readonly shape: string };
  readonly value?: { readonly shape: string };
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly exception?: boolean;
  readonly error?: { readonly code?: string };
}

interface Model {
  readonly operations: Readonly<
    Record<string, { readonly input?: { readonly shape: string }; readonly output?: { readonly shape: string } }>
  >;
  readonly shapes: Readonly<Record<string, Shape>>;
}

const ROOT = new URL('../..', import.meta.url).pathname;

/**
 * AWS's own model of a service, to check answers against. It is read from the botocore package in the clone's virtual
 * environment (`.venv`), which `npm start` and `npm test` set up.
 *
 * @param service botocore's name: `cloudwatch`, `ecs`, `elbv2`, …
 * @throws Error saying what is missing and how to get it
 */
export function serviceModel(service: string): ServiceModel {
  const lib = join(ROOT, '.venv', 'lib');
  const pythons = existsSync(lib) ? readdirSync(lib).filter((name) => name.startsWith('python')) : [];
  const folder = pythons
    .map((name) => join(lib, name, 'site-packages/botocore/data', service))
    .find((path) => existsSync(path));
  if (!folder)
    throw new Error(
      `no botocore model of ${service} under ${lib}: run \`npm test\` (or \`npm start\`) once, it sets .venv up`,
    );
  const version = readdirSync(folder)
    .filter((name) => /^\d{4}-/.test(name))
    .sort()
    .at(-1)!;
  const plain = join(folder, version, 'service-2.json');
  const text = existsSync(plain) ? readFileSync(plain) : gunzipSync(readFileSync(`${plain}.gz`));
  return new ServiceModel(JSON.parse(text.toString()) as Model);
}

/** Checks objects against the shapes of one service. Answers are lists of what is wrong; empty means right. */
export class ServiceModel {
  readonly #model: Model;

  constructor(model: Model) {
    this.#model = model;
  }

  /** What is wrong with an answer to an operation: unknown members, wrong types, values outside enums, missing members. */
  problemsOfOutput(operation: string, output: unknown): readonly string[] {
    const known = this.#model.operations[operation];
    if (!known) return [`${operation} is no operation of this service`];
    if (!known.output) return Object.keys(output ?? {}).length === 0 ? [] : [`${operation} answers nothing`];
    return this.#problems(known.output.shape, output, operation);
  }

  problemsOfInput(operation: string, input: unknown): readonly string[] {
    const shape = this.#model.operations[operation]?.input?.shape;
    return shape === undefined ? [`${operation} takes no input`] : this.#problems(shape, input, operation);
  }

  /** What is wrong with an object that should have a named shape. */
  problemsOfShape(shape: string, value: unknown): readonly string[] {
    return this.#problems(shape, value, shape);
  }

  /** Whether the service declares an error of this name. */
  hasError(name: string): boolean {
    return this.#model.shapes[name]?.exception === true;
  }

  #problems(name: string, value: unknown, at: string): readonly string[] {
    const shape = this.#model.shapes[name];
    if (!shape) return [`${at}: unknown shape ${name}`];
    switch (shape.type) {
      case 'structure':
        return this.#structure(shape, value, at);
      case 'list':
        if (!Array.isArray(value)) return [`${at}: expected a list, got ${typeof value}`];
        return value.flatMap((item, i) => this.#problems(shape.member!.shape, item, `${at}[${i}]`));
      case 'map':
        if (!isObject(value)) return [`${at}: expected a map, got ${typeof value}`];
        return Object.entries(value).flatMap(([key, item]) => this.#problems(shape.value!.shape, item, `${at}.${key}`));
      default:
        return scalarProblems(shape, value, at);
    }
  }

  #structure(shape: Shape, value: unknown, at: string): readonly string[] {
    if (!isObject(value)) return [`${at}: expected an object, got ${typeof value}`];
    const members = shape.members ?? {};
    const missing = (shape.required ?? [])
      .filter((name) => value[name] === undefined)
      .map((name) => `${at}.${name}: required`);
    const wrong = Object.entries(value).flatMap(([name, item]) => {
      const member = members[name];
      if (!member) return [`${at}.${name}: no such member`];
      return item === undefined ? [] : this.#problems(member.shape, item, `${at}.${name}`);
    });
    return [...missing, ...wrong];
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

const SCALARS: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (v) => typeof v === 'string',
  boolean: (v) => typeof v === 'boolean',
  integer: (v) => Number.isInteger(v),
  long: (v) => Number.isInteger(v),
  double: (v) => typeof v === 'number' && Number.isFinite(v),
  float: (v) => typeof v === 'number' && Number.isFinite(v),
  // Services answer Date objects; the endpoint encodes them as the protocol wants. Epoch seconds are as good.
  timestamp: (v) => (v instanceof Date && !Number.isNaN(v.getTime())) || (typeof v === 'number' && Number.isFinite(v)),
  blob: (v) => v instanceof Uint8Array || typeof v === 'string',
};

function scalarProblems(shape: Shape, value: unknown, at: string): readonly string[] {
  if (!SCALARS[shape.type]?.(value))
    return [`${at}: expected ${shape.type}, got ${value === null ? 'null' : typeof value}`];
  if (shape.enum && !shape.enum.includes(value as string))
    return [`${at}: ${String(value)} is none of ${shape.enum.join(', ')}`];
  return [];
}
