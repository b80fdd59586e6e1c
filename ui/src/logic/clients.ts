/** Client ids of the person's own. */

/** Providers that give a secret beside the id, and take no id without it. */
const WITH_SECRET = new Set(["google"]);

/** What is missing before a client id can be saved; null if nothing is. */
export type Missing = "id" | "secret" | null;

/**
 * @param known The id that is stored already; its secret is kept where none is typed.
 */
export function missingFrom(provider: string, id: string, secret: string, known: string | null): Missing {
  if (id.trim() === "") return "id";
  return WITH_SECRET.has(provider) && secret.trim() === "" && id.trim() !== known ? "secret" : null;
}
