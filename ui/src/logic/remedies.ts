/** Which button does what a problem asks for. */

export type Action = "password" | "settings" | "again" | "unlock" | "storage" | "none";

const ACTIONS: Record<string, Action> = {
  "auth.rejected": "password",
  "auth.app_password_required": "password",
  "auth.password_expired": "password",
  "secret.missing": "password",
  "keyring.locked": "unlock",
  "keyring.absent": "storage",
  "dns.no_such_host": "settings",
  "dns.no_address": "settings",
  "net.refused": "settings",
  "tls.plaintext_port": "settings",
  "tls.implicit_port": "settings",
  "tls.starttls_missing": "settings",
  "tls.starttls_refused": "settings",
  "tls.certificate_wrong_host": "settings",
  "protocol.wrong_service": "settings",
  "protocol.no_greeting": "settings",
  "auth.encryption_required": "settings",
  "auth.not_offered": "settings",
  "auth.mechanism_unsupported": "settings",
  "smtp.sender_refused": "settings",
  "smtp.relay_denied": "settings",
  // Signing in through the browser is not there yet, and trying again would change nothing.
  "auth.oauth_required": "none",
  "auth.token_expired": "none",
  "auth.token_rejected": "none",
  "auth.scope_missing": "none",
  "auth.consent_required": "none",
};

/** The button for a problem; where nothing else is known, another check. */
export function actionFor(code: string): Action {
  return ACTIONS[code] ?? "again";
}
