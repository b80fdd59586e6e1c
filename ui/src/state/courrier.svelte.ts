/** The window's whole state, and what a person can do with it. Rooms reach it through `useCourrier`. */
import { createContext, tick } from "svelte";
import { SvelteMap } from "svelte/reactivity";

import type { Backend, Passwords } from "../backend";
import type { AccountView, ChosenView, DeviceView, DraftView, ErrorView, SavedView, SessionView, SettingsView, StartView } from "../backend/bindings";
import { draftOf } from "../logic/drafts";
import { nextFrameSeen } from "../logic/frames";
import { t, words } from "../words/index.svelte";
import { Accounts } from "./accounts.svelte";
import { CheckAll } from "./check-all.svelte";
import { Checks, type Run } from "./checks.svelte";
import { Clipboard } from "./clipboard.svelte";
import { Consents } from "./consents.svelte";
import { Connection } from "./connection.svelte";
import { Devices } from "./devices.svelte";
import { EditForm } from "./edit-form.svelte";
import { failureOf, wasCancelled } from "./failure";
import { Notices } from "./notices.svelte";
import { Session } from "./session.svelte";
import type { SignIn } from "./sign-in.svelte";
import { SecretStorage } from "./storage.svelte";

export type Room = "first" | "accounts" | "add" | "consent" | "devices" | "sign-in" | "settings";
export type Tab = "health" | "settings" | "credentials" | "history" | "elsewhere";

export class Courrier {
  phase = $state<"starting" | "ready" | "failed">("starting");
  /** True once the list was on the screen: what stands beside it costs as much again, and comes a frame later. */
  drawn = $state(false);
  failure = $state.raw<ErrorView | null>(null);
  version = $state("");
  settings = $state.raw<SettingsView>({ language: "system", theme: "system", clipboard_seconds: 30, reveal_seconds: 30 });
  room = $state<Room>("accounts");
  tab = $state<Tab>("health");

  /** Moves the keyboard to the list of accounts, while there is one. */
  focusList: (() => void) | null = null;

  readonly accounts: Accounts;
  readonly checks: Checks;
  readonly checkAll: CheckAll;
  readonly clipboard: Clipboard;
  readonly storage: SecretStorage;
  readonly session: Session;
  readonly devices: Devices;
  /** The sign-in that was begun, which the room of that name makes: it outlives a look at another room. */
  signIn = $state.raw<SignIn | null>(null);
  readonly consents = new Consents(this);
  readonly connection = new Connection();
  readonly notices = new Notices();
  /** Changes that were begun, by account: they outlive a look at another tab or account. */
  readonly edits = new SvelteMap<string, EditForm>();
  #beforeSignIn: Room = "accounts";
  /** The notices of devices that have signed in as the person, by the device's id. */
  readonly #newcomers = new Map<string, number>();
  /** Removals that can still be undone: the account's id and its message. */
  readonly #removals = new Map<string, number>();

  constructor(readonly backend: Backend) {
    this.accounts = new Accounts(backend);
    this.checks = new Checks(backend);
    this.checkAll = new CheckAll((id) => this.check(id));
    this.clipboard = new Clipboard(backend);
    this.storage = new SecretStorage(backend);
    this.session = new Session(backend);
    this.devices = new Devices(backend);
  }

  async start(): Promise<void> {
    this.phase = "starting";
    try {
      await this.backend.listen({
        progress: (progress) => this.checks.progress(progress),
        accountsChanged: () => this.#listAgain(),
        clipboardCleared: () => this.clipboard.cleared(),
        removalFinished: (id) => this.#endRemoval(id),
        settingsChanged: (chosen) => this.#choose(chosen),
        sessionChanged: (session) => this.takeSession(session),
        deviceCode: (code) => {
          this.signIn?.takeCode(code);
          this.consents.takeCode(code);
        },
        devicesChanged: () => void this.devices.refresh(),
        signInAsked: (id) => void this.consents.asked(id),
        signInNeeded: (accounts) => this.consents.needed(accounts),
        tokensUnkept: (unkept) => this.consents.unkept(unkept),
      });
      await this.#draw(await this.backend.start());
      void this.#doing(this.storage.look());
    } catch (reason) {
      this.failure = failureOf(reason);
      this.phase = "failed";
    }
  }

