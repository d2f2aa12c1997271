/**
 * The sample shop as a CDK app, as a user's application would be.
 *
 * Context: `copies`, a JSON list of CopySpec; without it one shop named `shop` in mode `heal`.
 */
import { App } from 'aws-cdk-lib';
import * as z from 'zod';
import { CopySpec, names } from './copy.ts';
import { buildImages } from './images.ts';
import { ShopStack } from './stack.ts';

const app = new App();
const context: unknown = app.node.tryGetContext('copies');
const one = [{ name: 'shop', mode: 'heal', paymentsUrl: 'http://127.0.0.1:9' }];
const copies = z.array(CopySpec).parse(typeof context === 'string' ? JSON.parse(context) : (context ?? one));

buildImages();
for (const copy of copies) new ShopStack(app, names.stack(copy.name), { copy });
app.synth();
