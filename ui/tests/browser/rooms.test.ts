/**
 * Every room in every state, light and dark, English and French: drawn, photographed, and found sound.
 * The photographs are for people: `ui/screenshots/`.
 */
import { afterAll, beforeAll, describe, test } from "vitest";

import { Harness, type Look, type Window } from "./harness";

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());

/** A room in a state: the scenario it starts in and what a person does to get there. */
interface State {
  name: string;
  scenario: string;
  arrive: (window: Window) => Promise<void>;
}

const select = (window: Window, address: string) => window.page.locator(`[data-address="${address}"]`).click();

async function type(window: Window, address: string): Promise<void> {
  await window.get("add-button").click();
  await window.get("address").fill(address);
  await window.get("address-known").waitFor();
}

/** To the sign-in of the organisation, and through its first step if a server is named. */
async function signIn(window: Window, server?: string, press?: string): Promise<void> {
  await window.get("room-settings").click();
  await window.get("sign-in").click();
  await window.get("server-address").waitFor();
  if (server === undefined || press === undefined) return;
  await window.get("server-address").fill(server);
  await window.get(press).click();
}

/** To the browser, for an address that is being added. */
async function consent(window: Window, address: string): Promise<void> {
  await type(window, address);
  await window.get("continue-in-browser").click();
  await window.get("consent").waitFor();
}

