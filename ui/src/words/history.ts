/** Versions of an account, in words. */
import type { DraftView, EndpointView, VersionView } from "../backend/bindings";
import { shownHost } from "../logic/hosts";
import { t } from "./index.svelte";
import { securityName } from "./stages";

/** What made a version. */
export function causeName({ cause, device }: VersionView): string {
  switch (cause) {
    case "added":
      return t("version-added");
    case "received":
      return device === null ? t("version-received") : t("version-received-from", { device });
    case "conflict":
      return t("version-conflict");
    case "restored":
      return t("version-restored");
    case "removed":
      return t("version-removed");
    default:
      return t("version-edited");
  }
}

const GROUPS: Record<string, () => string> = {
  address: () => t("address"),
  name: () => t("name"),
  color: () => t("color"),
  imap: () => t("side-receiving"),
  smtp: () => t("side-sending"),
  identities: () => t("identities"),
  order: () => t("group-order"),
};

/** What a group of fields is called. */
export function groupName(group: string): string {
  return GROUPS[group]?.() ?? group;
}

function endpoint({ host, port, security, username }: EndpointView): string {
  return [`${shownHost(host)}:${port}`, securityName(security), username].filter(Boolean).join(" · ");
}

/** What stood in a group of fields; null where words would say nothing. */
export function groupText(group: string, draft: DraftView): string | null {
  switch (group) {
    case "address":
      return draft.address;
    case "name":
      return draft.name === "" ? t("nothing") : draft.name;
    case "imap":
      return endpoint(draft.imap);
    case "smtp":
      return endpoint(draft.smtp);
    case "identities":
      return draft.identities.length === 0 ? t("nothing") : draft.identities.map(({ address }) => address).join(", ");
    default:
      return null;
  }
}
