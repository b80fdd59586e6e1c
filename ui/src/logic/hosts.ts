/** Names of servers as a person reads them. */
import { toUnicode } from "punycode/punycode.es6.js";

/** The host with its internationalised labels in Unicode; what can't be decoded stays as it is. */
export function shownHost(host: string): string {
  try {
    return toUnicode(host);
  } catch {
    return host;
  }
}
