/** What people do in the window, from the first key to the end. */
import { fileURLToPath } from "node:url";

import { build } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

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
const text = (testId: string) => window.get(testId).first().innerText();
const focused = () => window.page.evaluate(() => document.activeElement?.getAttribute("data-testid"));
/** Waits until what is asked for is so: with a deadline, never by time alone. */
const eventually = (ask: () => unknown, what: unknown) => expect.poll(ask, { timeout: 10_000 }).toEqual(what);

describe("adding an address", () => {
  test("by keyboard alone: type, tab, paste, clean, enter", async () => {
    window = await harness.open("empty");
    const { keyboard } = window.page;
    await eventually(focused, "address");
    await keyboard.type("contact@atelier-martin.example");
    await window.get("found").waitFor();
    await keyboard.press("Tab");
    expect(await focused()).toBe("change-servers");
    await keyboard.press("Tab");
    expect(await focused()).toBe("password");
    await window.paste("password", ` ${RIGHT} `);
    await window.get("password-excess").waitFor();
    await keyboard.press("Tab");
    await keyboard.press("Tab");
    expect(await focused()).toBe("password-clean");
    await keyboard.press("Enter");
    expect(await focused()).toBe("password");
    expect(await window.get("password").inputValue()).toBe(RIGHT);
    await keyboard.press("Enter");
    await window.get("account-row").waitFor();
    expect(await window.page.locator("h1").innerText()).toBe("contact@atelier-martin.example");
    expect(await window.get("account-row").getAttribute("data-health")).toBe("ok");
  });

  test("pressing save twice adds one account", async () => {
    window = await harness.open("two");
    await window.get("add-button").click();
    await window.get("address").fill("new@atelier-martin.example");
    await window.get("address-known").waitFor();
    await window.get("password").fill(RIGHT);
    await window.get("save").dblclick();
    await eventually(rows, 3);
  });

  test("an unknown provider opens the servers, which nobody guesses, and says what is missing", async () => {
    window = await harness.open("two");
    await window.get("add-button").click();
    await window.get("address").fill("claire@nowhere.example");
    await window.get("imap-host").waitFor();
    expect(await window.get("imap-host").inputValue()).toBe("");
    expect(await window.get("imap-port").inputValue()).toBe("993");
    await window.get("password").fill(RIGHT);
    await window.page.keyboard.press("Enter");
    await eventually(focused, "imap-host");
    await window.get("imap-host").fill("mail.nowhere.example");
    await window.get("imap-security").selectOption("starttls");
    expect(await window.get("imap-port").inputValue()).toBe("143");
    await window.get("smtp-host").fill("mail.nowhere.example");
    await window.get("save").click();
    await eventually(rows, 3);
  });

  test("another address at the same keyboard keeps servers that were typed", async () => {
    window = await harness.open("two");
    await window.get("add-button").click();
    await window.get("address").fill("claire@nowhere.example");
    await window.get("imap-host").fill("mail.nowhere.example");
    await window.get("address").fill("clara@nowhere.example");
    await eventually(() => window.get("imap-username").inputValue(), "clara@nowhere.example");
    expect(await window.get("imap-host").inputValue()).toBe("mail.nowhere.example");
  });

  test("a refused password is told, selected for the next try, and can be saved all the same", async () => {
    window = await harness.open("refused");
    await window.get("add-button").click();
    await window.get("address").fill("new@atelier-martin.example");
    await window.get("address-known").waitFor();
    await window.get("password").fill("wrong");
    await window.page.keyboard.press("Enter");
    await window.get("problem-card").waitFor();
    await eventually(focused, "password");
    await window.get("save-unchecked").click();
    await eventually(rows, 5);
  });

  test("escape stops the check, then leaves; nothing was saved", async () => {
    window = await harness.open("slow");
    await window.get("add-button").click();
    await window.get("address").fill("new@atelier-martin.example");
    await window.get("address-known").waitFor();
    await window.get("password").fill(RIGHT);
    await window.page.keyboard.press("Enter");
    await window.get("show-stages").waitFor();
    await window.page.keyboard.press("Escape");
    await eventually(() => text("save"), "Save account");
    expect(await window.get("save-failed").count()).toBe(0);
    await window.page.keyboard.press("Escape");
    await eventually(rows, 2);
  });

  test("an address that is already there is updated", async () => {
    window = await harness.open("two");
    await window.get("add-button").click();
    await window.get("address").fill("claire.martin@example.org");
    await window.get("existing").waitFor();
    expect(await text("found")).toContain("imap.example.org");
    expect(await text("save")).toBe("Update account");
    await window.get("password").fill(RIGHT);
    await window.get("save").click();
    await eventually(() => window.page.locator("h1").innerText(), "Claire Martin");
    expect(await rows()).toBe(2);
  });
});

