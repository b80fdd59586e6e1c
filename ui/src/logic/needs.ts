/** What an account still needs on this computer. */
import type { AccountView } from "../backend/bindings";

/** True if no password was ever typed here for an account that signs in with one: it came from another device. */
export function needsPassword({ has_secret, imap, health }: AccountView): boolean {
  return !has_secret && imap.auth === "password" && health.state === "unchecked";
}
