/** What the first frame does not show, loaded when it is wanted, or once the first frame is over. */
import type { Component } from "svelte";

import type { AccountView } from "../backend/bindings";
import { nextFrameSeen } from "../logic/frames";
import type { Room, Tab } from "../state/courrier.svelte";

type Later<Props extends Record<string, unknown>> = () => Promise<{ default: Component<Props> }>;

export const ROOMS: Record<Exclude<Room, "accounts">, Later<Record<string, never>>> = {
  first: () => import("./first/FirstRoom.svelte"),
  add: () => import("./add/AddRoom.svelte"),
  consent: () => import("./consent/ConsentRoom.svelte"),
  devices: () => import("./devices/DevicesRoom.svelte"),
  "sign-in": () => import("./sign-in/SignInRoom.svelte"),
  settings: () => import("./settings/SettingsRoom.svelte"),
};

export const TABS: Record<Exclude<Tab, "health">, Later<{ account: AccountView }>> = {
  settings: () => import("./accounts/AccountSettings.svelte"),
  credentials: () => import("./accounts/Credentials.svelte"),
  history: () => import("./accounts/history/History.svelte"),
  elsewhere: () => import("./accounts/UseElsewhere.svelte"),
};

/** What is known of an account's tokens, where it has any. */
export const tokens: Later<{ account: AccountView }> = () => import("./accounts/Tokens.svelte");

let menu: ReturnType<Later<{ account: AccountView }>> | undefined;

/** The menu, which is in view at once but need not work before the first frame is drawn. */
export function accountMenu(): ReturnType<Later<{ account: AccountView }>> {
  menu ??= nextFrameSeen().then(() => import("./accounts/AccountMenu.svelte"));
  return menu;
}

/** Milliseconds after the first frame before the rest is loaded, so that nobody waits for it when it is wanted. */
const PAUSE = 600;

/** Loads the rest a while from now, one after the other; the answer gives that up. */
export function warmUp(): () => void {
  const timer = setTimeout(() => {
    void (async () => {
      // What fails here fails again, and is told, where it is wanted.
      for (const load of [accountMenu, tokens, ...Object.values(TABS), ...Object.values(ROOMS)]) await load().catch(() => undefined);
    })();
  }, PAUSE);
  return () => clearTimeout(timer);
}