  async #draw(start: StartView): Promise<void> {
    this.#take(start);
    this.room = start.first_run ? "first" : this.home();
    this.phase = "ready";
    await nextFrameSeen();
    this.drawn = true;
  }

  /** Each stays until it is seen, in this window or another: it may be somebody who knows the person's password. */
  #tellOf(newcomers: readonly DeviceView[]): void {
    for (const [device, notice] of this.#newcomers) {
      if (newcomers.some(({ id }) => id === device)) continue;
      this.#newcomers.delete(device);
      this.notices.dismiss(notice);
    }
    for (const { id, name } of newcomers) {
      if (this.#newcomers.has(id)) continue;
      const seen = (): void => void this.#doing(this.backend.seeNewcomer(id));
      const look = (): void => {
        seen();
        this.go("devices");
      };
      const notice = this.notices.show(
        {
          tone: "plain",
          text: t("device-joined", { device: name }),
          detail: t("device-joined-text"),
          action: { label: t("device-joined-look"), testId: "device-joined-look", run: look },
          dismissed: seen,
        },
        null,
      );
      this.#newcomers.set(id, notice);
    }
  }

  #take(start: StartView): void {
    this.#choose(start);
    this.version = start.version;
    this.takeSession(start.session);
    this.accounts.replace(start.accounts);
  }

  #choose({ language, settings }: ChosenView): void {
    words.use(language);
    this.settings = settings;
    // The style sheet follows the system where nothing is set.
    document.documentElement.dataset["theme"] = settings.theme;
  }

  takeSession(session: SessionView): void {
    this.session.view = session;
    this.devices.belongTo(session.user?.id ?? null);
    this.#tellOf(session.newcomers);
  }

  /** Where there is something to see: an empty list of one's own is for adding, an empty one that others fill is not. */
  home(): Room {
    return this.accounts.all.length === 0 && this.session.signedOut ? "add" : "accounts";
  }

  async saveSettings(change: Partial<SettingsView>): Promise<void> {
    await this.#doing(this.backend.saveSettings({ ...this.settings, ...change }).then((start) => this.#take(start)));
  }

  go(room: Room): void {
    if (room === "sign-in" && this.room !== "sign-in") this.#beforeSignIn = this.room;
    this.room = room;
  }

  /** Back to where the person was before they thought of signing in. */
  leaveSignIn(): void {
    this.signIn = null;
    this.go(this.#beforeSignIn);
  }

  /** Straight to the browser: the server is known. */
  async signInAgain(): Promise<void> {
    if (this.signIn === null || this.signIn.attempt === null) {
      const { SignIn } = await import("./sign-in.svelte");
      this.signIn = new SignIn(this);
      void this.signIn.begin("browser");
    }
    this.go("sign-in");
  }

  open(id: string, tab: Tab = "health"): void {
    this.accounts.select(id);
    this.tab = tab;
    this.room = "accounts";
  }

  /** Checks an account with what is stored. Cancelling and failing end quietly or with a message. */
  async check(id: string): Promise<void> {
    if (this.checks.of(id)) return;
    await this.#doing(
      this.checks.run(id, async (run) => {
        this.checks.found(id, await this.backend.checkAccount(run, id));
        this.#listAgain();
      }),
    );
  }

  #listAgain(): void {
    this.accounts.reloadSoon((reason) => this.tell(failureOf(reason)));
  }

  /** One check with another password. Null: it was cancelled, or the failure was told. */
  async tryPassword(id: string, password: string): Promise<SavedView | null> {
    return this.#doing(
      this.checks.run(id, async (run) => {
        const saved = await this.backend.tryPassword(run, id, password);
        this.#keep(id, saved);
        if (saved.account) this.notices.say(t("password-saved"));
        return saved;
      }),
    );
  }

  /** Rejects with an `ErrorView`, because the form shows it beside what is wrong. */
  async add(draft: DraftView, passwords: Passwords, unchecked: boolean, started: (run: Run) => void): Promise<SavedView> {
    return this.checks.run(
      null,
      async (run) => {
        const saved = await this.backend.addAccount(run, draft, passwords, unchecked);
        if (saved.account) this.#keep(saved.account.id, saved);
        return saved;
      },
      started,
    );
  }

  /** Rejects like {@link add}. */
  async edit(id: string, draft: DraftView, passwords: Passwords, unchecked: boolean, started: (run: Run) => void): Promise<SavedView> {
    return this.checks.run(
      id,
      async (run) => {
        const saved = await this.backend.editAccount(run, id, draft, passwords, unchecked);
        // A failed check of settings that were not saved says nothing about the account as it is stored.
        if (saved.account) this.#keep(id, saved);
        return saved;
      },
      started,
    );
  }

  #keep(id: string, saved: SavedView): void {
    if (saved.check) this.checks.found(id, saved.check);
    else this.checks.forget(id);
    if (saved.account) this.accounts.put(saved.account);
  }

  /** The changes begun for this account, or a fresh form. */
  editOf(account: AccountView): EditForm {
    const begun = this.edits.get(account.id);
    if (begun) return begun;
    const form = new EditForm(account, this);
    this.edits.set(account.id, form);
    return form;
  }

  async makePrimary(account: AccountView): Promise<void> {
    const draft = { ...draftOf(account), primary: true };
    const none = { password: null, sendingPassword: null };
    // No server is touched, so there is nothing to check.
    const saved = await this.#doing(this.checks.run(null, (run) => this.backend.editAccount(run, account.id, draft, none, true)));
    if (saved?.account) this.accounts.put(saved.account);
  }

  async copyAddress(account: AccountView): Promise<void> {
    await this.copyText("address", account.address);
    this.notices.say(t("address-copied"));
  }

  async remove(account: AccountView): Promise<void> {
    const removal = await this.#doing(this.backend.removeAccount(account.id));
    if (!removal) return;
    this.accounts.drop(removal.id);
    this.edits.delete(removal.id);
    const notice = this.notices.show(
      {
        tone: "plain",
        text: t("removed", { address: removal.address }),
        detail: t("removed-detail"),
        action: { label: t("undo"), testId: "undo", run: () => void this.undoRemoval(removal.id) },
      },
      removal.undo_seconds,
    );
    this.#removals.set(removal.id, notice);
    if (this.accounts.all.length === 0) this.room = this.home();
    else this.focusList?.();
  }

  async undoRemoval(id: string): Promise<void> {
    this.#endRemoval(id);
    const account = await this.#doing(this.backend.undoRemoval(id));
    if (!account) return;
    await this.#doing(this.accounts.reload());
    this.open(account.id, this.tab);
    // What was pressed is gone with its message: the keyboard goes to what came back.
    await tick();
    this.focusList?.();
  }

  #endRemoval(id: string): void {
    const notice = this.#removals.get(id);
    if (notice !== undefined) this.notices.dismiss(notice);
    this.#removals.delete(id);
  }

  /** Undoes the newest removal; false if there is none. */
  undoLast(): boolean {
    const id = [...this.#removals.keys()].at(-1);
    if (id === undefined) return false;
    void this.undoRemoval(id);
    return true;
  }

  async copyText(key: string, text: string): Promise<void> {
    await this.#doing(this.clipboard.text(key, text));
  }

  /** Waits for a copy that the program makes itself, and says so on the button `key`. */
  async copied(key: string, copy: Promise<void>): Promise<void> {
    await this.#doing(copy.then(() => this.clipboard.shown(key)));
  }

  async copyReport(key: string, id: string, checkId: string | null): Promise<void> {
    await this.copied(key, this.backend.copyReport(id, checkId));
  }

  async openHelp(url: string): Promise<void> {
    await this.#doing(this.backend.openHelp(url));
  }

  async chooseOnlyThisComputer(): Promise<void> {
    await this.#doing(this.backend.chooseOnlyThisComputer());
    this.go(this.home());
  }

  async syncNow(): Promise<void> {
    await this.#doing(this.session.syncNow());
  }

  /** False where the organisation's sign-in service can't be told: then nothing has changed. */
  async signOut(keep: boolean, anyway: boolean): Promise<boolean> {
    try {
      await this.session.signOut(keep, anyway);
    } catch (reason) {
      const failure = failureOf(reason);
      if (failure.code === "issuer.unreachable") return false;
      this.tell(failure);
      return true;
    }
    this.devices.belongTo(null);
    await this.#doing(this.accounts.reload());
    return true;
  }

  /** Lets an account travel, or keeps it here: it may have another id from then on. */
  async setTravels(account: AccountView, travels: boolean): Promise<void> {
    const changed = await this.#doing(this.session.setTravels(account, travels));
    if (!changed) return;
    const begun = this.edits.get(account.id);
    if (begun && changed.id !== account.id) {
      this.edits.delete(account.id);
      begun.id = changed.id;
      this.edits.set(changed.id, begun);
    }
    this.accounts.put(changed, account.id);
  }

  /** Makes an account what it was, which can be taken back. */
  async restoreVersion(id: string, version: string, present: string | undefined): Promise<void> {
    const account = await this.#doing(this.backend.restoreVersion(id, version));
    if (!account) return;
    this.accounts.put(account);
    const undo = present === undefined ? undefined : { label: t("undo"), testId: "undo-restore", run: () => void this.restoreVersion(id, present, undefined) };
    this.notices.show({ tone: "plain", text: t("restored"), action: undo });
  }

  async lookAtStorage(): Promise<void> {
    await this.#doing(this.storage.look());
  }

  async unlock(): Promise<void> {
    await this.#doing(this.storage.unlock());
  }

  async keepSecretsInKeyring(): Promise<void> {
    await this.#doing(
      this.storage.keepInKeyring().then(() => this.notices.show({ tone: "plain", text: t("keyring-kept"), detail: t("kept-before") })),
    );
  }

  /** Waits for what needs no answer of its own: a failure becomes a message, except that someone cancelled. */
  async #doing<T>(work: Promise<T>): Promise<T | null> {
    try {
      return await work;
    } catch (reason) {
      this.tell(failureOf(reason));
      return null;
    }
  }

  tell(failure: ErrorView): void {
    if (wasCancelled(failure)) return;
    this.notices.show({ tone: "bad", text: failure.message, detail: failure.remedy }, 10);
  }
}

export const [useCourrier, provideCourrier] = createContext<Courrier>();