describe("a refused password", () => {
  beforeEach(async () => {
    window = await harness.open("refused");
    await window.page.locator('[data-address="contact@atelier-martin.example"]').click();
  });

  test("is replaced by the one that works", async () => {
    await window.get("password").fill(RIGHT);
    await window.page.keyboard.press("Enter");
    await window.get("problem-card").waitFor({ state: "detached" });
    const row = window.page.locator('[data-address="contact@atelier-martin.example"]');
    await eventually(() => row.getAttribute("data-health"), "ok");
  });

  test("is not replaced by one that does not work either", async () => {
    await window.get("password").fill("wrong");
    await window.get("try-password").click();
    await window.page.locator(".error").waitFor();
    expect(await window.page.locator(".error").innerText()).toContain("not saved");
    expect(await window.get("problem-card").getAttribute("data-code")).toBe("auth.rejected");
  });
});

describe("checking", () => {
  test("shows each stage as it comes, and stops when it is told to", async () => {
    window = await harness.open("slow");
    await window.get("check-again").click();
    await window.page.locator('[data-side="imap"][data-stage="inbox"][data-state="ok"]').waitFor();
    const waiting = window.page.locator('[data-side="smtp"][data-stage="authenticate"]');
    expect(await waiting.getAttribute("data-state")).toBe("running");
    await window.get("cancel-check").click();
    await window.get("check-again").waitFor();
    expect(await window.get("notice").count()).toBe(0);
  });

  test("all at once can be stopped too", async () => {
    window = await harness.open("slow");
    await window.get("check-all").click();
    await window.get("check-all-stop").click();
    await window.get("check-all").waitFor();
  });

  test("enters the history, whose entries open to their stages", async () => {
    window = await harness.open("two");
    await window.get("past-check").first().waitFor();
    const before = await window.get("past-check").count();
    await window.get("check-again").click();
    await window.page.getByRole("button", { name: "Show all 6 checks" }).click();
    expect(await window.get("past-check").count()).toBe(before + 1);
    const third = window.get("past-check").nth(2);
    await third.getByRole("button").first().click();
    expect(await third.locator('[data-testid="stage"]').count()).toBe(14);
  });
});

describe("the list", () => {
  test("holds ten thousand accounts, of which only those in view exist", async () => {
    window = await harness.open("many");
    await window.get("account-row").first().waitFor();
    expect(await rows()).toBeLessThan(60);
    await window.get("account-list").focus();
    await window.page.keyboard.press("End");
    await window.page.locator('[aria-posinset="10000"][aria-selected="true"]').waitFor();
    const active = await window.get("account-list").getAttribute("aria-activedescendant");
    expect(await window.page.locator(`#${active ?? ""}`).getAttribute("aria-posinset")).toBe("10000");
    await window.page.keyboard.press("Home");
    await window.page.keyboard.press("ArrowDown");
    await window.page.locator('[aria-posinset="2"][aria-selected="true"]').waitFor();
    await window.get("account-list").evaluate((list) => (list.scrollTop = 280_000));
    await window.page.locator('[aria-posinset="5001"]').waitFor();
    expect(await rows()).toBeLessThan(60);
    await window.shot("accounts-many-scrolled");
    await window.expectSound();
  });

  test("is searched from anywhere, whatever the accents", async () => {
    window = await harness.open("many");
    await window.get("room-settings").click();
    await window.page.keyboard.press("Control+k");
    await eventually(focused, "search");
    await window.page.keyboard.type("elise etienne");
    await eventually(() => window.get("account-row").first().innerText(), expect.stringContaining("Élise Étienne"));
    await window.page.keyboard.press("ArrowDown");
    expect(await focused()).toBe("account-list");
    await window.page.keyboard.press("ArrowDown");
    expect(await window.page.locator("h1").innerText()).toContain("Élise Étienne");
  });

  test("gives a removed account back, by keyboard", async () => {
    window = await harness.open("two");
    await window.get("account-list").focus();
    await window.page.keyboard.press("Delete");
    await eventually(rows, 1);
    expect(await focused()).toBe("account-list");
    await window.page.keyboard.press("Control+z");
    await eventually(rows, 2);
    expect(await window.get("undo").count()).toBe(0);

    await window.page.keyboard.press("Delete");
    await window.get("undo").focus();
    await window.page.keyboard.press("Enter");
    await eventually(rows, 2);
  });

  test("keeps the keyboard when an account is removed from its menu", async () => {
    window = await harness.open("two");
    await window.get("account-menu").focus();
    await window.page.keyboard.press("Enter");
    await window.get("remove").waitFor();
    await window.page.keyboard.press("End");
    await window.page.keyboard.press("Enter");
    await eventually(rows, 1);
    await eventually(focused, "account-list");
  });

  test("removing the last account leads to adding one, and back by undo", async () => {
    window = await harness.open("two");
    await window.get("account-list").focus();
    await window.page.keyboard.press("Delete");
    await eventually(rows, 1);
    await window.page.keyboard.press("Delete");
    await window.get("add-form").waitFor();
    await window.get("undo").last().click();
    await eventually(rows, 1);
  });
});

