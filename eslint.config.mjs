import tseslint from 'typescript-eslint';

/** DESIGN §4's table: what each folder may not import. Patterns match the import's text. */
const forbid = (files, patterns) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns }] },
});

const INFRA = {
  group: ['**/infra/**', 'aws-cdk-lib', 'aws-cdk-lib/*', 'constructs'],
  message: 'Nobody imports infra; deploy through cdk.',
};
const TOOLS = {
  group: ['**/sandbox/**', '**/cli/**', '**/simulator/**'],
  message: 'functions import runtime, core and their own folder.',
};
const SDK_CLIENTS = {
  group: ['@aws-sdk/*', '@smithy/*'],
  importNamePattern: 'Client$',
  message: 'Plug-ins send commands through the Aws they are given; they make no client.',
};

export default tseslint.config(
  {
    ignores: [
      'eslint.config.mjs',
      'node_modules',
      'cdk.out',
      '**/cdk.out',
      '.sandbox',
      '.venv*',
      '**/*.generated.ts',
      '**/*.mjs',
    ],
  },
  ...tseslint.configs.recommended,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['vitest.config.ts'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
    },
  },
  forbid(
    ['layers/core/**/*.ts'],
    [
      {
        group: ['@aws-*/**', '@middy/*', '../runtime/**', '**/functions/**'],
        message: 'layers/core is pure: zod and itself.',
      },
      INFRA,
    ],
  ),
  forbid(
    ['layers/runtime/**/*.ts'],
    [
      {
        group: ['**/functions/**', '**/sandbox/**', '**/cli/**'],
        message: 'layers/runtime imports core, Powertools, middy and the AWS SDK.',
      },
      INFRA,
    ],
  ),
  forbid(['functions/**/*.ts'], [TOOLS, INFRA]),
  forbid(
    ['functions/detect/**/*.ts'],
    [{ group: ['**/watch/**'], message: 'watch is made of detect, and not the other way round.' }, TOOLS, INFRA],
  ),
  forbid(
    [
      'functions/recover/actions/*.ts',
      'functions/detect/detectors/*.ts',
      'functions/detect/log-detectors/*.ts',
      'functions/detect/service-detectors/*.ts',
      'functions/diagnose/rules/*.ts',
    ],
    [
      {
        group: ['**/runtime/**', '@middy/*', '@aws-lambda-powertools/*'],
        message: 'Plug-ins import core and SDK commands.',
      },
      SDK_CLIENTS,
      INFRA,
    ],
  ),
  forbid(
    ['sandbox/**/*.ts', 'cli/**/*.ts', 'bench/**/*.ts'],
    [{ group: ['**/infra/**'], message: "Deploy through cdk; infra's insides are its own." }],
  ),
  forbid(
    ['simulator/**/*.ts'],
    [
      {
        group: ['**/infra/**', '!**/infra/functions.ts', '!**/infra/definition.ts'],
        message: 'Of infra the simulator knows what is deployed: the functions with their times, and the definition.',
      },
    ],
  ),
  {
    files: ['{sandbox,cli,bench,simulator,scripts}/**/*.ts', 'infra/app.ts'],
    rules: { 'no-console': 'off' },
  },
);
