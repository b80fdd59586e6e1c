/** The fake program's table of providers: one of each kind that a form treats differently. */
import type { EndpointView, SuggestionView } from "../bindings";
import { endpoint } from "./accounts";

interface Provider {
  name: string;
  imap: [string, number];
  smtp: [string, number, string?];
  help_url?: string;
  app_password?: boolean;
  imap_off_by_default?: boolean;
  oauth?: boolean;
}

const PROVIDERS: Record<string, Provider> = {
  "atelier-martin.example": {
    name: "Atelier Martin",
    imap: ["imap.atelier-martin.example", 993],
    smtp: ["smtp.atelier-martin.example", 465],
  },
  "gmail.com": {
    name: "Gmail",
    imap: ["imap.gmail.com", 993],
    smtp: ["smtp.gmail.com", 465],
    help_url: "https://myaccount.google.com/apppasswords",
    app_password: true,
  },
  "gmx.net": {
    name: "GMX",
    imap: ["imap.gmx.net", 993],
    smtp: ["mail.gmx.net", 587, "starttls"],
    help_url: "https://www.gmx.net/mail/einstellungen",
    imap_off_by_default: true,
  },
  "outlook.com": {
    name: "Outlook.com",
    imap: ["outlook.office365.com", 993],
    smtp: ["smtp-mail.outlook.com", 587, "starttls"],
    oauth: true,
  },
};

/** Null while the address is incomplete. */
export function suggestionFor(typed: string): Omit<SuggestionView, "existing_account_id"> | null {
  const address = typed.trim().replace(/^mailto:/i, "");
  if (!/^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/.test(address)) return null;
  const provider = PROVIDERS[address.slice(address.indexOf("@") + 1).toLowerCase()];
  const auth = provider?.oauth ? "oauth" : "password";
  const side = (host: string, port: number, security = "tls"): EndpointView => ({
    ...endpoint(host, port, address, security),
    auth,
  });
  return {
    address,
    provider: provider?.name ?? null,
    draft: {
      address,
      name: "",
      color: null,
      primary: false,
      imap: provider ? side(...provider.imap) : side("", 993),
      smtp: provider ? side(...provider.smtp) : side("", 465),
      identities: [],
    },
    help_url: provider?.help_url ?? null,
    app_password: provider?.app_password ?? false,
    imap_off_by_default: provider?.imap_off_by_default ?? false,
  };
}
