/** Accounts that sign in through the browser: adding them, keeping them, and giving their access back. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";

import { Harness, type Window } from "./harness";

const RIGHT = "correct-horse";

let harness: Harness;
let window: Window;
beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());
afterEach(async () => {
  expect(window.complaints).toEqual([]);
  await window.close();
});

const rows = () => window.get("account-row").count();
const row = (address: string) => window.page.locator(`[data-testid="account-row"][data-address="${address}"]`);
const health = (address: string) => row(address).getAttribute("data-health");
const text = (testId: string) => window.get(testId).first().innerText();
const focused = () => window.page.evaluate(() => document.activeElement?.getAttribute("data-testid"));
/** Waits until what is asked for is so: with a deadline, never by time alone. */
const eventually = (ask: () => unknown, what: unknown) => expect.poll(ask, { timeout: 10_000 }).toEqual(what);

async function add(address: string): Promise<void> {
  await window.get("add-button").click();
  await window.get("address").fill(address);
  await window.get("address-known").waitFor();
}

describe("adding an address whose provider signs in through the browser", () => {
  test("by keyboard alone: type, enter, and both servers are proved with what came back", async () => {
    window = await harness.open("browser");
    await window.get("add-button").click();
    await eventually(focused, "address");
    await window.page.keyboard.type("claire@gmail.com");
    await window.get("browser-note").waitFor();
    expect(await window.get("password").count()).toBe(0);
    await window.page.keyboard.press("Enter");
    await window.get("sign-in-waiting").waitFor();
    await eventually(rows, 6);
    await eventually(() => health("claire@gmail.com"), "ok");
    expect(await text("tokens-consented")).toBe("claire@gmail.com");
    await window.page.getByText("claire@gmail.com works and is saved.").waitFor();
  });

  test("an app password is one press away, and the browser one press back", async () => {
    window = await harness.open("browser");
    await add("claire@gmail.com");
    await window.get("use-app-password").click();
    await window.get("password").fill(RIGHT);
    await window.get("use-browser").click();
    await window.get("continue-in-browser").waitFor();
    expect(await window.get("password").count()).toBe(0);
    await window.get("use-app-password").click();
    expect(await window.get("password").inputValue()).toBe("");
    await window.get("password").fill(RIGHT);
    await window.get("save").click();
    await eventually(() => health("claire@gmail.com"), "ok");
    await window.get("tab-credentials").click();
    await window.get("reveal").waitFor();
  });

  test("waiting survives a look at another room; cancelling gives the form back as it was, and nothing is saved", async () => {
    window = await harness.open("browser");
    await add("stays@outlook.com");
    await window.get("continue-in-browser").click();
    await window.get("sign-in-waiting").waitFor();
    await window.get("room-settings").click();
    await window.get("room-add").click();
    expect(await window.get("address").inputValue()).toBe("stays@outlook.com");
    await window.get("continue-in-browser").click();
    await window.get("sign-in-cancel").click();
    await window.get("add-form").waitFor();
    expect(await window.get("address").inputValue()).toBe("stays@outlook.com");
    await window.get("room-accounts").click();
    expect(await rows()).toBe(5);
  });

  test("a browser that never comes back: the address line is pasted, and a wrong one is told", async () => {
    window = await harness.open("browser");
    await add("stays@outlook.com");
    await window.get("continue-in-browser").click();
    await window.get("sign-in-help").click();
    await window.get("sign-in-answer").fill("https://login.microsoftonline.com/");
    await window.get("sign-in-answer-do").click();
    await window.page.locator(".error").waitFor();
    await window.get("sign-in-answer").fill("http://127.0.0.1:41234/back?code=abc");
    await window.get("sign-in-answer-do").click();
    await eventually(() => health("stays@outlook.com"), "ok");
  });

  test("where no browser can open, a code on another device does", async () => {
    window = await harness.open("browser");
    await add("nobrowser@outlook.com");
    await window.get("continue-in-browser").click();
    await window.get("failed-use-code").click();
    expect(await text("user-code")).toBe("WDJB-MJHT");
  });

  test("another address than the account's is shown, and used only if the person says so", async () => {
    window = await harness.open("browser");
    await add("other@gmail.com");
    await window.get("continue-in-browser").click();
    await window.get("other-address").waitFor();
    expect(await text("other-address")).toContain("claire.martin@gmail.com");
    await eventually(focused, "sign-in-right");
    await window.get("use-other").click();
    await eventually(() => health("other@gmail.com"), "ok");
    expect(await text("tokens-consented")).toBe("claire.martin@gmail.com");
  });

  test("signing in as the right one opens the browser again; cancelling saves nothing", async () => {
    window = await harness.open("browser");
    await add("other@gmail.com");
    await window.get("continue-in-browser").click();
    await window.get("sign-in-right").click();
    await window.get("sign-in-waiting").waitFor();
    await window.get("use-other").waitFor();
    await window.page.keyboard.press("Escape");
    await window.get("add-form").waitFor();
    await window.get("room-accounts").click();
    expect(await rows()).toBe(5);
  });

  test("an administrator's approval: a text to copy and the page to open", async () => {
    window = await harness.open("browser");
    await add("admin@outlook.com");
    await window.get("continue-in-browser").click();
    await window.get("copy-admin-text").click();
    await eventually(() => text("copy-admin-text"), "Copied");
    expect(await window.get("open-admin-page").isVisible()).toBe(true);
  });
});

