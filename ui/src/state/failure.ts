/** What a rejected request carries. */
import type { ErrorView } from "../backend/bindings";
import { t } from "../words/index.svelte";

/** The backend's own account of it; anything else is a defect, told as one. */
export function failureOf(reason: unknown): ErrorView {
  if (typeof reason === "object" && reason !== null && "code" in reason && "message" in reason) return reason as ErrorView;
  console.error(reason);
  return { code: "internal", message: t("failure-internal"), remedy: t("failure-internal-remedy"), retryable: true };
}

/** True if the person stopped it: nothing to tell. */
export function wasCancelled(failure: ErrorView): boolean {
  return failure.code === "cancelled";
}
