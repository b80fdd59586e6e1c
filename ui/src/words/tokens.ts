/** What is said of an account's tokens. */
import type { TokensView } from "../backend/bindings";
import { t } from "./index.svelte";
import { distance, when } from "./when";

/** A moment, and how far away it is. */
export function moment(at: string, now = new Date()): string {
  return `${when(at, now)} · ${distance(at, now)}`;
}

/** When the access is renewed; a time that has passed means that the provider could not be asked. Null if nobody knows. */
export function renewal({ renews_at, provider_name }: TokensView, now = new Date()): string | null {
  if (renews_at === null) return null;
  return new Date(renews_at) < now ? t("tokens-renews-soon", { provider: provider_name }) : moment(renews_at, now);
}