const STATES: State[] = [
  { name: "accounts-refused-password", scenario: "four", arrive: async (w) => {
    await select(w, "contact@atelier-martin.example");
    await w.get("try-password").waitFor();
  } },
  { name: "accounts-works", scenario: "two", arrive: async (w) => { await w.get("past-check").first().waitFor(); } },
  { name: "accounts-warning", scenario: "certificate", arrive: async (w) => {
    await select(w, "claire.martin@example.org");
    await w.get("warning").waitFor();
  } },
  { name: "accounts-certificate", scenario: "certificate", arrive: async (w) => {
    await w.page.locator('[data-side="imap"][data-stage="secure"] button').click();
    await w.get("certificate").waitFor();
  } },
  { name: "accounts-past-check-open", scenario: "two", arrive: async (w) => {
    await w.get("past-check").nth(3).locator("button").first().click();
  } },
  { name: "accounts-unusual", scenario: "unusual", arrive: async (w) => { await w.get("unchecked").waitFor(); } },
  { name: "accounts-no-password", scenario: "unusual", arrive: async (w) => {
    await w.get("check-again").click();
    await w.get("problem-card").waitFor();
  } },
  { name: "accounts-checking", scenario: "slow", arrive: async (w) => {
    await w.get("check-again").click();
    await w.page.locator('[data-side="imap"][data-stage="inbox"][data-state="ok"]').waitFor();
  } },
  { name: "accounts-offline", scenario: "offline", arrive: async (w) => {
    await w.network(false);
    await w.get("problem-card").waitFor();
  } },
  { name: "accounts-sign-in", scenario: "four", arrive: async (w) => {
    await select(w, "claire@bibliotheque-du-quartier-nord.example");
    await w.get("past-check").first().waitFor();
  } },
  { name: "accounts-app-password", scenario: "app", arrive: async (w) => { await w.get("open-help").waitFor(); } },
  { name: "accounts-menu", scenario: "two", arrive: async (w) => {
    await w.get("account-menu").click();
    await w.get("remove").waitFor();
  } },
  { name: "accounts-removed", scenario: "two", arrive: async (w) => {
    await w.get("account-menu").click();
    await w.get("remove").click();
    await w.get("undo").waitFor();
  } },
  { name: "accounts-search-none", scenario: "two", arrive: async (w) => {
    await w.get("search").fill("nobody");
    await w.get("account-row").first().waitFor({ state: "detached" });
  } },
  { name: "accounts-many", scenario: "many", arrive: async (w) => { await w.get("past-check").first().waitFor(); } },
  { name: "account-settings", scenario: "two", arrive: async (w) => { await w.get("tab-settings").click(); } },
  { name: "account-settings-changed", scenario: "two", arrive: async (w) => {
    await w.get("tab-settings").click();
    await w.get("smtp-host").fill("mail.example.org");
    await w.get("identity-add").click();
    await w.get("save").scrollIntoViewIfNeeded();
  } },
  { name: "account-settings-failed", scenario: "certificate", arrive: async (w) => {
    await w.get("tab-settings").click();
    await w.get("smtp-port").fill("587");
    await w.get("save").click();
    await w.get("save-unchecked").waitFor();
    await w.get("save-unchecked").scrollIntoViewIfNeeded();
  } },
  { name: "credentials", scenario: "two", arrive: async (w) => { await w.get("tab-credentials").click(); } },
  { name: "credentials-revealed", scenario: "two", arrive: async (w) => {
    await w.get("tab-credentials").click();
    await w.get("reveal").click();
    await w.get("copy-password").click();
    await w.get("revealed-secret").waitFor();
  } },
  { name: "credentials-locked", scenario: "locked", arrive: async (w) => {
    await w.get("tab-credentials").click();
    await w.get("storage-locked").waitFor();
  } },
  { name: "credentials-absent", scenario: "absent", arrive: async (w) => {
    await w.get("tab-credentials").click();
    await w.get("storage-absent").waitFor();
  } },
  { name: "credentials-none-yet", scenario: "none-yet", arrive: async (w) => {
    await w.get("tab-credentials").click();
    await w.get("create-keyring").waitFor();
  } },
  { name: "credentials-two-passwords", scenario: "two-passwords", arrive: async (w) => {
    await w.get("tab-credentials").click();
    await w.get("reveal-sending").click();
    await w.get("revealed-secret").waitFor();
  } },
  { name: "credentials-file-locked", scenario: "file-locked", arrive: async (w) => {
    await w.get("tab-credentials").click();
    await w.get("file-locked").waitFor();
  } },
  { name: "credentials-file-before", scenario: "file-before", arrive: async (w) => {
    await w.get("tab-credentials").click();
    await w.get("reveal").click();
    await w.get("file-locked").waitFor();
  } },
  { name: "credentials-missing", scenario: "unusual", arrive: async (w) => { await w.get("tab-credentials").click(); } },
  { name: "use-elsewhere", scenario: "two", arrive: async (w) => { await w.get("tab-elsewhere").click(); } },
  { name: "add-first", scenario: "empty", arrive: async (w) => { await w.get("address").waitFor(); } },
  { name: "add-found", scenario: "two", arrive: async (w) => {
    await type(w, "atelier@atelier-martin.example");
    await w.get("password").fill("secret");
  } },
  { name: "add-unknown", scenario: "two", arrive: async (w) => { await type(w, "claire@bücher-müller.example"); } },
  { name: "add-app-password", scenario: "two", arrive: async (w) => {
    await type(w, "claire@gmail.com");
    await w.paste("password", "abcd efgh ijkl mnop");
    await w.get("password-excess").waitFor();
  } },
  { name: "add-imap-off", scenario: "two", arrive: async (w) => { await type(w, "claire@gmx.net"); } },
  { name: "add-oauth", scenario: "two", arrive: async (w) => { await type(w, "claire@outlook.com"); } },
  { name: "add-existing", scenario: "two", arrive: async (w) => { await type(w, "contact@atelier-martin.example"); } },
  { name: "add-incomplete", scenario: "two", arrive: async (w) => {
    await w.get("add-button").click();
    await w.get("address").fill("claire@");
    await w.get("password").focus();
    await w.page.locator(".error").waitFor();
  } },
  { name: "add-checking", scenario: "slow", arrive: async (w) => {
    await type(w, "new@atelier-martin.example");
    await w.get("password").fill("secret");
    await w.get("save").click();
    await w.get("show-stages").click();
    await w.page.locator('[data-side="imap"][data-stage="inbox"][data-state="ok"]').waitFor();
  } },
  { name: "add-refused", scenario: "refused", arrive: async (w) => {
    await type(w, "new@atelier-martin.example");
    await w.get("password").fill("secret");
    await w.get("save").click();
    await w.get("problem-card").waitFor();
  } },
  { name: "add-locked", scenario: "locked", arrive: async (w) => {
    await w.get("add-button").click();
    await w.get("storage-locked").waitFor();
  } },
  { name: "add-file-locked", scenario: "file-locked", arrive: async (w) => {
    await w.get("add-button").click();
    await w.get("passphrase").fill("not this one");
    await w.page.keyboard.press("Enter");
    await w.page.locator(".error").waitFor();
  } },
  { name: "add-absent-choosing", scenario: "absent", arrive: async (w) => {
    await w.get("add-button").click();
    await w.get("keep-in-file-begin").click();
    await w.get("new-passphrase").fill("four words in a row");
  } },
  { name: "settings", scenario: "two", arrive: async (w) => {
    await w.get("room-settings").click();
    await w.get("finding").first().waitFor();
  } },
  { name: "settings-locked", scenario: "locked", arrive: async (w) => {
    await w.get("room-settings").click();
    await w.get("finding").first().waitFor();
  } },
  { name: "settings-none-yet", scenario: "none-yet", arrive: async (w) => {
    await w.get("room-settings").click();
    await w.get("finding").first().waitFor();
    await w.get("create-keyring").waitFor();
  } },
  { name: "settings-choosing-file", scenario: "two", arrive: async (w) => {
    await w.get("room-settings").click();
    await w.get("finding").first().waitFor();
    await w.get("keep-in-file-begin").click();
    await w.get("new-passphrase").fill("short");
    await w.get("keep-in-file-do").click();
    await w.page.locator(".error").waitFor();
  } },
  { name: "settings-choosing-file-differs", scenario: "absent", arrive: async (w) => {
    await w.get("room-settings").click();
    await w.get("finding").first().waitFor();
    await w.get("keep-in-file-begin").click();
    await w.get("new-passphrase").fill("four words in a row");
    await w.get("passphrase-again").fill("four words in a raw");
    await w.get("keep-in-file-do").click();
    await w.page.locator(".error").waitFor();
  } },
  { name: "settings-file-there", scenario: "file-before", arrive: async (w) => {
    await w.get("room-settings").click();
    await w.get("finding").first().waitFor();
    await w.get("keep-in-file-begin").click();
    await w.get("new-passphrase").waitFor();
  } },
  { name: "settings-file-locked", scenario: "file-locked", arrive: async (w) => {
    await w.get("room-settings").click();
    await w.get("finding").first().waitFor();
    await w.get("file-locked").waitFor();
  } },
  { name: "settings-file-ready", scenario: "file-ready", arrive: async (w) => {
    await w.get("room-settings").click();
    await w.get("finding").first().waitFor();
    await w.get("keep-in-keyring").waitFor();
  } },
  { name: "settings-file-missing", scenario: "file-missing", arrive: async (w) => {
    await w.get("room-settings").click();
    await w.get("finding").first().waitFor();
    await w.get("storage-absent").waitFor();
  } },
  { name: "first-run", scenario: "first-run", arrive: async (w) => { await w.get("first-organisation").waitFor(); } },
  { name: "sign-in", scenario: "two", arrive: async (w) => {
    await signIn(w);
  } },
  { name: "sign-in-missing", scenario: "first-run", arrive: async (w) => {
    await w.get("first-organisation").click();
    await w.get("sign-in-continue").click();
    await w.page.locator(".error").waitFor();
  } },
  { name: "sign-in-waiting", scenario: "two", arrive: async (w) => {
    await signIn(w, "stays.example.org", "sign-in-continue");
    await w.get("sign-in-waiting").waitFor();
  } },
  { name: "sign-in-pasting", scenario: "two", arrive: async (w) => {
    await signIn(w, "stays.example.org", "sign-in-continue");
    await w.get("sign-in-help").click();
    await w.get("sign-in-answer").fill("https://id.mairie-exemple.example/");
    await w.get("sign-in-answer-do").click();
    await w.page.locator(".error").waitFor();
  } },
  { name: "sign-in-code", scenario: "two", arrive: async (w) => {
    await signIn(w, "courrier.example.org", "sign-in-code");
    await w.get("user-code").waitFor();
  } },
  { name: "sign-in-code-asking", scenario: "two", arrive: async (w) => {
    await signIn(w, "noanswer.example.org", "sign-in-code");
    await w.get("sign-in-waiting").waitFor();
  } },
  { name: "sign-in-unreachable", scenario: "two", arrive: async (w) => {
    await signIn(w, "down.example.org", "sign-in-continue");
    await w.get("sign-in-failed").waitFor();
  } },
  { name: "sign-in-no-browser", scenario: "two", arrive: async (w) => {
    await signIn(w, "nobrowser.example.org", "sign-in-continue");
    await w.get("failed-use-code").waitFor();
  } },
  { name: "sign-in-choose", scenario: "four", arrive: async (w) => {
    await signIn(w, "courrier.example.org", "sign-in-continue");
    await w.get("choose-row").nth(1).click();
  } },
  { name: "sign-in-done", scenario: "two", arrive: async (w) => {
    await signIn(w, "courrier.example.org", "sign-in-continue");
    await w.get("choose-done").click();
    await w.get("needs-password").first().waitFor();
  } },
  { name: "fetching", scenario: "fetching", arrive: async (w) => { await w.get("who").waitFor(); } },
  { name: "accounts-signed-in", scenario: "signed-in", arrive: async (w) => { await w.get("past-check").first().waitFor(); } },
  { name: "accounts-needs-password", scenario: "signed-in", arrive: async (w) => {
    await select(w, "accueil@mairie-exemple.example");
    await w.get("unchecked").waitFor();
  } },
  { name: "accounts-only-here", scenario: "signed-in", arrive: async (w) => {
    await select(w, "cmartin@laposte.example");
    await w.get("tab-settings").click();
    await w.get("only-here").scrollIntoViewIfNeeded();
  } },
  { name: "accounts-travels", scenario: "signed-in", arrive: async (w) => {
    await w.get("tab-settings").click();
    await w.get("only-here").scrollIntoViewIfNeeded();
  } },
  { name: "accounts-sync-waiting", scenario: "sync-waiting", arrive: async (w) => { await w.get("past-check").first().waitFor(); } },
  { name: "accounts-sync-offline", scenario: "sync-offline", arrive: async (w) => {
    await w.network(false);
    await w.get("sync-banner").waitFor();
  } },
  { name: "accounts-sync-failed", scenario: "sync-failed", arrive: async (w) => { await w.get("sync-banner").waitFor(); } },
  { name: "accounts-must-sign-in", scenario: "must-sign-in", arrive: async (w) => { await w.get("sync-banner").waitFor(); } },
  { name: "accounts-conflict", scenario: "conflict", arrive: async (w) => { await w.get("conflict-banner").waitFor(); } },
  { name: "history", scenario: "signed-in", arrive: async (w) => {
    await w.get("tab-history").click();
    await w.get("version").first().waitFor();
  } },
  { name: "history-conflict", scenario: "conflict", arrive: async (w) => {
    await w.get("conflict-look").click();
    await w.get("version").first().waitFor();
  } },
  { name: "history-restored", scenario: "signed-in", arrive: async (w) => {
    await w.get("tab-history").click();
    await w.get("restore").nth(1).click();
    await w.get("undo-restore").waitFor();
  } },
  { name: "history-empty", scenario: "signed-in-empty", arrive: async (w) => {
    await w.get("tab-history").click();
    await w.get("history-empty").waitFor();
  } },
  { name: "devices", scenario: "signed-in", arrive: async (w) => {
    await w.get("room-devices").click();
    await w.get("audit-entry").first().waitFor();
  } },
  { name: "devices-log", scenario: "signed-in", arrive: async (w) => {
    await w.get("room-devices").click();
    await w.get("audit-more").click();
    await w.get("audit-more").scrollIntoViewIfNeeded();
  } },
  { name: "devices-renaming", scenario: "signed-in", arrive: async (w) => {
    await w.get("room-devices").click();
    await w.get("device-rename").first().click();
    await w.get("device-name").fill("");
    await w.get("device-name-save").click();
    await w.page.locator(".error").waitFor();
  } },
  { name: "devices-revoking", scenario: "signed-in", arrive: async (w) => {
    await w.get("room-devices").click();
    await w.get("device-revoke").first().click();
    await w.get("confirm").waitFor();
  } },
  { name: "devices-only-one", scenario: "signed-in-empty", arrive: async (w) => {
    await w.get("room-devices").click();
    await w.get("audit").waitFor();
  } },
  { name: "devices-loading", scenario: "fetching", arrive: async (w) => {
    await w.get("room-devices").click();
    await w.page.waitForTimeout(300);
  } },
  { name: "devices-unreachable", scenario: "sync-offline", arrive: async (w) => {
    await w.get("room-devices").click();
    await w.get("devices-failed").waitFor();
  } },
  { name: "devices-offline", scenario: "signed-in", arrive: async (w) => {
    await w.get("room-devices").click();
    await w.get("audit-entry").first().waitFor();
    await w.network(false);
    await w.get("devices-again").click();
    await w.get("devices-as-of").waitFor();
  } },
  { name: "devices-must-sign-in", scenario: "must-sign-in", arrive: async (w) => {
    await w.get("room-devices").click();
    await w.get("devices-must-sign-in").waitFor();
  } },
  { name: "settings-signed-in", scenario: "signed-in", arrive: async (w) => {
    await w.get("room-settings").click();
    await w.get("sign-out").waitFor();
    await w.get("finding").first().waitFor();
  } },
  { name: "settings-signing-out", scenario: "sync-offline", arrive: async (w) => {
    await w.get("room-settings").click();
    await w.get("sign-out").click();
    await w.get("sign-out-remove").check();
    await w.get("finding").first().waitFor();
  } },
  { name: "settings-sync-failed", scenario: "sync-failed", arrive: async (w) => {
    await w.get("room-settings").click();
    await w.get("sync-failed").waitFor();
    await w.get("finding").first().waitFor();
  } },
  { name: "settings-must-sign-in", scenario: "must-sign-in", arrive: async (w) => {
    await w.get("who").click();
    await w.get("sign-in-again").waitFor();
    await w.get("finding").first().waitFor();
  } },
  { name: "add-browser", scenario: "browser", arrive: async (w) => { await type(w, "claire@gmail.com"); } },
  { name: "add-browser-or-password", scenario: "browser", arrive: async (w) => {
    await type(w, "claire@gmail.com");
    await w.get("use-app-password").click();
    await w.get("use-browser").waitFor();
  } },
  { name: "add-own-client-id", scenario: "two", arrive: async (w) => {
    await type(w, "claire@outlook.com");
    await w.get("own-client-id").click();
    await w.get("client-id-save").click();
    await w.page.locator(".error").waitFor();
  } },
  { name: "consent-waiting", scenario: "browser", arrive: async (w) => { await consent(w, "stays@outlook.com"); } },
  { name: "consent-pasting", scenario: "browser", arrive: async (w) => {
    await consent(w, "stays@outlook.com");
    await w.get("sign-in-help").click();
    await w.get("sign-in-answer").waitFor();
  } },
  { name: "consent-code", scenario: "browser", arrive: async (w) => {
    await consent(w, "stays@outlook.com");
    await w.get("sign-in-help").click();
    await w.get("sign-in-code").click();
    await w.get("user-code").waitFor();
  } },
  { name: "consent-other-address", scenario: "browser", arrive: async (w) => {
    await consent(w, "other@gmail.com");
    await w.get("use-other").waitFor();
  } },
  { name: "consent-admin", scenario: "browser", arrive: async (w) => {
    await consent(w, "admin@outlook.com");
    await w.get("copy-admin-text").waitFor();
  } },
  { name: "consent-denied", scenario: "browser", arrive: async (w) => {
    await consent(w, "denied@gmail.com");
    await w.get("consent-retry").waitFor();
  } },
  { name: "consent-unknown", scenario: "browser", arrive: async (w) => {
    await select(w, "claire@bibliotheque-du-quartier-nord.example");
    await w.get("account-sign-in").click();
    await w.get("issuer").waitFor();
  } },
  { name: "consent-locked", scenario: "browser-locked", arrive: async (w) => {
    await select(w, "accueil@mairie-exemple.example");
    await w.get("account-sign-in").click();
    await w.get("storage-locked").waitFor();
  } },
  { name: "accounts-tokens", scenario: "browser", arrive: async (w) => { await w.get("tokens").waitFor(); } },
  { name: "accounts-sign-in-needed", scenario: "browser", arrive: async (w) => {
    await select(w, "accueil@mairie-exemple.example");
    await w.get("tokens").waitFor();
  } },
  { name: "accounts-sign-in-missing", scenario: "browser", arrive: async (w) => {
    await select(w, "claire@bibliotheque-du-quartier-nord.example");
    await w.get("sign-in-needed").waitFor();
  } },
  { name: "accounts-admin-consent", scenario: "browser", arrive: async (w) => {
    await select(w, "secretariat@ecole.example");
    await w.get("open-admin-page").waitFor();
  } },
  { name: "accounts-notice-sign-in", scenario: "browser-needed", arrive: async (w) => { await w.get("notice-sign-in").waitFor(); } },
  { name: "accounts-unkept", scenario: "browser-unkept", arrive: async (w) => {
    await w.get("unkept").waitFor();
    await w.get("notice").waitFor();
  } },
  { name: "credentials-browser", scenario: "browser", arrive: async (w) => { await w.get("tab-credentials").click(); } },
  { name: "credentials-removing-access", scenario: "browser", arrive: async (w) => {
    await w.get("tab-credentials").click();
    await w.get("revoke-access").click();
    await w.get("confirm").waitFor();
  } },
  { name: "credentials-access-unheard", scenario: "browser-away", arrive: async (w) => {
    await w.get("tab-credentials").click();
    await w.get("revoke-access").click();
    await w.get("confirm-do").click();
    await w.get("forget-access").waitFor();
  } },
  { name: "use-elsewhere-browser", scenario: "browser", arrive: async (w) => { await w.get("tab-elsewhere").click(); } },
  { name: "settings-mail-providers", scenario: "browser", arrive: async (w) => {
    await w.get("room-settings").click();
    await w.get("finding").first().waitFor();
    await w.page.locator('[data-provider="fastmail"] [data-testid="own-client-id"]').click();
    await w.get("client-id-save").scrollIntoViewIfNeeded();
  } },
  { name: "starting", scenario: "starting", arrive: async (w) => { await w.page.waitForTimeout(400); } },
  { name: "start-failed", scenario: "failed", arrive: async (w) => { await w.get("start-failed").waitFor(); } },
];

