/** Settings while they are being typed. */
import type { AccountView, DraftView, EndpointView } from "../backend/bindings";
import { SIDES, type Side } from "./stages";

const USUAL_PORTS: Record<Side, Record<string, number>> = {
  imap: { tls: 993, starttls: 143, none: 143 },
  smtp: { tls: 465, starttls: 587, none: 587 },
};

/** The port that goes with a kind of encryption where nothing else is said (RFC 8314, RFC 6409). */
export function usualPort(side: Side, security: string): number {
  return USUAL_PORTS[side][security] ?? 0;
}

/** The endpoint with another encryption. A port that someone chose on purpose stays. */
export function withSecurity(side: Side, endpoint: EndpointView, security: string): EndpointView {
  const usual = Object.values(USUAL_PORTS[side]).includes(endpoint.port);
  return { ...endpoint, security, port: usual ? usualPort(side, security) : endpoint.port };
}

/** What a form starts from. */
export function draftOf(account: AccountView): DraftView {
  return structuredClone({
    address: account.address,
    name: account.name,
    color: account.color,
    primary: account.primary,
    imap: account.imap,
    smtp: account.smtp,
    identities: account.identities,
  });
}

/** True if both say the same, so that there is nothing to save. */
export function sameDraft(a: DraftView, b: DraftView): boolean {
  return (
    a.address === b.address &&
    a.name === b.name &&
    a.color === b.color &&
    a.primary === b.primary &&
    sameEndpoints(a, b) &&
    a.identities.length === b.identities.length &&
    a.identities.every(({ address, name }, i) => address === b.identities[i]?.address && name === b.identities[i].name)
  );
}

/** True if both reach the same servers in the same way, so that no check is needed. */
export function sameEndpoints(a: Pick<DraftView, Side>, b: Pick<DraftView, Side>): boolean {
  const keys = ["host", "port", "security", "username", "auth"] as const;
  return SIDES.every((side) => keys.every((key) => a[side][key] === b[side][key]));
}

/** The sides whose server is not named yet. */
export function sidesWithoutHost(draft: Pick<DraftView, Side>): Side[] {
  return SIDES.filter((side) => draft[side].host.trim() === "");
}
