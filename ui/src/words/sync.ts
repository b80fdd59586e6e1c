/** How far what changed here has come, in a word or two with a sign. */
import type { LucideProps } from "@lucide/svelte";
import CircleAlert from "@lucide/svelte/icons/circle-alert";
import CloudCheck from "@lucide/svelte/icons/cloud-check";
import CloudOff from "@lucide/svelte/icons/cloud-off";
import CloudUpload from "@lucide/svelte/icons/cloud-upload";
import LogIn from "@lucide/svelte/icons/log-in";
import RefreshCw from "@lucide/svelte/icons/refresh-cw";
import type { Component } from "svelte";

import type { SessionView } from "../backend/bindings";
import { t } from "./index.svelte";

export interface SyncLabel {
  icon: Component<LucideProps>;
  text: string;
  tone: "calm" | "warn" | "bad";
  /** True if there is nothing to do and nothing to wait for. */
  calm: boolean;
}

/** Null while nobody is signed in. */
export function syncLabel({ state, sync }: SessionView): SyncLabel | null {
  if (state === "must_sign_in") return { icon: LogIn, text: t("sign-in-again"), tone: "warn", calm: false };
  if (state !== "signed_in") return null;
  switch (sync.state) {
    case "up_to_date":
      return { icon: CloudCheck, text: t("sync-up-to-date"), tone: "calm", calm: true };
    case "working":
      return { icon: RefreshCw, text: t("sync-working"), tone: "calm", calm: true };
    case "waiting":
      return { icon: CloudUpload, text: t("sync-waiting", { count: sync.pending }), tone: "calm", calm: true };
    case "offline":
      return sync.pending > 0
        ? { icon: CloudOff, text: t("sync-offline-waiting", { count: sync.pending }), tone: "warn", calm: false }
        : { icon: CloudOff, text: t("sync-offline"), tone: "calm", calm: true };
    case "failed":
      return { icon: CircleAlert, text: t("sync-failed"), tone: "bad", calm: false };
    default:
      return null;
  }
}
