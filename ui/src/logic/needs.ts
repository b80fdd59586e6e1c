/** What an account still needs on this computer. */
import type { AccountView } from "../backend/bindings";

/** True if no password was ever typed here for an account that signs in with one: it came from another device. */
export function needsPassword({ has_secret, imap, health }: AccountView): boolean {
  return !has_secret && imap.auth === "password" && health.state === "unchecked";
}

/** True if only the person helps, in a browser. */
export function needsSignIn({ health }: AccountView): boolean {
  return health.state === "sign_in_needed";
}

/** True if nothing was ever authorised here: it came from another device, or its access was given back. */
export function neverSignedIn({ oauth }: AccountView): boolean {
  return oauth?.state === "missing";
}