describe("a credential", () => {
  test("is shown and copied when asked for, and goes by itself", async () => {
    window = await harness.open("two");
    await window.page.clock.install();
    await window.get("tab-credentials").click();
    expect(await window.page.content()).not.toContain("kX7-ruisseau-41");
    await window.get("reveal").click();
    expect(await text("revealed-secret")).toBe("kX7-ruisseau-41");
    await window.get("copy-password").click();
    await eventually(() => text("copy-password"), "Copied · 30 s");
    await window.page.clock.runFor(6000);
    await eventually(() => text("copy-password"), "Copied · 24 s");
    await window.page.clock.runFor(25_000);
    await window.get("hidden-secret").waitFor();
    expect(await text("copy-password")).toBe("Copy");
    expect(await window.page.content()).not.toContain("kX7-ruisseau-41");
  });

  test("leaves the page with its tab", async () => {
    window = await harness.open("two");
    await window.get("tab-credentials").click();
    await window.get("reveal").click();
    await window.get("revealed-secret").waitFor();
    await window.get("tab-health").click();
    expect(await window.page.content()).not.toContain("kX7-ruisseau-41");
  });

  test("waits behind a locked keyring", async () => {
    window = await harness.open("locked");
    await window.get("tab-credentials").click();
    await window.get("reveal").click();
    expect(await window.get("revealed-secret").count()).toBe(0);
    await window.get("unlock").click();
    await window.get("storage-locked").waitFor({ state: "detached" });
    await window.get("reveal").click();
    expect(await text("revealed-secret")).toBe("kX7-ruisseau-41");
  });
});

describe("changing an account", () => {
  test("checks first, and saves without where the person insists", async () => {
    window = await harness.open("certificate");
    await window.get("tab-settings").click();
    await window.get("smtp-port").fill("587");
    expect(await text("save")).toBe("Check and save");
    await window.get("save").click();
    await window.get("problem-card").waitFor();
    await window.get("save-unchecked").click();
    await window.get("save").waitFor({ state: "detached" });
    expect(await window.get("smtp-port").inputValue()).toBe("587");
  });

  test("needs no check for a name, and escape takes it back", async () => {
    window = await harness.open("two");
    await window.get("tab-settings").click();
    await window.get("name").fill("Clara");
    await window.page.keyboard.press("Escape");
    expect(await window.get("name").inputValue()).toBe("Claire Martin");
    await window.get("name").fill("Clara");
    expect(await text("save")).toBe("Save");
    await window.page.keyboard.press("Enter");
    await eventually(() => window.page.locator("h1").innerText(), "Clara");
  });

  test("survives a look elsewhere, but what was typed as a password does not", async () => {
    window = await harness.open("two");
    await window.get("tab-settings").click();
    await window.get("name").fill("Clara");
    await window.get("new-password").fill("secret");
    await window.page.locator('[data-address="contact@atelier-martin.example"]').click();
    await window.page.locator('[data-address="claire.martin@example.org"]').click();
    expect(await window.get("name").inputValue()).toBe("Clara");
    expect(await window.get("new-password").inputValue()).toBe("");
  });

  test("makes another one primary", async () => {
    window = await harness.open("two");
    await window.get("account-menu").click();
    await window.get("make-primary").click();
    await eventually(() => window.page.locator("header p").innerText(), "claire.martin@example.org · primary");
  });
});

