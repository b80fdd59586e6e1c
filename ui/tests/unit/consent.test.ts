import { beforeEach, describe, expect, test, vi } from "vitest";

import type { Backend } from "../../src/backend";
import type { AccountView, AuthorizeHelpView, CheckView, ErrorView } from "../../src/backend/bindings";
import { byBrowser, claire, SIGN_IN_NEEDED, tokens } from "../../src/backend/fake/accounts";
import { missingFrom } from "../../src/logic/clients";
import { tokenCommand } from "../../src/logic/command";
import { needsSignIn, neverSignedIn } from "../../src/logic/needs";
import { actionFor } from "../../src/logic/remedies";
import { announcesBrowser, waysOf } from "../../src/logic/ways";
import { AddForm } from "../../src/state/add-form.svelte";
import { Consent } from "../../src/state/consent.svelte";
import { Consents } from "../../src/state/consents.svelte";
import type { Courrier } from "../../src/state/courrier.svelte";
import { Notices } from "../../src/state/notices.svelte";

const refused = (code: string): ErrorView => ({ code, message: code, remedy: "", retryable: false });
const HELP: AuthorizeHelpView = {
  provider: "google",
  provider_name: "Google",
  client: "build",
  registration_page: null,
  app_password_page: "https://myaccount.google.com/apppasswords",
  device_code: false,
  admin_consent_url: null,
  admin_text: null,
};

describe("an address signs in", () => {
  test("through the browser where its provider does and this program is registered, else by an app password", () => {
    expect(waysOf(false, HELP)).toEqual({ first: "browser", other: "password" });
    expect(waysOf(false, { ...HELP, client: "none" })).toEqual({ first: "password", other: null });
  });

  test("through the browser or not at all where passwords are never taken", () => {
    const microsoft = { ...HELP, provider: "microsoft", app_password_page: null };
    expect(waysOf(true, microsoft)).toEqual({ first: "browser", other: null });
    expect(waysOf(true, { ...microsoft, client: "none" })).toEqual({ first: "none", other: null });
    // Its servers typed by hand are the same servers.
    expect(waysOf(false, { ...microsoft, client: "none" }).first).toBe("none");
  });

  test("by a password at servers that nobody knows in advance, unless the account says otherwise", () => {
    const unknown = { ...HELP, provider: null, provider_name: null, client: "registers", app_password_page: null };
    expect(waysOf(false, unknown)).toEqual({ first: "password", other: null });
    expect(waysOf(true, unknown)).toEqual({ first: "browser", other: "password" });
    expect(waysOf(false, null)).toEqual({ first: "password", other: null });
  });

  test("through the browser where a server says so, whatever became of the password", () => {
    const side = (...capabilities: string[]) => ({ steps: [{ detail: {} }, { detail: { capabilities } }] });
    const check = (imap: string[], smtp: string[]) => ({ imap: side(...imap), smtp: side(...smtp) }) as unknown as CheckView;
    expect(announcesBrowser(check(["IMAP4rev1", "AUTH=PLAIN"], ["SIZE 1000", "AUTH PLAIN LOGIN"]))).toBe(false);
    expect(announcesBrowser(check(["IMAP4rev1", "AUTH=PLAIN", "AUTH=OAUTHBEARER"], ["AUTH PLAIN"]))).toBe(true);
    expect(announcesBrowser(check(["IMAP4rev1"], ["AUTH PLAIN xoauth2"]))).toBe(true);
    expect(announcesBrowser({ imap: { steps: [] }, smtp: { steps: [] } } as unknown as CheckView)).toBe(false);
  });

  test("through the issuer that the organisation names, or by a password there", () => {
    expect(waysOf(false, { ...HELP, provider: "https://id.example.org/", client: "organisation", app_password_page: null })).toEqual({
      first: "browser",
      other: "password",
    });
  });
});

test("what tokens lack is mended in the browser", () => {
  for (const code of ["auth.oauth_required", "auth.token_rejected", "auth.token_expired", "auth.scope_missing", "auth.consent_required"]) {
    expect(actionFor(code), code).toBe("browser");
  }
  // A password would help another account.
  expect([actionFor("secret.missing"), actionFor("secret.missing", true)]).toEqual(["password", "browser"]);
});

