// Loaded into every Lambda worker of the emulator before its own code (NODE_OPTIONS=--import). It gives functions what
// AWS's runtime gives and the emulator's does not. Nothing of the product knows about it.
if (process.argv[1] && process.argv[1].endsWith('_worker.js')) {
  const major = process.versions.node.split('.')[0];
  process.env.AWS_EXECUTION_ENV ??= `AWS_Lambda_nodejs${major}.x`;
  process.env.AWS_LAMBDA_INITIALIZATION_TYPE ??= 'on-demand';
  process.env.LAMBDA_RUNTIME_DIR ??= '/var/runtime';
  // A worker whose emulator is gone must not linger with open sockets or timers.
  process.stdin.on('end', () => process.exit(0));
}