describe("settings", () => {
  test("change words and colours at once", async () => {
    window = await harness.open("two");
    await window.get("room-settings").click();
    await window.get("language").selectOption("fr");
    await eventually(() => window.page.locator("h1").innerText(), "Réglages");
    expect(await window.page.locator("html").getAttribute("lang")).toBe("fr");
    const ground = () => window.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await window.get("settings-theme-dark").click();
    await expect.poll(ground).not.toBe(light);
    await window.get("settings-clipboard").selectOption("10");
    await eventually(() => window.get("settings-clipboard").inputValue(), "10");
  });
});

test("a first keyring is created where there is none yet", async () => {
  window = await harness.open("none-yet");
  await window.get("room-settings").click();
  await eventually(() => window.get("settings-storage").innerText(), expect.stringContaining("Not created yet"));
  await window.get("create-keyring").click();
  await window.get("storage-none-yet").waitFor({ state: "detached" });
  await eventually(() => window.get("settings-storage").getAttribute("data-state"), "ready");
});

describe("the encrypted file", () => {
  const PASSPHRASE = "four words in a row";
  const storage = () => window.get("settings-storage").getAttribute("data-state");

  test("is chosen by keyboard where there is no keyring, in the middle of adding an address", async () => {
    window = await harness.open("absent");
    const { keyboard } = window.page;
    await window.get("add-button").click();
    await window.get("keep-in-file-begin").focus();
    await keyboard.press("Enter");
    await eventually(focused, "new-passphrase");
    await keyboard.type("short");
    await keyboard.press("Enter");
    await window.page.locator(".error").waitFor();
    expect(await focused()).toBe("new-passphrase");
    await window.get("new-passphrase").fill(PASSPHRASE);
    await window.get("passphrase-again").fill(`${PASSPHRASE} `);
    await keyboard.press("Enter");
    await eventually(focused, "passphrase-again");
    expect(await window.get("storage-absent").count()).toBe(1);
    await window.get("passphrase-again").fill(PASSPHRASE);
    await keyboard.press("Enter");
    await window.get("storage-absent").waitFor({ state: "detached" });
    // The journey goes on where it was.
    await window.get("address").fill("new@atelier-martin.example");
    await window.get("address-known").waitFor();
    await window.get("password").fill(RIGHT);
    await keyboard.press("Enter");
    await eventually(rows, 3);
  });

  test("leaves by escape without a trace, and the room stays", async () => {
    window = await harness.open("absent");
    await window.get("add-button").click();
    await window.get("keep-in-file-begin").click();
    await window.get("new-passphrase").fill(PASSPHRASE);
    await window.page.keyboard.press("Escape");
    await eventually(focused, "keep-in-file-begin");
    await window.page.keyboard.press("Enter");
    expect(await window.get("new-passphrase").inputValue()).toBe("");
  });

  test("opens with its passphrase, and says so when it is another", async () => {
    window = await harness.open("file-locked");
    await window.get("tab-credentials").click();
    await window.get("passphrase").fill("not this one");
    await window.page.keyboard.press("Enter");
    await eventually(
      () => window.get("file-locked").getByRole("alert").innerText(),
      "This passphrase does not open the encrypted file. Type it again; mind capital letters and the keyboard layout.",
    );
    await eventually(focused, "passphrase");
    await window.get("passphrase").fill(PASSPHRASE);
    await window.get("open-file").click();
    await window.get("file-locked").waitFor({ state: "detached" });
    await window.get("reveal").click();
    expect(await text("revealed-secret")).toBe("kX7-ruisseau-41");
  });

  test("opens for passwords from before, although new ones go to the keyring", async () => {
    window = await harness.open("file-before");
    await window.get("tab-credentials").click();
    expect(await window.get("file-locked").count()).toBe(0);
    await window.get("reveal").click();
    await window.get("passphrase").fill(PASSPHRASE);
    await window.page.keyboard.press("Enter");
    await window.get("file-locked").waitFor({ state: "detached" });
    await window.get("reveal").click();
    expect(await text("revealed-secret")).toBe("kX7-ruisseau-41");
  });

  test("and the keyring take turns", async () => {
    window = await harness.open("file-ready");
    await window.get("room-settings").click();
    await window.get("keep-in-keyring").click();
    await eventually(focused, "settings-storage");
    await window.get("keep-in-file-begin").click();
    // The file is there: its passphrase, once.
    expect(await window.get("passphrase-again").count()).toBe(0);
    await window.get("new-passphrase").fill(PASSPHRASE);
    await window.page.keyboard.press("Enter");
    await window.get("keep-in-keyring").waitFor();
    await eventually(storage, "ready");
    await eventually(focused, "settings-storage");
  });
});

