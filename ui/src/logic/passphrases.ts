/** What makes a passphrase for a new encrypted file good enough to go on with. */

/** Characters. Whoever has the file can try without end, so a short one is as good as none. */
export const SHORTEST = 8;

export type Fault = "missing" | "short" | "differs";

/** What is wrong with a new passphrase that was typed twice, or null. Nothing is trimmed: spaces belong to it. */
export function faultOf(passphrase: string, again: string): Fault | null {
  if (passphrase === "") return "missing";
  if (Array.from(passphrase).length < SHORTEST) return "short";
  return passphrase === again ? null : "differs";
}
