/** What people do with their organisation: sign in and out, follow what travels, look after their devices. */
import { describe, expect, test } from "vitest";

import { eventually, focused, open, RIGHT, rows, text, window } from "./journey";

describe("the first start", () => {
  test("asks once: this computer alone goes straight to adding an address", async () => {
    await open("first-run");
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
    await open("first-run");
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
    await open(scenario);
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
    await open("must-sign-in");
    expect(await text("sync-banner")).toContain("3 changes stay here until then.");
    await window.get("sign-in-again").click();
    await eventually(() => text("signed-in-as"), "Signed in as Claire Martin");
    await window.get("to-accounts").click();
    await window.get("sync-banner").waitFor({ state: "detached" });
  });
});

describe("signing out", () => {
  test("keeps the accounts on this computer", async () => {
    await open("signed-in");
    await window.get("who").click();
    await window.get("sign-out").click();
    await window.get("sign-out-do").click();
    await eventually(() => window.get("settings-server").getAttribute("data-state"), "signed_out");
    expect(await window.get("room-devices").count()).toBe(0);
    await window.get("room-accounts").click();
    await eventually(rows, 5);
  });

  test("is offered all the same where the sign-in service does not answer", async () => {
    await open("signed-in");
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
    await open("sync-offline");
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
    await open("signed-in");
    await window.get("tab-history").click();
    await window.page.locator('[data-cause="edited"] [data-testid="restore"]').nth(1).click();
    await eventually(() => window.page.locator("h1").innerText(), "Claire M.");
    await eventually(() => window.get("version").first().getAttribute("data-cause"), "restored");
    await window.get("undo-restore").click();
    await eventually(() => window.page.locator("h1").innerText(), "Claire Martin");
  });

  test("what lost in a conflict is marked, stays marked while it is looked at, and is put back with one click", async () => {
    await open("conflict");
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
    await open("sync-failed");
    await window.get("sync-again").click();
    await eventually(() => window.get("sync-state").getAttribute("data-state"), "up_to_date");
    expect(await window.get("sync-banner").count()).toBe(0);
  });

  test("ten thousand accounts that arrive stay quick to look through", async () => {
    await open("signed-in-many");
    await window.get("account-row").first().waitFor();
    expect(await window.get("account-row").count()).toBeLessThan(60);
    await window.get("search").fill("user9999@");
    await eventually(rows, 1);
  });
});

describe("devices", () => {
  async function enter(scenario = "signed-in"): Promise<void> {
    await open(scenario);
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