test("a start that fails says why and can be tried again", async () => {
  window = await harness.open("failed");
  await window.get("start-failed").getByRole("button").click();
  await window.get("address").waitFor();
});

test("the shipped window holds nothing of the fake", async () => {
  window = await harness.open("two");
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const built = await build({ root, logLevel: "error", build: { write: false } });
  const outputs = [built].flat().flatMap((one) => ("output" in one ? one.output : []));
  const code = outputs.map((chunk) => ("code" in chunk ? chunk.code : "")).join("");
  expect(code).toContain("check_account");
  expect(code).not.toContain("kX7-ruisseau-41");
  expect(code).not.toContain("atelier-martin");
});

describe("the first start", () => {
  test("asks once: this computer alone goes straight to adding an address", async () => {
    window = await harness.open("first-run");
    await window.get("first-organisation").waitFor();
    await window.page.keyboard.press("Tab");
    expect(await focused()).toBe("first-organisation");
    await window.page.keyboard.press("Tab");
    await window.page.keyboard.press("Enter");
    await eventually(focused, "address");
    // The other answer stays within reach.
    await window.get("add-sign-in").click();
    await eventually(focused, "server-address");
    await window.page.keyboard.press("Escape");
    await window.get("address").waitFor();
  });

  test("by keyboard alone to the accounts of the organisation, each saying what it needs here", async () => {
    window = await harness.open("first-run");
    const { keyboard } = window.page;
    await window.get("first-organisation").waitFor();
    await keyboard.press("Tab");
    await keyboard.press("Enter");
    await eventually(focused, "server-address");
    await keyboard.type("courrier.example.org");
    await keyboard.press("Enter");
    await eventually(() => text("signed-in-as"), "Signed in as Claire Martin");
    await eventually(() => window.get("needs-password").count(), 2);
    await eventually(focused, "to-accounts");
    await keyboard.press("Enter");
    await eventually(rows, 2);
    expect(await window.get("account-row").first().innerText()).toContain("No password");
    await window.get("password").fill(RIGHT);
    await window.get("try-password").click();
    await eventually(() => window.get("account-row").first().getAttribute("data-health"), "ok");
  });
});

