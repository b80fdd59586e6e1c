/** What the stages of a check are called. */
import type { Side } from "../logic/stages";
import { t } from "./index.svelte";

const DONE: Record<string, (side: Side) => string> = {
  resolve: () => t("stage-resolve"),
  connect: () => t("stage-connect"),
  secure: () => t("stage-secure"),
  greet: (side) => t("stage-greet", { side }),
  capabilities: () => t("stage-capabilities"),
  authenticate: () => t("stage-authenticate"),
  inbox: () => t("stage-inbox"),
  sender: () => t("stage-sender"),
};

/** The stage as a fact: "Connected". */
export function stageName(stage: string, side: Side): string {
  return DONE[stage]?.(side) ?? stage;
}

export function sideName(side: Side): string {
  return side === "imap" ? t("side-receiving") : t("side-sending");
}

/** How a connection is protected: "encrypted". */
export function securityName(security: string): string {
  switch (security) {
    case "tls":
      return t("security-tls");
    case "starttls":
      return t("security-starttls");
    default:
      return t("security-none");
  }
}
