import { describe, expect, test } from "vitest";

import type { DraftView, VersionView } from "../../src/backend/bindings";
import { claire } from "../../src/backend/fake/accounts";
import { signedIn, SIGNED_OUT } from "../../src/backend/fake/sessions";
import { draftOf } from "../../src/logic/drafts";
import { changesOf, standsAgain } from "../../src/logic/history";
import { needsPassword } from "../../src/logic/needs";
import { serverAddress, shownServer } from "../../src/logic/server-address";
import { groupText } from "../../src/words/history";
import { words } from "../../src/words/index.svelte";
import { syncLabel } from "../../src/words/sync";

describe("a server's address", () => {
  test.each([
    ["courrier.example.org", "https://courrier.example.org"],
    [" courrier.example.org/ ", "https://courrier.example.org"],
    ["courrier.example.org:8443/mail", "https://courrier.example.org:8443/mail"],
    ["https://courrier.example.org", "https://courrier.example.org"],
    // Refused by the program, with its reason; not quietly made something else.
    ["http://courrier.example.org", "http://courrier.example.org"],
    ["localhost:8080", "http://localhost:8080"],
    ["127.0.0.1:8080", "http://127.0.0.1:8080"],
    ["[::1]:8080", "http://[::1]:8080"],
    ["localhost.example.org", "https://localhost.example.org"],
  ])("%s is %s", (typed, address) => expect(serverAddress(typed)).toBe(address));

  test.each(["", "   ", "two words", "https://", "https://a b"])("%j is none", (typed) => expect(serverAddress(typed)).toBeNull());

  test("is shown as people know it, and never hides that it is not encrypted", () => {
    expect(shownServer("https://courrier.example.org/")).toBe("courrier.example.org");
    expect(shownServer("http://localhost:8080")).toBe("http://localhost:8080");
  });
});

describe("a version", () => {
  const draft = (name: string): DraftView => ({ ...draftOf(claire()), name });
  const version = (id: string, cause: string, name: string, current = false): VersionView => ({
    id,
    at: "2026-11-21T08:00:00Z",
    cause,
    device: null,
    changed: ["name"],
    draft: draft(name),
    current,
    unseen: false,
  });
  const versions = [
    version("4", "received", "Theirs", true),
    version("3", "conflict", "Mine"),
    version("2", "edited", "Second"),
    version("1", "added", "First"),
  ];
  const names = (index: number) => changesOf(versions, index).map(({ before, after }) => [before?.name, after?.name]);

  test("is compared with the one before it, past what lost in a conflict", () => {
    expect(names(0)).toEqual([["Second", "Theirs"]]);
    expect(names(2)).toEqual([["First", "Second"]]);
  });

  test("that lost in a conflict is compared with what stands now", () => {
    expect(names(1)).toEqual([["Mine", "Theirs"]]);
  });

  test("that lost in a conflict stands again once it was put back", () => {
    expect(standsAgain(changesOf(versions, 1))).toBe(false);
    const [winner, ...older] = versions.map((one) => ({ ...one, current: false }));
    const restored = [{ ...version("5", "restored", "Mine"), current: true }, winner, ...older];
    expect(standsAgain(changesOf(restored as typeof versions, 2))).toBe(true);
    expect(standsAgain([])).toBe(false);
  });

  test("that is the first has nothing before it", () => {
    expect(names(3)).toEqual([[undefined, "First"]]);
    expect(changesOf(versions, 4)).toEqual([]);
  });

  test("says where servers are, in words and in readable letters", () => {
    words.use("en");
    const named = { ...draft(""), imap: { host: "mail.xn--bcher-kva.example", port: 143, security: "starttls", username: "claire", auth: "password" } };
    expect(groupText("imap", named)).toBe("mail.bücher.example:143 · encrypted by STARTTLS · claire");
    expect(groupText("name", named)).toBe("nothing");
    expect(groupText("color", named)).toBeNull();
  });
});

test("an account needs its password here if it signs in with one that was never typed here", () => {
  const fresh = { ...claire({ state: "unchecked", checked_at: null, problem_code: null }), has_secret: false };
  expect(needsPassword(fresh)).toBe(true);
  expect(needsPassword({ ...fresh, has_secret: true })).toBe(false);
  expect(needsPassword({ ...fresh, imap: { ...fresh.imap, auth: "oauth" } })).toBe(false);
  // What a check found says more.
  expect(needsPassword({ ...fresh, health: { state: "problem", checked_at: null, problem_code: "secret.missing" } })).toBe(false);
});

test("how far changes have come is said in words, and only what is calm stays small", () => {
  words.use("en");
  const told = (...[sync, state]: Parameters<typeof signedIn>) => {
    const label = syncLabel(signedIn(sync, state));
    return [label?.text, label?.calm];
  };
  expect(syncLabel(SIGNED_OUT)).toBeNull();
  expect(told()).toEqual(["Synced", true]);
  expect(told({ state: "waiting", pending: 1 })).toEqual(["1 change waits", true]);
  expect(told({ state: "offline", pending: 3 })).toEqual(["3 changes wait for the network", false]);
  expect(told({ state: "offline", pending: 0 })).toEqual(["Server not reachable", true]);
  expect(told({ state: "failed" })).toEqual(["Not synced", false]);
  expect(told({ state: "up_to_date" }, "must_sign_in")).toEqual(["Sign in again", false]);
});
