import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scenarios } from '../../sandbox/scenarios/lib/catalogue.ts';
import { EscalationCause, SuppressionCause } from '../../layers/core/incident.ts';
import { Fault } from '../../layers/core/taxonomy.ts';
import { SERVICES, SETTINGS } from '../../sandbox/shop/copy.ts';

const ROOT = join(import.meta.dirname, '../..');
const PRODUCT = ['functions', 'layers', 'statemachines', 'infra'];

const files = PRODUCT.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => join(entry.parentPath, entry.name)),
);

/** The product's own words, which scenarios are named after. */
const VOCABULARY: readonly string[] = [...Fault.options, ...EscalationCause.options, ...SuppressionCause.options];

/** Names that only the sample shop, its alarms or the scenarios have. */
async function forbidden(): Promise<readonly string[]> {
  const alarms = ['failing-fast', 'slow-fast', 'memory-fast', 'queue-age'];
  const parameters = Object.values(SETTINGS).flatMap((settings) =>
    Object.values<{ parameter: string }>(settings).map(({ parameter }) => parameter),
  );
  const ofScenarios = (await scenarios()).map(({ name }) => name).filter((name) => !VOCABULARY.includes(name));
  const services = SERVICES.map((service) => `shop/${service}:1.`);
  return [
    ...alarms,
    ...parameters,
    ...ofScenarios,
    ...services,
    'shop-',
    'Shop-',
    'sandbox/',
    'prunella.local',
    'ministack',
  ];
}

test('the product names neither the sample shop nor its services, alarms or faults', async () => {
  const names = await forbidden();

  const found = files.flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    return names
      .filter((name) => text.toLowerCase().includes(name.toLowerCase()))
      .map((name) => `${file.slice(ROOT.length + 1)} names ${name}`);
  });

  expect(files.length).toBeGreaterThan(50);
  expect(found).toEqual([]);
});
