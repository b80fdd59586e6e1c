/** A program in memory that behaves as the real one does, for tests of the window in a browser. */
import type { Backend, Listeners, Passwords } from "..";
import type {
  AccountView,
  CheckView,
  DraftView,
  EndpointView,
  ErrorView,
  PastCheckView,
  SavedView,
  SecretStorageView,
  SettingsView,
  StartView,
} from "../bindings";
import { draftOf } from "../../logic/drafts";
import { at, noTokens, SIGN_IN_NEEDED, tokens } from "./accounts";
import { Attempts } from "./attempts";
import { checkView, sideView, stepsOf, type Outcome, type Side } from "./checks";
import { fakeConsents } from "./consents";
import { fakeServer } from "./server";
import { scenario } from "./scenarios";
import { suggestionFor } from "./suggestions";

/** The password that works everywhere in the fake. */
const RIGHT = "correct-horse";
const UNDO_SECONDS = 8;
const NO_PASSWORDS: Passwords = { password: null, sendingPassword: null };

function refuse(code: string, message: string, remedy: string, retryable = false): ErrorView {
  return { code, message, remedy, retryable };
}

const LOCKED = refuse("keyring.locked", "The keyring is locked.", "Unlock it, then try again.", true);
const LOCKED_FILE = refuse("keyring.locked", "The encrypted file with the passwords is locked.", "Open it with its passphrase.", true);
const WRONG_PASSPHRASE = {
  en: refuse("keyring.wrong_passphrase", "This passphrase does not open the encrypted file.", "Type it again; mind capital letters and the keyboard layout."),
  fr: refuse(
    "keyring.wrong_passphrase",
    "Cette phrase secrète n’ouvre pas le fichier chiffré.",
    "Saisissez-la de nouveau ; attention aux majuscules et à la disposition du clavier.",
  ),
};
const ABSENT = refuse("keyring.absent", "This computer has no keyring.", "Install and start a keyring service, such as GNOME Keyring.");
const NOT_FOUND = refuse("account.not_found", "There is no such account.", "It may have been removed elsewhere.");
const CANCELLED = refuse("cancelled", "Cancelled.", "", true);

