/** What comes along when a password is pasted, and may go: spaces around it, and the gaps of app passwords. */

export type Excess = "spaces" | "gaps";

/** Providers show app passwords in four groups of four, for reading; the gaps are not part of them. */
const IN_GROUPS = /^[a-z0-9]{4}(?:\s[a-z0-9]{4}){3,}$/i;

/** What in `password` probably does not belong to it, or null. */
export function excessOf(password: string): Excess | null {
  const inner = password.trim();
  if (inner === "") return null;
  if (IN_GROUPS.test(inner)) return "gaps";
  return inner === password ? null : "spaces";
}

/** The password without its excess. */
export function withoutExcess(password: string): string {
  const inner = password.trim();
  return IN_GROUPS.test(inner) ? inner.replace(/\s/g, "") : inner;
}