describe("without a client id", () => {
  test("an app password is asked for where there are any", async () => {
    window = await harness.open("two");
    await add("claire@gmail.com");
    await window.get("app-password-note").waitFor();
    expect(await window.get("continue-in-browser").count()).toBe(0);
    expect(await window.get("open-help").isVisible()).toBe(true);
  });

  test("one's own is entered in place, by keyboard, and the browser opens", async () => {
    window = await harness.open("two");
    await add("claire@outlook.com");
    await window.get("oauth-note").waitFor();
    expect(await window.get("save").count()).toBe(0);
    await window.get("own-client-id").click();
    await eventually(focused, "client-id");
    await window.page.keyboard.type("not one");
    await window.page.keyboard.press("Enter");
    await window.page.locator(".error").waitFor();
    await window.get("client-id").fill("0f7a-mine");
    await window.page.keyboard.press("Enter");
    await window.get("continue-in-browser").click();
    await eventually(() => health("claire@outlook.com"), "ok");
  });

  test("one's own at Google wants the secret as well, and keeps it when it is saved again", async () => {
    window = await harness.open("two");
    await window.get("room-settings").click();
    const provider = window.page.locator('[data-provider="google"]');
    await provider.locator('[data-testid="own-client-id"]').click();
    await window.page.keyboard.type("mine");
    await window.page.keyboard.press("Enter");
    await eventually(focused, "client-secret");
    expect(await provider.getAttribute("data-client")).toBe("none");
    await window.page.keyboard.type("shared");
    await window.page.keyboard.press("Enter");
    await eventually(() => provider.getAttribute("data-client"), "person");
    await provider.locator('[data-testid="own-client-id"]').click();
    await window.page.getByText("Leave it empty to keep").waitFor();
    await window.page.keyboard.press("Enter");
    await eventually(() => window.get("client-id-form").count(), 0);
  });

  test("one's own belongs to the provider that it was typed for", async () => {
    window = await harness.open("two");
    await add("claire@outlook.com");
    await window.get("own-client-id").click();
    await window.get("client-id").fill("0f7a-microsoft");
    await window.get("address").fill("claire@gmail.com");
    await window.page.getByText("Google lets programs in").waitFor();
    expect(await window.get("client-id").inputValue()).toBe("");
  });

  test("that the provider does not take, another one is asked for", async () => {
    window = await harness.open("browser");
    await add("client@gmail.com");
    await window.get("continue-in-browser").click();
    await window.get("consent-failed").waitFor();
    await window.get("client-id").fill("mine");
    await window.get("client-secret").fill("shared");
    await window.get("client-id-save").click();
    await eventually(() => health("client@gmail.com"), "ok");
  });

  test("one's own is kept in the settings, and removed there", async () => {
    window = await harness.open("browser");
    await window.get("room-settings").click();
    const provider = window.page.locator('[data-provider="fastmail"]');
    const whose = () => provider.getAttribute("data-client");
    expect(await window.page.locator('[data-provider="microsoft"] button').count()).toBe(0);
    await provider.locator('[data-testid="own-client-id"]').click();
    await window.get("client-id").fill("mine");
    await window.get("client-id-save").click();
    await eventually(whose, "person");
    await window.get("client-id-remove").click();
    await eventually(whose, "none");
  });
});