describe("signing in to the organisation", () => {
  const step = () => window.get("sign-in").getAttribute("data-step");

  async function begin(scenario: string, server: string): Promise<void> {
    window = await harness.open(scenario);
    await window.get("room-settings").click();
    await window.get("sign-in").click();
    await window.get("server-address").fill(server);
    await window.get("sign-in-continue").click();
  }

  test("the person picks which accounts travel; the others stay on this computer only", async () => {
    await begin("two", "courrier.example.org");
    await eventually(step, "choose");
    expect(await text("choose-count")).toBe("2 of 2 travel");
    await window.page.locator('[data-testid="choose-row"][data-address="contact@atelier-martin.example"]').click();
    expect(await text("choose-count")).toBe("1 of 2 travels");
    await window.get("choose-done").click();
    await window.get("to-accounts").click();
    await eventually(rows, 4);
    await window.page.locator('[data-address="contact@atelier-martin.example"]').click();
    expect(await text("account-header")).toContain("This computer only");
    await window.get("tab-settings").click();
    expect(await window.get("only-here").isChecked()).toBe(true);
    // And it can join the others later, or leave them again, without losing its place.
    await window.get("only-here").uncheck();
    await eventually(() => window.get("account-waits").count(), 1);
    await window.get("name").fill("Begun");
    await window.get("only-here").check();
    await eventually(() => window.get("only-here").isChecked(), true);
    expect(await window.get("name").inputValue()).toBe("Begun");
    await eventually(focused, "only-here");
    expect(await rows()).toBe(4);
  });

  test("of ten thousand accounts only those in view are drawn", async () => {
    await begin("many", "courrier.example.org");
    await window.get("choose-row").first().waitFor();
    expect(await window.get("choose-row").count()).toBeLessThan(40);
    await window.get("choose-all").click();
    expect(await text("choose-count")).toBe("0 of 10,000 travel");
  });

  test("a browser that never comes back: the address line is pasted, and a wrong one is told", async () => {
    await begin("two", "stays.example.org");
    await window.get("sign-in-help").click();
    await window.get("sign-in-answer").fill("https://elsewhere.example/");
    await window.page.keyboard.press("Enter");
    await eventually(() => window.page.locator(".error").innerText(), expect.stringContaining("does not belong"));
    await window.get("sign-in-answer").fill("http://127.0.0.1:41234/back?code=abc&state=def");
    await window.page.keyboard.press("Enter");
    await eventually(step, "choose");
  });

  test("waiting survives a look at another room, and can be cancelled", async () => {
    await begin("two", "stays.example.org");
    await window.get("sign-in-waiting").waitFor();
    await window.get("room-accounts").click();
    await eventually(rows, 2);
    await window.get("room-settings").click();
    await window.get("sign-in").click();
    await eventually(step, "waiting");
    await window.get("sign-in-copy-address").click();
    await eventually(() => text("sign-in-copy-address"), "Copied");
    await window.get("sign-in-cancel").click();
    await eventually(focused, "server-address");
    expect(await window.get("sign-in-failed").count()).toBe(0);
  });

  test("where no browser can open, a code on another device does", async () => {
    await begin("two", "nobrowser.example.org");
    await window.get("failed-use-code").click();
    await eventually(() => text("user-code"), "WDJB-MJHT");
    await window.get("copy-user-code").click();
    await eventually(() => text("copy-user-code"), "Copied");
  });

  test("a server that does not answer is told beside its address, and tried again", async () => {
    await begin("two", "down.example.org");
    await eventually(() => window.get("sign-in-failed").getAttribute("data-code"), "server.no_answer");
    await window.get("server-address").fill("courrier.example.org");
    await window.get("sign-in-retry").click();
    await eventually(step, "choose");
  });

  test("somebody who must sign in again presses one button, and what waited is still there", async () => {
    window = await harness.open("must-sign-in");
    expect(await text("sync-banner")).toContain("3 changes stay here until then.");
    await window.get("sign-in-again").click();
    await eventually(() => text("signed-in-as"), "Signed in as Claire Martin");
    await window.get("to-accounts").click();
    await window.get("sync-banner").waitFor({ state: "detached" });
  });
});

describe("signing out", () => {
  test("keeps the accounts on this computer", async () => {
    window = await harness.open("signed-in");
    await window.get("who").click();
    await window.get("sign-out").click();
    await window.get("sign-out-do").click();
    await eventually(() => window.get("settings-server").getAttribute("data-state"), "signed_out");
    expect(await window.get("room-devices").count()).toBe(0);
    await window.get("room-accounts").click();
    await eventually(rows, 5);
  });

  test("is offered all the same where the sign-in service does not answer", async () => {
    window = await harness.open("signed-in");
    await window.get("who").click();
    await window.get("sign-out").click();
    await window.network(false);
    await window.get("sign-out-do").click();
    await eventually(() => window.get("sign-out-unheard").count(), 1);
    expect(await window.get("settings-server").getAttribute("data-state")).toBe("signed_in");
    await window.get("sign-out-do").click();
    await eventually(() => window.get("settings-server").getAttribute("data-state"), "signed_out");
  });

  test("or removes those that travel, and says what would be lost", async () => {
    window = await harness.open("sync-offline");
    await window.get("who").click();
    await window.get("sign-out").click();
    expect(await window.get("sign-out-loses").count()).toBe(0);
    await window.get("sign-out-remove").check();
    expect(await text("sign-out-loses")).toContain("3 changes");
    await window.get("sign-out-do").click();
    await window.get("room-accounts").click();
    await eventually(rows, 1);
  });
});

