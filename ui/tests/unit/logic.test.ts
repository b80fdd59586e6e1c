import { describe, expect, test } from "vitest";

import { atelier } from "../../src/backend/fake/accounts";
import { checkView, sideView } from "../../src/backend/fake/checks";
import { initials, inkOn, luminance, PALETTE } from "../../src/logic/avatar";
import { passwordCommand } from "../../src/logic/command";
import { draftOf, sameDraft, sameEndpoints, withSecurity } from "../../src/logic/drafts";
import { shownHost } from "../../src/logic/hosts";
import { faultOf } from "../../src/logic/passphrases";
import { excessOf, withoutExcess } from "../../src/logic/passwords";
import { problemsOf } from "../../src/logic/problems";
import { actionFor } from "../../src/logic/remedies";

describe("a pasted password", () => {
  test.each([
    ["abcd efgh ijkl mnop", "gaps", "abcdefghijklmnop"],
    [" abcd\u00a0efgh\u00a0ijkl\u00a0mnop\n", "gaps", "abcdefghijklmnop"],
    [" secret ", "spaces", "secret"],
    ["secret\n", "spaces", "secret"],
    ["correct horse battery staple", null, "correct horse battery staple"],
    ["with pass word", null, "with pass word"],
    ["secret", null, "secret"],
    ["   ", null, ""],
  ])("%j", (typed, excess, clean) => {
    expect(excessOf(typed)).toBe(excess);
    expect(withoutExcess(typed)).toBe(clean);
  });
});

describe("a new passphrase", () => {
  test.each([
    ["", "", "missing"],
    ["seven 7", "seven 7", "short"],
    // Seven characters, however many units they are stored in.
    ["🐎🐎🐎🐎🐎🐎🐎", "🐎🐎🐎🐎🐎🐎🐎", "short"],
    ["eight ch", "eight ch ", "differs"],
    ["eight ch", "", "differs"],
    ["eight ch", "eight ch", null],
    [" spaces ", " spaces ", null],
  ])("%j and %j", (passphrase, again, fault) => expect(faultOf(passphrase, again)).toBe(fault));
});

describe("an avatar", () => {
  test.each([
    ["Claire Martin", "CM"],
    ["Claire, association", "CA"],
    ["Old", "O"],
    ["", "X"],
    ["  ", "X"],
    ["élise", "É"],
    ["(Work) account", "WA"],
  ])("of %j has the letters %j", (name, letters) => expect(initials(name, "x@example.test")).toBe(letters));

  test("has an ink that can be read on any colour", () => {
    for (const color of [...PALETTE, "#ffffff", "#ffff00", "#808080", "#767676", "#000000", "#e8b339"]) {
      const [high, low] = [luminance(color), luminance(inkOn(color))].sort((a, b) => b - a) as [number, number];
      expect((high + 0.05) / (low + 0.05), color).toBeGreaterThanOrEqual(4.5);
    }
    for (const color of PALETTE) expect(inkOn(color)).toBe("#ffffff");
  });
});

describe("settings being typed", () => {
  const account = atelier();

  test("are dirty only where something differs", () => {
    expect(sameDraft(draftOf(account), draftOf(account))).toBe(true);
    expect(sameDraft(draftOf(account), { ...draftOf(account), name: "Other" })).toBe(false);
    expect(sameDraft(draftOf(account), { ...draftOf(account), identities: [{ address: "a@b.test", name: "" }] })).toBe(false);
    const moved = { ...draftOf(account), smtp: { ...account.smtp, port: 587 } };
    expect(sameEndpoints(draftOf(account), moved)).toBe(false);
    const renamed = { ...draftOf(account), name: "Other" };
    expect(sameEndpoints(draftOf(account), renamed)).toBe(true);
  });

  test("are a copy: typing does not change the account", () => {
    const draft = draftOf(account);
    draft.imap.host = "changed.example";
    expect(account.imap.host).not.toBe("changed.example");
  });

  test("take the usual port along with the encryption, and leave a chosen one", () => {
    expect(withSecurity("imap", account.imap, "starttls").port).toBe(143);
    expect(withSecurity("smtp", { ...account.smtp, port: 465 }, "starttls").port).toBe(587);
    expect(withSecurity("smtp", { ...account.smtp, port: 2525 }, "starttls").port).toBe(2525);
  });
});

test("internationalised hosts are shown in Unicode, anything else as it is", () => {
  expect(shownHost("imap.xn--bcher-mller-thbg.example")).toBe("imap.bücher-müller.example");
  expect(shownHost("2001:db8::1")).toBe("2001:db8::1");
  expect(shownHost("xn--\u00e9")).toBe("xn--\u00e9");
});

test("the command for other programs survives a shell", () => {
  expect(passwordCommand("claire@example.org")).toBe("courrier password claire@example.org");
  expect(passwordCommand("o'brien@example.org")).toBe(String.raw`courrier password 'o'\''brien@example.org'`);
  expect(passwordCommand("a$b@example.org")).toBe("courrier password 'a$b@example.org'");
});

test("one cause on both sides is one problem, two causes are two", () => {
  const { imap, smtp, address } = atelier();
  const side = (which: "imap" | "smtp", outcome: "ok" | "missing" | "certificate") =>
    sideView(which, which === "imap" ? imap : smtp, outcome, "en");
  expect(problemsOf(checkView(address, side("imap", "missing"), side("smtp", "missing")))).toMatchObject([
    { code: "secret.missing", sides: [{ side: "imap" }, { side: "smtp" }] },
  ]);
  expect(problemsOf(checkView(address, side("imap", "certificate"), side("smtp", "missing")))).toHaveLength(2);
  expect(problemsOf(checkView(address, side("imap", "ok"), side("smtp", "ok")))).toEqual([]);
});

test("a problem's button does what its remedy says", () => {
  expect(actionFor("auth.rejected")).toBe("password");
  expect(actionFor("tls.plaintext_port")).toBe("settings");
  expect(actionFor("keyring.locked")).toBe("unlock");
  expect(actionFor("server.unavailable")).toBe("again");
  expect(actionFor("never.heard.of")).toBe("again");
});