describe("an account that must sign in again", () => {
  test("at a service that nobody knows: its address is typed, and corrected", async () => {
    window = await harness.open("browser");
    const address = await window.page.locator('[data-testid="account-row"][data-health="sign_in_needed"]').nth(1).getAttribute("data-address");
    await row(address ?? "").click();
    await window.get("account-sign-in").click();
    await window.get("issuer").fill("https://id.mistyped.example");
    await window.get("consent-retry").click();
    await eventually(() => text("consent-failed"), expect.stringContaining("does not answer"));
    expect(await window.get("issuer").inputValue()).toBe("https://id.mistyped.example");
    await window.get("issuer").fill("https://id.example.org");
    await window.get("consent-retry").click();
    await eventually(() => health(address ?? ""), "ok");
  });

  test("says so in the list, in its header and why; one button mends it", async () => {
    window = await harness.open("browser");
    const address = "accueil@mairie-exemple.example";
    expect(await row(address).innerText()).toContain("Sign in");
    await row(address).click();
    expect(await text("sign-in-needed")).toContain("The password was changed");
    await window.get("account-sign-in").click();
    await window.get("sign-in-waiting").waitFor();
    await eventually(() => health(address), "ok");
    expect(await window.get("sign-in-needed").count()).toBe(0);
  });

  test("is told once, with a button that begins; the message goes when the account works", async () => {
    window = await harness.open("browser-needed");
    await window.get("notice-sign-in").waitFor();
    expect(await window.get("notice").count()).toBe(1);
    await row("contact@atelier-martin.example").click();
    await row("claire.martin@gmail.com").click();
    await window.get("account-sign-in").click();
    await eventually(() => health("claire.martin@gmail.com"), "ok");
    await eventually(() => window.get("notice-sign-in").count(), 0);
  });

  test("is begun from that message too", async () => {
    window = await harness.open("browser-needed");
    await window.get("room-settings").click();
    await window.get("notice-sign-in").click();
    await window.get("sign-in-waiting").waitFor();
    await eventually(() => health("claire.martin@gmail.com"), "ok");
  });

  test("waits behind a locked keyring before anybody types a password in a browser", async () => {
    window = await harness.open("browser-locked");
    await row("accueil@mairie-exemple.example").click();
    await window.get("account-sign-in").click();
    await window.get("storage-locked").waitFor();
    await window.get("unlock").click();
    await window.get("consent-retry").click();
    await eventually(() => health("accueil@mairie-exemple.example"), "ok");
  });
});

describe("an account's access", () => {
  test("is removed after a question, which Escape answers with no", async () => {
    window = await harness.open("browser");
    await window.get("tab-credentials").click();
    await window.get("revoke-access").click();
    await window.get("confirm").waitFor();
    await window.page.keyboard.press("Escape");
    await window.get("confirm").waitFor({ state: "detached" });
    expect(await window.get("access").getAttribute("data-state")).toBe("working");
    await window.get("revoke-access").click();
    await window.get("confirm-do").click();
    await window.get("access-sign-in").waitFor();
    await eventually(() => health("claire.martin@gmail.com"), "sign_in_needed");
  });

  test("is forgotten here alone where the provider can't be told, if the person says so", async () => {
    window = await harness.open("browser-away");
    await window.get("tab-credentials").click();
    await window.get("revoke-access").click();
    await window.get("confirm-do").click();
    await window.get("access-unheard").waitFor();
    expect(await window.get("access").getAttribute("data-state")).toBe("working");
    await window.get("forget-access").click();
    await window.get("access-sign-in").waitFor();
  });

  test("serves other programs by a command for tokens", async () => {
    window = await harness.open("browser");
    await window.get("tab-elsewhere").click();
    expect(await text("helper-command")).toBe("courrier token claire.martin@gmail.com");
  });
});
