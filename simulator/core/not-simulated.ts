/**
 * Thrown where the simulation does not know what AWS would do. It is no answer of AWS: code that catches errors must not
 * take it for one, so it ends the run (see `Functions`).
 */
export class NotSimulated extends Error {
  override readonly name = 'NotSimulated';
}
