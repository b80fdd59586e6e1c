/** The one or two words that an account, or a side of a check, is labelled with in lists. */
import type { AccountView, HealthView, SideView } from "../backend/bindings";
import { needsPassword } from "../logic/needs";
import { t } from "./index.svelte";

export type Tone = "ok" | "warn" | "bad" | "calm";

export interface Label {
  tone: Tone;
  icon: "check" | "alert" | "sign-in" | "key" | "pause" | "none" | "busy";
  text: string;
}

/** What a problem is about, in one word. */
function problemWord(code: string | null): string {
  const [family = "", rest = ""] = (code ?? "").split(".");
  if (code === "net.offline") return t("label-offline");
  if (rest.startsWith("certificate_")) return t("label-certificate");
  if (code === "auth.rejected" || code === "auth.app_password_required" || code === "auth.password_expired") {
    return t("label-password");
  }
  switch (family) {
    case "secret":
      return t("label-no-password");
    case "keyring":
      return t("label-keyring");
    case "auth":
      return t("label-sign-in-problem");
    case "dns":
    case "net":
      return t("label-connection");
    case "tls":
      return t("label-encryption");
    case "mailbox":
      return t("label-mailbox");
    case "smtp":
      return t("label-sender");
    default:
      return t("label-server");
  }
}

function healthLabel(health: HealthView): Label {
  switch (health.state) {
    case "ok":
      return { tone: "ok", icon: "check", text: t("label-works") };
    case "problem":
      return { tone: "bad", icon: "alert", text: problemWord(health.problem_code) };
    case "sign_in_needed":
      return { tone: "warn", icon: "sign-in", text: t("label-sign-in") };
    case "paused":
      return { tone: "calm", icon: "pause", text: t("label-paused") };
    default:
      return { tone: "calm", icon: "none", text: t("label-unchecked") };
  }
}

/** What an account needs on this computer, else its health. */
export function accountLabel(account: AccountView): Label {
  if (needsPassword(account)) return { tone: "warn", icon: "key", text: t("label-no-password") };
  return healthLabel(account.health);
}

export function sideLabel(side: SideView): Label {
  if (side.problem) return { tone: "bad", icon: "alert", text: problemWord(side.problem.code) };
  if (side.warnings.length > 0) return { tone: "warn", icon: "alert", text: t("label-works-with-warning") };
  return { tone: "ok", icon: "check", text: t("label-works") };
}

export function runningLabel(stage: string | null): Label {
  return { tone: "warn", icon: "busy", text: stage ? (STAGE_RUNNING[stage] ?? (() => t("label-checking")))() : t("label-checking") };
}

const STAGE_RUNNING: Record<string, () => string> = {
  resolve: () => t("running-resolve"),
  connect: () => t("running-connect"),
  secure: () => t("running-secure"),
  greet: () => t("running-greet"),
  capabilities: () => t("running-capabilities"),
  authenticate: () => t("running-authenticate"),
  inbox: () => t("running-inbox"),
  sender: () => t("running-sender"),
};
