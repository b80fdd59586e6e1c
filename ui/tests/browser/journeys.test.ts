/** What people do in the window, from the first key to the end. */
import { fileURLToPath } from "node:url";

import { build } from "vite";
import { beforeEach, describe, expect, test } from "vitest";

import { eventually, focused, open, RIGHT, rows, text, window } from "./journey";

describe("adding an address", () => {
  test("by keyboard alone: type, tab, paste, clean, enter", async () => {
    await open("empty");
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
    await open("two");
    await window.get("add-button").click();
    await window.get("address").fill("new@atelier-martin.example");
    await window.get("address-known").waitFor();
    await window.get("password").fill(RIGHT);
    await window.get("save").dblclick();
    await eventually(rows, 3);
  });

  test("an unknown provider opens the servers, which nobody guesses, and says what is missing", async () => {
    await open("two");
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
    await open("two");
    await window.get("add-button").click();
    await window.get("address").fill("claire@nowhere.example");
    await window.get("imap-host").fill("mail.nowhere.example");
    await window.get("address").fill("clara@nowhere.example");
    await eventually(() => window.get("imap-username").inputValue(), "clara@nowhere.example");
    expect(await window.get("imap-host").inputValue()).toBe("mail.nowhere.example");
  });

  test("a refused password is told, selected for the next try, and can be saved all the same", async () => {
    await open("refused");
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
    await open("slow");
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
    await open("two");
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
    await open("refused");
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
    await open("slow");
    await window.get("check-again").click();
    await window.page.locator('[data-side="imap"][data-stage="inbox"][data-state="ok"]').waitFor();
    const waiting = window.page.locator('[data-side="smtp"][data-stage="authenticate"]');
    expect(await waiting.getAttribute("data-state")).toBe("running");
    await window.get("cancel-check").click();
    await window.get("check-again").waitFor();
    expect(await window.get("notice").count()).toBe(0);
  });

  test("all at once can be stopped too", async () => {
    await open("slow");
    await window.get("check-all").click();
    await window.get("check-all-stop").click();
    await window.get("check-all").waitFor();
  });

  test("enters the history, whose entries open to their stages", async () => {
    await open("two");
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
    await open("many");
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
    await open("many");
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
    await open("two");
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
    await open("two");
    await window.get("account-menu").focus();
    await window.page.keyboard.press("Enter");
    await window.get("remove").waitFor();
    await window.page.keyboard.press("End");
    await window.page.keyboard.press("Enter");
    await eventually(rows, 1);
    await eventually(focused, "account-list");
  });

  test("removing the last account leads to adding one, and back by undo", async () => {
    await open("two");
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
    await open("two");
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
    await open("two");
    await window.get("tab-credentials").click();
    await window.get("reveal").click();
    await window.get("revealed-secret").waitFor();
    await window.get("tab-health").click();
    expect(await window.page.content()).not.toContain("kX7-ruisseau-41");
  });

  test("waits behind a locked keyring", async () => {
    await open("locked");
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
    await open("certificate");
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
    await open("two");
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
    await open("two");
    await window.get("tab-settings").click();
    await window.get("name").fill("Clara");
    await window.get("new-password").fill("secret");
    await window.page.locator('[data-address="contact@atelier-martin.example"]').click();
    await window.page.locator('[data-address="claire.martin@example.org"]').click();
    expect(await window.get("name").inputValue()).toBe("Clara");
    expect(await window.get("new-password").inputValue()).toBe("");
  });

  test("makes another one primary", async () => {
    await open("two");
    await window.get("account-menu").click();
    await window.get("make-primary").click();
    await eventually(() => window.page.locator("header p").innerText(), "claire.martin@example.org · primary");
  });
});

describe("settings", () => {
  test("change words and colours at once", async () => {
    await open("two");
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
  await open("none-yet");
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
    await open("absent");
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
    await open("absent");
    await window.get("add-button").click();
    await window.get("keep-in-file-begin").click();
    await window.get("new-passphrase").fill(PASSPHRASE);
    await window.page.keyboard.press("Escape");
    await eventually(focused, "keep-in-file-begin");
    await window.page.keyboard.press("Enter");
    expect(await window.get("new-passphrase").inputValue()).toBe("");
  });

  test("opens with its passphrase, and says so when it is another", async () => {
    await open("file-locked");
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
    await open("file-before");
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
    await open("file-ready");
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
  await open("failed");
  await window.get("start-failed").getByRole("button").click();
  await window.get("address").waitFor();
});

test("the shipped window holds nothing of the fake", async () => {
  await open("two");
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const built = await build({ root, logLevel: "error", build: { write: false } });
  const outputs = [built].flat().flatMap((one) => ("output" in one ? one.output : []));
  const code = outputs.map((chunk) => ("code" in chunk ? chunk.code : "")).join("");
  expect(code).toContain("check_account");
  expect(code).not.toContain("kX7-ruisseau-41");
  expect(code).not.toContain("atelier-martin");
});