const RIGHT_TO_LEFT = [
  "accounts-refused-password",
  "account-settings",
  "credentials",
  "add-found",
  "settings",
  "first-run",
  "sign-in-choose",
  "accounts-sync-offline",
  "history-conflict",
  "devices",
  "consent-other-address",
  "accounts-sign-in-needed",
];
const OTHER_PAIRS = [
  "accounts-refused-password",
  "add-found",
  "credentials-revealed",
  "settings",
  "first-run",
  "sign-in-code",
  "accounts-sync-offline",
  "history-conflict",
  "devices",
  "add-browser",
  "consent-other-address",
  "accounts-sign-in-needed",
];

const LOOKS: Look[] = [
  { language: "en", theme: "light" },
  { language: "fr", theme: "dark" },
];

async function visit(state: State, look: Look, name: string): Promise<void> {
  const window = await harness.open(state.scenario, look);
  try {
    await state.arrive(window);
    await window.shot(name);
    await window.expectSound();
  } finally {
    await window.close();
  }
}

describe.each(LOOKS)("$language, $theme", (look) => {
  test.each(STATES)("$name", (state) => visit(state, look, `${state.name}-${look.language ?? ""}-${look.theme ?? ""}`));
});

describe("the smallest window", () => {
  const small: Look = { language: "fr", width: 720, height: 520 };
  test.each(STATES)("$name", (state) => visit(state, small, `small-${state.name}`));
});

describe("right to left", () => {
  const some = STATES.filter(({ name }) => RIGHT_TO_LEFT.includes(name));
  test.each(some)("$name", async (state) => {
    const window = await harness.open(state.scenario);
    try {
      await state.arrive(window);
      await window.page.evaluate(() => (document.documentElement.dir = "rtl"));
      await window.shot(`rtl-${state.name}`);
      await window.expectSound();
    } finally {
      await window.close();
    }
  });
});

describe("the other pairs of language and theme", () => {
  const some = STATES.filter(({ name }) => OTHER_PAIRS.includes(name));
  test.each(some)("$name, English, dark", (state) => visit(state, { language: "en", theme: "dark" }, `${state.name}-en-dark`));
  test.each(some)("$name, French, light", (state) => visit(state, { language: "fr", theme: "light" }, `${state.name}-fr-light`));
});
