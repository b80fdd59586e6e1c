/** Which button does what a problem asks for. */

export type Action = "password" | "browser" | "settings" | "again" | "unlock" | "storage";

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
  "auth.connected_not_authorised": "settings",
  "auth.oauth_required": "browser",
  "auth.token_expired": "browser",
  "auth.token_rejected": "browser",
  "auth.scope_missing": "browser",
  "auth.consent_required": "browser",
  "auth.admin_consent_required": "browser",
};

/**
 * The button for a problem; where nothing else is known, another check.
 *
 * @param oauth True for an account that signs in through the browser: no password helps it.
 */
export function actionFor(code: string, oauth = false): Action {
  const action = ACTIONS[code] ?? "again";
  return oauth && action === "password" ? "browser" : action;
}
