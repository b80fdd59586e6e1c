/** The address of an organisation's server, as it is typed. */

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/** A complete address, or null if none can be made of it. A bare name means https, except on this computer. */
export function serverAddress(typed: string): string | null {
  const text = typed.trim();
  if (text === "" || /\s/.test(text)) return null;
  const complete = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `${LOOPBACK.test(text) ? "http" : "https"}://${text}`;
  return URL.canParse(complete) && new URL(complete).hostname !== "" ? complete.replace(/\/+$/, "") : null;
}

/** The server as a person recognises it: without `https://`. */
export function shownServer(address: string): string {
  return address.replace(/^https:\/\//i, "").replace(/\/$/, "");
}
