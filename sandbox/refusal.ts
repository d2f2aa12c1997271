/** What the user asked for cannot be done; the message says why, and what would be right. Printed without a stack. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
