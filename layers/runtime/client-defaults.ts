/**
 * What every AWS client is made with. A call is given 5 s and four tries: a function's timeout is far above the sum, and
 * the SDK's own default (no timeout) would hang until the function is killed.
 */
export const clientDefaults = () => ({
  maxAttempts: 4,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  customUserAgent: [['prunella', '0.1']] as [string, string][],
});