test("an account without tokens here was never signed in, which is not the same as signed out", () => {
  const account = (state: string): AccountView => ({ ...byBrowser(claire(), tokens("google", null, { state })), health: SIGN_IN_NEEDED });
  expect(neverSignedIn(account("missing"))).toBe(true);
  expect(neverSignedIn(account("sign_in_needed"))).toBe(false);
  expect(needsSignIn(account("sign_in_needed"))).toBe(true);
  expect(needsSignIn(claire())).toBe(false);
});

test("a client id is saved with the secret that its provider demands, or with the one that is stored", () => {
  expect(missingFrom("microsoft", " ", "", null)).toBe("id");
  expect(missingFrom("microsoft", "mine", "", null)).toBeNull();
  expect(missingFrom("google", "mine", " ", null)).toBe("secret");
  expect(missingFrom("google", "mine", "shared", null)).toBeNull();
  expect(missingFrom("google", " mine ", "", "mine")).toBeNull();
  expect(missingFrom("google", "another", "", "mine")).toBe("secret");
});

test("other programs ask for a token with the address quoted where a shell needs it", () => {
  expect(tokenCommand("claire@gmail.com")).toBe("courrier token claire@gmail.com");
  expect(tokenCommand("o'hara@gmail.com")).toBe(String.raw`courrier token 'o'\''hara@gmail.com'`);
});

/** A window whose consents end when the test says so. */
function world() {
  const answers: { answer: (account: AccountView) => void; refuse: (why: ErrorView) => void }[] = [];
  const asked: { by: string; attempt: number; code: boolean }[] = [];
  const wait = (by: string) => (attempt: number, code: boolean) => {
    asked.push({ by, attempt, code });
    return new Promise<AccountView>((answer, refuse) => answers.push({ answer, refuse }));
  };
  const backend = {
    authorizeHelp: () => Promise.resolve(HELP),
    authorizeAccount: wait("account"),
    authorizeDraft: wait("draft"),
    cancelSignIn: vi.fn(() => Promise.resolve()),
    useOtherAddress: vi.fn((address: string) => Promise.resolve({ ...claire(), address })),
    dropOtherAddress: vi.fn(() => Promise.resolve()),
  };
  const all = new Map<string, AccountView>();
  const courrier = {
    backend: backend as unknown as Backend,
    room: "consent",
    notices: new Notices(),
    accounts: { put: (account: AccountView) => all.set(account.id, account) },
    checks: { finding: () => undefined },
    check: vi.fn(() => Promise.resolve()),
    open: vi.fn(),
    go: vi.fn(),
    lookAtStorage: vi.fn(),
    consents: undefined as Consents | undefined,
  };
  const consents = new Consents(courrier as unknown as Courrier);
  courrier.consents = consents;
  const begin = (account: AccountView): Consent => {
    const consent = new Consent(courrier as unknown as Courrier, account);
    consents.now = consent;
    return consent;
  };
  return { courrier, consents, backend, answers, asked, begin };
}