export function fakeBackend(parameters: URLSearchParams): Backend {
  const world = scenario(parameters.get("fake") ?? "four");
  const settings: SettingsView = {
    language: parameters.get("language") ?? "system",
    theme: parameters.get("theme") ?? "system",
    clipboard_seconds: 30,
    reveal_seconds: 30,
  };
  let accounts = world.accounts;
  let startFails = world.startAfter === null;
  const removed = new Map<string, { account: AccountView; index: number; timer: number }>();
  const secrets = new Map(accounts.filter((a) => a.has_secret).map((a) => [a.id, "kX7-ruisseau-41"]));
  const history = new Map<string, PastCheckView[]>();
  const cancels = new Map<number, () => void>();
  let listeners: Listeners | undefined;
  let clipboard: number | undefined;
  let made = 0;

  const language = (): string =>
    settings.language === "system" ? (navigator.language.startsWith("fr") ? "fr" : "en") : settings.language;

  const started = (): StartView => ({
    version: "0.1.0",
    language: language(),
    settings: { ...settings },
    accounts,
    session: world.session,
    first_run: world.firstRun,
  });

  function find(id: string): AccountView {
    const found = accounts.find((a) => a.id === id);
    if (!found) throw NOT_FOUND;
    return found;
  }

  function store(account: AccountView): AccountView {
    const others = account.primary ? accounts.map((a) => ({ ...a, primary: false })) : accounts;
    const at = others.findIndex((a) => a.id === account.id);
    accounts = at < 0 ? [...others, account] : others.with(at, account);
    return account;
  }

  function storageNow(): SecretStorageView {
    const { storage, keyring, file, can_create } = world.storage;
    return { storage, keyring, file, state: storage === "file" ? file : keyring, can_create: can_create && storage === "keyring" };
  }

  /** Whether secrets can be stored and had; where the file was in use once, they are still there. */
  function openStorage(): void {
    const { state, file } = storageNow();
    if (file === "locked") throw LOCKED_FILE;
    if (state === "locked") throw LOCKED;
    if (state === "absent") throw ABSENT;
  }

  function openFile(passphrase: string): void {
    if (passphrase !== world.passphrase) throw WRONG_PASSPHRASE[language() === "fr" ? "fr" : "en"];
    world.storage.file = "ready";
  }

  async function runSide(run: number, side: Side, endpoint: EndpointView, outcome: Outcome, stop: Promise<never>): Promise<void> {
    const steps = stepsOf(side, endpoint, outcome, language());
    const passes = outcome === "ok" || outcome === "hangs" || outcome === "expires";
    for (const step of steps) {
      listeners?.progress({ run, side, began: step.stage, ended: null, side_ok: null });
      const pause = new Promise<void>((done) => setTimeout(done, 5));
      const forever = new Promise<never>(() => undefined);
      await Promise.race([outcome === "hangs" && step.stage === "authenticate" ? forever : pause, stop]);
      listeners?.progress({ run, side, began: null, ended: step, side_ok: step === steps.at(-1) ? passes : null });
    }
  }

  async function check(run: number, draft: DraftView, outcomes: Partial<Record<Side, Outcome>>, password: string | null): Promise<CheckView> {
    const stop = new Promise<never>((_, reject) => cancels.set(run, () => reject(CANCELLED)));
    // A right password helps against a wrong one, not against a bad certificate.
    const end = (side: Side): Outcome => {
      const outcome = outcomes[side] ?? "ok";
      return password === RIGHT && (outcome === "password" || outcome === "missing" || outcome === "app") ? "ok" : outcome;
    };
    try {
      await Promise.all([
        runSide(run, "imap", draft.imap, end("imap"), stop),
        runSide(run, "smtp", draft.smtp, end("smtp"), stop),
      ]);
    } finally {
      cancels.delete(run);
    }
    const view = (side: Side) => sideView(side, draft[side], end(side), language());
    return checkView(draft.address, view("imap"), view("smtp"));
  }

  function remember(account: AccountView, result: CheckView): AccountView {
    const past = pastOf(account);
    history.set(account.id, [{ id: `check-${++made}`, at: new Date().toISOString(), check: result }, ...past]);
    const problem = result.imap.problem ?? result.smtp.problem;
    return store({
      ...account,
      health: {
        state: problem ? "problem" : "ok",
        checked_at: new Date().toISOString(),
        problem_code: problem?.code ?? null,
      },
    });
  }

  function pastOf(account: AccountView): PastCheckView[] {
    const known = history.get(account.id);
    if (known) return known;
    if (account.health.state === "unchecked") return [];
    const outcomes = world.outcomes[account.id] ?? {};
    const past = (id: string, minutes: number, imap: Outcome, smtp: Outcome): PastCheckView => ({
      id,
      at: at(minutes),
      check: checkView(
        account.address,
        sideView("imap", account.imap, imap === "hangs" ? "ok" : imap, language()),
        sideView("smtp", account.smtp, smtp === "hangs" ? "ok" : smtp, language()),
      ),
    });
    const list = [
      past("past-1", 20, outcomes.imap ?? "ok", outcomes.smtp ?? "ok"),
      past("past-2", 60 * 14, "ok", "ok"),
      past("past-3", 60 * 26, "ok", "ok"),
      past("past-4", 60 * 24 * 3, "offline", "offline"),
      past("past-5", 60 * 24 * 5, "ok", "ok"),
    ];
    history.set(account.id, list);
    return list;
  }

  /** The account of a draft, stored and not checked. */
  function fresh(draft: DraftView, before: AccountView | undefined, passwords: Passwords, touched: boolean): AccountView {
    const id = before?.id ?? `new-${++made}`;
    if (passwords.password !== null) secrets.set(id, passwords.password);
    const now = new Date().toISOString();
    return store({
      ...draft,
      id,
      color: draft.color ?? before?.color ?? "#006fae",
      primary: draft.primary || accounts.length === 0,
      health: before && !touched ? before.health : { state: "unchecked", checked_at: null, problem_code: null },
      has_secret: secrets.has(id),
      has_sending_secret: passwords.password === null ? (before?.has_sending_secret ?? false) : passwords.sendingPassword !== null,
      travels: before?.travels ?? (world.session.state === "signed_out" ? null : true),
      waits: before?.waits ?? false,
      unseen_conflict: before?.unseen_conflict ?? false,
      oauth: draft.imap.auth === "oauth" ? (before?.oauth ?? noTokens("google")) : null,
      created_at: before?.created_at ?? now,
      updated_at: now,
    });
  }

  async function save(run: number, draft: DraftView, before: AccountView | undefined, passwords: Passwords, unchecked: boolean, touched: boolean): Promise<SavedView> {
    for (const side of ["imap", "smtp"] as const) {
      if (!draft[side].host.trim()) throw refuse("input.host", "The server’s name is missing.", "Type a host name, such as mail.example.org.");
    }
    openStorage();
    const outcomes = before ? (world.outcomes[before.id] ?? world.adding) : world.adding;
    const result = unchecked || !touched ? null : await check(run, draft, outcomes, passwords.password);
    if (result && !result.ok) return { account: null, check: result };
    const account = fresh(draft, before, passwords, touched);
    return { account: result ? remember(account, result) : account, check: result };
  }

  const attempts = new Attempts(language, (attempt) =>
    listeners?.deviceCode({
      attempt,
      user_code: "WDJB-MJHT",
      verification_url: "https://id.mairie-exemple.example/device",
      verification_url_complete: "https://id.mairie-exemple.example/device?user_code=WDJB-MJHT",
      expires_at: at(-10),
    }),
  );

  const backend: Backend = {
    ...fakeServer({
      world,
      language,
      accounts: () => accounts,
      setAccounts: (changed) => (accounts = changed),
      find,
      store,
      sessionChanged: (session) => {
        world.session = session;
        listeners?.sessionChanged(session);
      },
      accountsChanged: () => listeners?.accountsChanged(),
      attempts,
    }),
    ...fakeConsents({
      world,
      attempts,
      language,
      find,
      byAddress: (address) => accounts.find((one) => one.address.toLowerCase() === address.toLowerCase()),
      keep: (draft) => fresh(draft, undefined, NO_PASSWORDS, true),
      store,
      openStorage,
      accountsChanged: () => listeners?.accountsChanged(),
    }),
    async start() {
      if (startFails) {
        startFails = false;
        throw refuse("store.newer", "The accounts were written by a newer version of Courrier.", "Install the newest version, then open it again.", true);
      }
      await new Promise((done) => setTimeout(done, world.startAfter ?? 0));
      return started();
    },
    accounts: async () => accounts,
    async search(query) {
      const fold = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
      const wanted = fold(query);
      return accounts.filter((a) => fold(`${a.name} ${a.address}`).includes(wanted)).map((a) => a.id);
    },
    async suggest(address) {
      const suggestion = suggestionFor(address);
      if (!suggestion) throw refuse("input.address", "This is not a complete mail address.", "Write it like name@example.org.");
      const existing = accounts.find((a) => a.address.toLowerCase() === suggestion.address.toLowerCase());
      return { ...suggestion, draft: existing ? draftOf(existing) : suggestion.draft, existing_account_id: existing?.id ?? null };
    },
    async checkAccount(run, id) {
      const account = find(id);
      const result = await check(run, account, world.outcomes[id] ?? {}, secrets.get(id) ?? null);
      remember(find(id), result);
      listeners?.accountsChanged();
      return result;
    },
    async addAccount(run, draft, passwords, unchecked) {
      const before = accounts.find((a) => a.address.toLowerCase() === draft.address.toLowerCase());
      return save(run, draft, before, passwords, unchecked, true);
    },
    async editAccount(run, id, draft, passwords, unchecked) {
      const before = find(id);
      const touched =
        passwords.password !== null ||
        passwords.sendingPassword !== null ||
        JSON.stringify([before.imap, before.smtp]) !== JSON.stringify([draft.imap, draft.smtp]);
      return save(run, draft, before, passwords, unchecked, touched);
    },
    async tryPassword(run, id, password) {
      const account = find(id);
      const result = await check(run, account, world.outcomes[id] ?? {}, password);
      if (!result.ok) return { account: null, check: result };
      secrets.set(id, password);
      return { account: remember({ ...find(id), has_secret: true }, result), check: result };
    },
    async cancelCheck(run) {
      cancels.get(run)?.();
    },
    pastChecks: async (id) => pastOf(find(id)),
    async removeAccount(id) {
      const account = find(id);
      const index = accounts.indexOf(account);
      accounts = accounts.filter((a) => a.id !== id);
      const timer = window.setTimeout(() => {
        removed.delete(id);
        listeners?.removalFinished(id);
      }, UNDO_SECONDS * 1000);
      removed.set(id, { account, index, timer });
      return { id, address: account.address, undo_seconds: UNDO_SECONDS };
    },
    async undoRemoval(id) {
      const entry = removed.get(id);
      if (!entry) throw NOT_FOUND;
      clearTimeout(entry.timer);
      removed.delete(id);
      accounts = accounts.toSpliced(entry.index, 0, entry.account);
      return entry.account;
    },
    async revealSecret(id, sending) {
      openStorage();
      const secret = sending && find(id).has_sending_secret ? "pQ3-moulin-58" : secrets.get(id);
      if (secret === undefined) throw refuse("secret.missing", "No password is stored for this account on this computer.", "Type it once in Settings.");
      return secret;
    },
    async copySecret(id, sending) {
      await backend.revealSecret(id, sending);
      clearTimeout(clipboard);
      clipboard = window.setTimeout(() => listeners?.clipboardCleared(), settings.clipboard_seconds * 1000);
      return { clear_after_seconds: settings.clipboard_seconds };
    },
    copyText: async () => undefined,
    copyReport: async () => undefined,
    secretStorage: async () => storageNow(),
    async unlockSecrets() {
      if (world.storage.storage === "file") throw LOCKED_FILE;
      if (world.storage.keyring === "locked" || world.storage.can_create) {
        world.storage.keyring = "ready";
        world.storage.can_create = false;
      }
      return storageNow();
    },
    async unlockSecretFile(passphrase) {
      openFile(passphrase);
      return storageNow();
    },
    async keepSecretsInFile(passphrase) {
      world.passphrase ??= passphrase;
      openFile(passphrase);
      world.storage.storage = "file";
      return storageNow();
    },
    async keepSecretsInKeyring() {
      world.storage.storage = "keyring";
      return storageNow();
    },
    async saveSettings(changed) {
      Object.assign(settings, changed);
      return started();
    },
    openHelp: async () => undefined,
    async doctor() {
      const french = language() === "fr";
      const keyring = storageNow().state === "ready";
      return {
        ok: keyring,
        findings: [
          {
            code: "keyring",
            ok: keyring,
            detail: keyring
              ? french ? "Écrire, relire et effacer fonctionnent." : "Writing, reading back and deleting work."
              : french ? "Le trousseau n’est pas disponible." : "The keyring is not available.",
            remedy: keyring ? null : french ? "Déverrouillez-le ou installez un service de trousseau." : "Unlock it, or install a keyring service.",
          },
          { code: "database", ok: true, detail: french ? "Lisible et intacte." : "Readable and intact.", remedy: null },
          { code: "clock", ok: true, detail: french ? "À l’heure." : "On time.", remedy: null },
          { code: "proxy", ok: true, detail: french ? "Aucun n’est réglé." : "None is set.", remedy: null },
          { code: "network", ok: true, detail: french ? "Des noms peuvent être résolus." : "Names can be resolved.", remedy: null },
        ],
      };
    },
    async listen(given) {
      listeners = given;
      // As the program finds out a moment after it has started.
      setTimeout(() => {
        const needing = world.newlyNeeded.map((id) => store({ ...find(id), health: SIGN_IN_NEEDED, oauth: tokens("google", null, { state: "sign_in_needed" }) }));
        if (needing.length > 0) given.signInNeeded(needing);
        if (accounts.some(({ oauth }) => oauth?.state === "unkept")) given.tokensUnkept(true);
      }, 300);
    },
  };
  return backend;
}