describe("what travels", () => {
  test("a version is restored with one click, and that can be taken back", async () => {
    window = await harness.open("signed-in");
    await window.get("tab-history").click();
    await window.page.locator('[data-cause="edited"] [data-testid="restore"]').nth(1).click();
    await eventually(() => window.page.locator("h1").innerText(), "Claire M.");
    await eventually(() => window.get("version").first().getAttribute("data-cause"), "restored");
    await window.get("undo-restore").click();
    await eventually(() => window.page.locator("h1").innerText(), "Claire Martin");
  });

  test("what lost in a conflict is marked, stays marked while it is looked at, and is put back with one click", async () => {
    window = await harness.open("conflict");
    await window.get("conflict-look").click();
    const lost = window.page.locator('[data-cause="conflict"]');
    await eventually(() => lost.getAttribute("data-unseen"), "true");
    expect(await lost.innerText()).toContain("relay.atelier-martin.example");
    await window.get("conflict-banner").waitFor({ state: "detached" });
    expect(await lost.getAttribute("data-unseen")).toBe("true");
    await lost.locator('[data-testid="restore"]').click();
    await eventually(() => window.get("version").first().getAttribute("data-cause"), "restored");
    await window.get("tab-settings").click();
    await eventually(() => window.get("smtp-host").inputValue(), "relay.atelier-martin.example");
  });

  test("what failed is tried again", async () => {
    window = await harness.open("sync-failed");
    await window.get("sync-again").click();
    await eventually(() => window.get("sync-state").getAttribute("data-state"), "up_to_date");
    expect(await window.get("sync-banner").count()).toBe(0);
  });

  test("ten thousand accounts that arrive stay quick to look through", async () => {
    window = await harness.open("signed-in-many");
    await window.get("account-row").first().waitFor();
    expect(await window.get("account-row").count()).toBeLessThan(60);
    await window.get("search").fill("user9999@");
    await eventually(rows, 1);
  });
});

describe("devices", () => {
  async function enter(scenario = "signed-in"): Promise<void> {
    window = await harness.open(scenario);
    await window.get("room-devices").click();
  }
  const names = () => window.get("device").locator("h3").allInnerTexts();

  test("are renamed in place, by keyboard", async () => {
    await enter();
    await window.get("device-rename").first().click();
    await eventually(focused, "device-name");
    await window.page.keyboard.type("Mairie, bureau 12");
    await window.page.keyboard.press("Enter");
    await eventually(async () => (await names())[0], expect.stringContaining("Mairie, bureau 12"));
    await eventually(focused, "device-rename");
  });

  test("are revoked after a question, which Escape answers with no", async () => {
    await enter();
    await window.get("device-revoke").first().click();
    await window.get("confirm").waitFor();
    await window.page.keyboard.press("Escape");
    await window.get("confirm").waitFor({ state: "detached" });
    await eventually(focused, "device-revoke");
    await eventually(() => window.get("device-revoke").count(), 2);
    await window.get("device-revoke").first().click();
    await window.get("confirm-do").click();
    await eventually(() => window.get("device-revoke").count(), 1);
  });

  test("this one is not among those that can be revoked", async () => {
    await enter();
    await window.get("device").first().waitFor();
    expect(await window.page.locator('[data-current="true"] [data-testid="device-revoke"]').count()).toBe(0);
  });

  test("stay in view without network, and the log goes back as far as asked", async () => {
    await enter();
    await eventually(() => window.get("audit-entry").count(), 12);
    await window.get("audit-more").click();
    await eventually(() => window.get("audit-entry").count(), 24);
    await window.network(false);
    await window.get("devices-again").click();
    await window.get("devices-failed").waitFor();
    await window.get("devices-as-of").waitFor();
    expect(await window.get("device").count()).toBe(4);
    await window.network(true);
    await window.get("devices-retry").click();
    await window.get("devices-failed").waitFor({ state: "detached" });
  });
});