describe("a consent", () => {
  let w: ReturnType<typeof world>;
  beforeEach(() => {
    w = world();
  });

  test("leads to the account, whose servers are checked at once", async () => {
    const consent = w.begin(claire());
    const done = consent.begin("browser");
    expect(w.asked.map(({ by, code }) => [by, code])).toEqual([["account", false]]);
    w.answers[0]?.answer(claire());
    await done;
    expect(w.consents.now).toBeNull();
    expect(w.courrier.open).toHaveBeenCalledWith("claire");
    expect(w.courrier.check).toHaveBeenCalledWith("claire");
  });

  test("of another address is never taken without the person's word", async () => {
    const consent = w.begin(claire());
    const done = consent.begin("browser");
    w.answers[0]?.refuse(refused("oauth.other_address"));
    await done;
    expect(consent.step).toBe("other");
    expect(w.backend.useOtherAddress).not.toHaveBeenCalled();
    await consent.useOther();
    expect(w.backend.useOtherAddress).toHaveBeenCalledWith(claire().address);
    expect(w.courrier.check).toHaveBeenCalledOnce();
  });

  test("of another address, once taken, is not cancelled half way", async () => {
    const consent = w.begin(claire());
    const done = consent.begin("browser");
    w.answers[0]?.refuse(refused("oauth.other_address"));
    await done;
    const using = consent.useOther();
    consent.cancel();
    void consent.signInRight();
    expect(w.backend.dropOtherAddress).not.toHaveBeenCalled();
    expect(w.consents.now).toBe(consent);
    await using;
    expect(w.courrier.check).toHaveBeenCalledOnce();
    expect(w.asked).toHaveLength(1);
  });

  test("that is asked for twice is begun once", async () => {
    await Promise.all([w.consents.again(claire()), w.consents.again(claire())]);
    expect(w.asked).toHaveLength(1);
    expect(w.backend.cancelSignIn).not.toHaveBeenCalled();
  });

  test("for a form whose button is pressed twice is begun once", async () => {
    const form = new AddForm(w.courrier as unknown as Courrier);
    await Promise.all([form.continueInBrowser(), form.continueInBrowser()]);
    expect(w.asked.map(({ by }) => by)).toEqual(["draft"]);
    // Pressed again later, it is meant.
    await form.continueInBrowser();
    expect(w.asked).toHaveLength(2);
    expect(w.backend.cancelSignIn).toHaveBeenCalledWith(w.asked[0]?.attempt);
  });

  test("with an issuer that was named lets it be corrected, whatever came of it", async () => {
    const consent = w.begin(claire());
    expect(consent.named).toBe(false);
    consent.issuer = "https://id.exmaple.org";
    const done = consent.begin("browser");
    w.answers[0]?.refuse(refused("oauth.unreachable"));
    await done;
    consent.issuer = "";
    expect(consent.named).toBe(true);
  });

  test("of another address is dropped when the person signs in as the right one, or leaves", async () => {
    const consent = w.begin(claire());
    let done = consent.begin("code");
    w.answers[0]?.refuse(refused("oauth.other_address"));
    await done;
    done = consent.signInRight();
    expect(w.backend.dropOtherAddress).toHaveBeenCalledOnce();
    expect(w.asked[1]?.code).toBe(true);
    w.answers[1]?.refuse(refused("oauth.other_address"));
    await done;
    consent.cancel();
    expect(w.backend.dropOtherAddress).toHaveBeenCalledTimes(2);
    expect(w.consents.now).toBeNull();
  });

  test("that comes after it was cancelled changes nothing", async () => {
    const consent = w.begin(claire());
    const done = consent.begin("browser");
    consent.cancel();
    expect(w.backend.cancelSignIn).toHaveBeenCalledWith(w.asked[0]?.attempt);
    w.answers[0]?.answer(claire());
    await done;
    expect(w.courrier.check).not.toHaveBeenCalled();
  });

  test("that failed says why and can be begun again; one cancelled elsewhere leaves quietly", async () => {
    const consent = w.begin(claire());
    let done = consent.begin("browser");
    w.answers[0]?.refuse(refused("oauth.denied"));
    await done;
    expect([consent.step, consent.failure?.code]).toEqual(["failed", "oauth.denied"]);
    done = consent.begin("browser");
    expect([consent.step, consent.failure]).toEqual(["waiting", null]);
    w.answers[1]?.refuse(refused("signin.cancelled"));
    await done;
    expect(w.consents.now).toBeNull();
  });
});

describe("accounts that need the person", () => {
  const needing = (id: string): AccountView => ({ ...byBrowser(claire(), tokens("google", null)), id, address: `${id}@gmail.com`, health: SIGN_IN_NEEDED });

  test("are told once each, and taken back when they work again", () => {
    const { consents, courrier } = world();
    consents.needed([needing("a")]);
    consents.needed([needing("a"), needing("b")]);
    expect(courrier.notices.list).toHaveLength(2);
    consents.settle([needing("a"), { ...needing("b"), health: claire().health }]);
    expect(courrier.notices.list).toHaveLength(1);
    // Broken once more, it is news once more.
    consents.needed([needing("b")]);
    expect(courrier.notices.list).toHaveLength(2);
    consents.settle([]);
    expect(courrier.notices.list).toEqual([]);
  });

  test("are one message when they are many, which stays until the last works", () => {
    const { consents, courrier } = world();
    const many = ["a", "b", "c", "d"].map(needing);
    consents.needed(many);
    expect(courrier.notices.list).toHaveLength(1);
    consents.settle(many.slice(3));
    expect(courrier.notices.list).toHaveLength(1);
    consents.settle([]);
    expect(courrier.notices.list).toEqual([]);
  });
});
