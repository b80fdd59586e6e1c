/** Accounts for the fake program: the people of the design's pictures, and a crowd. */
import type { AccountView, EndpointView, HealthView, TokensView } from "../bindings";

/** A time of today at which the pictures' checks were made, so that lists show a time and not a date. */
export function at(minutesAgo: number): string {
  return new Date(Date.now() - minutesAgo * 60_000).toISOString();
}

export function endpoint(host: string, port: number, username: string, security = "tls"): EndpointView {
  return { host, port, security, username, auth: "password" };
}

export const HEALTHY: HealthView = { state: "ok", checked_at: at(20), problem_code: null };
export const UNCHECKED: HealthView = { state: "unchecked", checked_at: null, problem_code: null };

export function problem(code: string): HealthView {
  return { state: "problem", checked_at: at(20), problem_code: code };
}

export function account(id: string, name: string, address: string, color: string, health: HealthView): AccountView {
  const domain = address.slice(address.lastIndexOf("@") + 1);
  return {
    id,
    address,
    name,
    color,
    primary: false,
    imap: endpoint(`imap.${domain}`, 993, address),
    smtp: endpoint(`smtp.${domain}`, 465, address),
    identities: [],
    health,
    has_secret: true,
    has_sending_secret: false,
    travels: null,
    waits: false,
    unseen_conflict: false,
    oauth: null,
    created_at: at(60 * 24 * 90),
    updated_at: at(60 * 24 * 3),
  };
}

export function claire(health = HEALTHY): AccountView {
  return account("claire", "Claire Martin", "claire.martin@example.org", "#2f6f4f", health);
}

export function atelier(health = HEALTHY): AccountView {
  return { ...account("atelier", "Atelier Martin", "contact@atelier-martin.example", "#006fae", health), primary: true };
}

export function association(health = HEALTHY): AccountView {
  return account("association", "Claire, association", "claire@bibliotheque-du-quartier-nord.example", "#8a4bb8", health);
}

export function oldAddress(): AccountView {
  return account("old", "Old address", "cmartin@laposte.example", "#a65520", HEALTHY);
}

/** Without a name, under an internationalised domain, with other user names and ports than the usual ones. */
export function buecher(): AccountView {
  return {
    ...account("buecher", "", "bestellung.und.versand.der.fachbuchhandlung@bücher-müller.example", "#0f737a", UNCHECKED),
    imap: endpoint("mail.xn--bcher-mller-thbg.example", 143, "bestellung", "starttls"),
    smtp: endpoint("relay.xn--bcher-mller-thbg.example", 587, "versand", "starttls"),
    has_secret: false,
  };
}

/** As it comes from the person's other devices: without its password. */
function arrived(account: AccountView): AccountView {
  return { ...account, travels: true, health: UNCHECKED, has_secret: false };
}

/** What the organisation's server has. */
export function arriving(): AccountView[] {
  return [arrived(association()), arrived(account("mairie", "Mairie, accueil", "accueil@mairie-exemple.example", "#3f5bc4", HEALTHY))];
}

const NAMES: Record<string, string> = { google: "Google", microsoft: "Microsoft", fastmail: "Fastmail" };

export function tokens(provider: string, consented: string | null, more: Partial<TokensView> = {}): TokensView {
  return {
    provider,
    provider_name: NAMES[provider] ?? new URL(provider).hostname,
    consented_as: consented,
    state: "working",
    explanation: null,
    expires_at: at(-48),
    refreshed_at: at(12),
    renews_at: at(-43),
    sign_in_by: provider === "google" ? at(-60 * 24 * 180) : provider === "microsoft" ? at(-60 * 24 * 90) : null,
    ...more,
  };
}

/** As it is where nothing was ever authorised on this computer. */
export function noTokens(provider: string): TokensView {
  return tokens(provider, null, { state: "missing", expires_at: null, refreshed_at: null, renews_at: null, sign_in_by: null });
}

export const SIGN_IN_NEEDED: HealthView = { state: "sign_in_needed", checked_at: at(20), problem_code: "auth.consent_required" };

/** An account that signs in through the browser. */
export function byBrowser(account: AccountView, oauth: TokensView): AccountView {
  const hosts: Record<string, [string, string]> = {
    google: ["imap.gmail.com", "smtp.gmail.com"],
    microsoft: ["outlook.office365.com", "smtp.office365.com"],
  };
  const [imap, smtp] = hosts[oauth.provider] ?? [account.imap.host, account.smtp.host];
  return {
    ...account,
    imap: { ...account.imap, host: imap, auth: "oauth" },
    smtp: { ...account.smtp, host: smtp, auth: "oauth" },
    has_secret: oauth.state !== "missing",
    oauth,
  };
}

const FIRST = ["Amélie", "Bruno", "Chloé", "David", "Élise", "Farid", "Gaëlle", "Hugo", "Inès", "Jules"];
const LAST = ["Arnaud", "Bernard", "Chevalier", "Durand", "Étienne", "Fournier", "Girard", "Haddad", "Imbert", "Jacquet"];
const COLORS = ["#2f6f4f", "#006fae", "#8a4bb8", "#a65520", "#b0325c", "#3f5bc4", "#0f737a", "#6b661c"];

export function crowd(count: number): AccountView[] {
  return Array.from({ length: count }, (_, i) => {
    const first = FIRST[i % FIRST.length] ?? "";
    const last = LAST[Math.floor(i / FIRST.length) % LAST.length] ?? "";
    const health = i % 17 === 3 ? problem("auth.rejected") : i % 11 === 5 ? UNCHECKED : HEALTHY;
    const color = COLORS[i % COLORS.length] ?? "#2f6f4f";
    const person = account(`a${i}`, `${first} ${last} ${i + 1}`, `user${i + 1}@example.test`, color, health);
    return i === 0 ? { ...person, primary: true } : person;
  });
}
