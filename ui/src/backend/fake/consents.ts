/**
 * Accounts that sign in through the browser, as the fake program has them. How a consent ends is in the address before
 * its @: `other` (somebody else signs in), `denied`, `scopes`, `admin`, `client` (the provider does not know the client id
 * while it is not the person's own), `nobrowser`, `stays` (nobody comes back), else it works.
 * Where nothing was ever authorised and the server is nobody's in the table, the sign-in service has to be named.
 */
import type { Consenting, Named } from "..";
import type { AccountView, AuthorizeHelpView, DraftView, ErrorView, MailProviderView } from "../bindings";
import { at, HEALTHY, noTokens, tokens, UNCHECKED } from "./accounts";
import type { Attempts } from "./attempts";
import { refusal } from "./refusals";
import type { Scenario } from "./scenarios";

/** What the rest of the fake program offers. */
export interface Program {
  world: Scenario;
  attempts: Attempts;
  language(): string;
  find(id: string): AccountView;
  byAddress(address: string): AccountView | undefined;
  /** Stores a draft's account, without a check. */
  keep(draft: DraftView): AccountView;
  store(account: AccountView): AccountView;
  openStorage(): void;
  accountsChanged(): void;
}

interface Provider {
  id: string;
  name: string;
  hosts: string[];
  page: string;
  appPasswords: string | null;
}

const PROVIDERS: Provider[] = [
  {
    id: "google",
    name: "Google",
    hosts: ["imap.gmail.com", "smtp.gmail.com"],
    page: "https://console.cloud.google.com/auth/clients",
    appPasswords: "https://myaccount.google.com/apppasswords",
  },
  {
    id: "microsoft",
    name: "Microsoft",
    hosts: ["outlook.office365.com", "smtp.office365.com", "smtp-mail.outlook.com"],
    page: "https://entra.microsoft.com/",
    appPasswords: null,
  },
  { id: "fastmail", name: "Fastmail", hosts: ["imap.fastmail.com"], page: "https://www.fastmail.com/dev/", appPasswords: "https://app.fastmail.com/settings/security/apppasswords" },
];

const ADMIN =
  "https://login.microsoftonline.com/organizations/v2.0/adminconsent?client_id=0000" +
  "&scope=offline_access+https%3A%2F%2Foutlook.office.com%2FIMAP.AccessAsUser.All+https%3A%2F%2Foutlook.office.com%2FSMTP.Send+openid+email+profile" +
  "&redirect_uri=http%3A%2F%2Flocalhost";

const ENDS: Record<string, string> = {
  denied: "oauth.denied",
  scopes: "oauth.scope_missing",
  admin: "oauth.admin_consent",
};

export function fakeConsents(program: Program): Consenting {
  const { world, attempts } = program;
  const own = new Map<string, string>();
  /** Consents of other addresses that wait for the person's word. */
  const held = new Map<string, () => AccountView>();

  const refused = (code: string, address?: string): ErrorView => refusal(code, program.language(), address);
  const providerOf = (host: string): Provider | undefined => PROVIDERS.find(({ hosts }) => hosts.includes(host));
  const clientOf = (id: string): string => (own.has(id) && world.clients[id] !== "organisation" ? "person" : (world.clients[id] ?? "none"));

  function help(imapHost: string): AuthorizeHelpView {
    const provider = providerOf(imapHost);
    const admin = provider?.id === "microsoft" ? ADMIN : null;
    return {
      provider: provider?.id ?? null,
      provider_name: provider?.name ?? null,
      client: provider ? clientOf(provider.id) : "registers",
      registration_page: provider?.page ?? null,
      app_password_page: provider?.appPasswords ?? null,
      device_code: provider?.id !== "google",
      admin_consent_url: admin,
      admin_text: admin && `Please approve Courrier for our organisation: ${admin}`,
    };
  }

  async function consent(attempt: number, byCode: boolean, draft: DraftView, named: Named, keep: () => AccountView): Promise<AccountView> {
    program.openStorage();
    const [end = ""] = draft.address.split("@");
    const { provider, client } = help(draft.imap.host);
    if (client === "none" && named.clientId === null) throw refused("oauth.client_missing");
    const never = program.byAddress(draft.address)?.oauth?.state === "missing";
    if (never && provider === null && named.issuer === null) throw refused("oauth.provider_unknown");
    if (end === "client" && provider !== null && !own.has(provider)) throw refused("oauth.misconfigured");
    if (named.issuer?.includes("mistyped")) throw refused("oauth.unreachable");
    await attempts.wait(attempt, end, byCode, ENDS);
    const settle = (as: string): AccountView => {
      const account = keep();
      const issuer = named.issuer ?? account.oauth?.provider ?? "";
      const source = provider ?? (issuer === "" ? `https://id.${draft.address.slice(draft.address.lastIndexOf("@") + 1)}` : issuer);
      world.outcomes = { ...world.outcomes, [account.id]: {} };
      const signedIn = program.store({
        ...account,
        imap: { ...account.imap, auth: "oauth" },
        smtp: { ...account.smtp, auth: account.smtp.auth === "none" ? "none" : "oauth" },
        has_secret: true,
        oauth: tokens(source, as, { refreshed_at: at(0), renews_at: at(-55), expires_at: at(-60) }),
        health: account.health.state === "sign_in_needed" ? UNCHECKED : account.health,
      });
      program.accountsChanged();
      return signedIn;
    };
    if (end === "other") {
      held.set(draft.address, () => settle("claire.martin@gmail.com"));
      throw refused("oauth.other_address", draft.address);
    }
    return settle(draft.address);
  }

  function withoutAccess(id: string): AccountView {
    const account = program.find(id);
    const gone = program.store({
      ...account,
      has_secret: false,
      oauth: noTokens(account.oauth?.provider ?? "google"),
      health: { ...HEALTHY, state: "sign_in_needed" },
    });
    program.accountsChanged();
    return gone;
  }

  const providers = (): MailProviderView[] =>
    PROVIDERS.map(({ id, name, page }) => ({ id, name, registration_page: page, client_id: own.get(id) ?? null, client: clientOf(id) }));

  return {
    async authorizeHelp(_address, imap) {
      if (imap.host.trim() === "") throw refused("input.setting");
      return help(imap.host);
    },
    authorizeAccount: async (attempt, byCode, id, named) => consent(attempt, byCode, program.find(id), named, () => program.find(id)),
    authorizeDraft: async (attempt, byCode, draft, named) =>
      consent(attempt, byCode, draft, named, () => program.byAddress(draft.address) ?? program.keep(draft)),
    async useOtherAddress(address) {
      const settle = held.get(address);
      held.delete(address);
      if (!settle) throw refused("signin.cancelled");
      return settle();
    },
    async dropOtherAddress(address) {
      held.delete(address);
    },
    async revokeAccess(id) {
      if (world.providersAway) throw refused("oauth.unreachable");
      return withoutAccess(id);
    },
    forgetAccess: async (id) => withoutAccess(id),
    mailProviders: async () => providers(),
    async setClientId(provider, clientId) {
      if (clientId !== null && /\s/.test(clientId)) throw refused("input.setting");
      if (clientId === null) own.delete(provider);
      else own.set(provider, clientId);
      return providers();
    },
  };
}
