/** One JSON line an error: the message is static, what varies stands in fields. */
export function logError(message: string, error: unknown, fields: Readonly<Record<string, unknown>> = {}): void {
  const { name, message: text, stack } = error instanceof Error ? error : new Error(String(error));
  console.log(JSON.stringify({ level: 'ERROR', message, ...fields, error: { name, message: text, stack } }));
}

export function logInfo(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
  console.log(JSON.stringify({ level: 'INFO', message, ...fields }));
}
