/** A mail address while it is being added. */
import type { Backend, Passwords } from "../backend";
import type { AccountView, AuthorizeHelpView, CheckView, DraftView, ErrorView, SuggestionView } from "../backend/bindings";
import { sidesWithoutHost } from "../logic/drafts";
import { SIDES } from "../logic/stages";
import { waysOf } from "../logic/ways";
import type { Run } from "./checks.svelte";
import { helpFor } from "./consent.svelte";
import type { Courrier } from "./courrier.svelte";
import { failureOf, wasCancelled } from "./failure";

/** Milliseconds without a key before settings are looked up: short enough to feel immediate. */
const PAUSE = 120;

const EMPTY: DraftView = {
  address: "",
  name: "",
  color: null,
  primary: false,
  imap: { host: "", port: 993, security: "tls", username: "", auth: "password" },
  smtp: { host: "", port: 465, security: "tls", username: "", auth: "password" },
  identities: [],
};

export class AddForm {
  typed = $state("");
  /** What is known about the address; null while it is incomplete. */
  suggestion = $state.raw<SuggestionView | null>(null);
  /** Why the address is refused, to be told once the field is left. */
  refusal = $state.raw<ErrorView | null>(null);
  draft: DraftView = $state(structuredClone(EMPTY));
  serversOpen = $state(false);
  password = $state("");
  sendingPassword = $state("");
  twoPasswords = $state(false);
  run = $state.raw<Run | null>(null);
  saving = $state(false);
  /** The check that stopped the saving. */
  failed = $state.raw<CheckView | null>(null);
  failure = $state.raw<ErrorView | null>(null);
  /** What is known of signing in to these servers through the browser; null while they are not complete. */
  help = $state.raw<AuthorizeHelpView | null>(null);
  /** True once the person chose a password where the browser would do. */
  passwordChosen = $state(false);
  #edited = false;
  #leaving = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly #ways = $derived(waysOf(this.draft.imap.auth === "oauth", this.help));
  /** How this address signs in. */
  readonly way = $derived(this.passwordChosen ? "password" : this.#ways.first);
  /** The way that the person may choose instead. */
  readonly otherWay = $derived(this.passwordChosen ? "browser" : this.#ways.other);
  readonly serversMissing = $derived(sidesWithoutHost(this.draft).length > 0);
  readonly portsValid = $derived(SIDES.every((side) => this.draft[side].port >= 1 && this.draft[side].port <= 65535));

  readonly #backend: Backend;

  constructor(private readonly courrier: Courrier) {
    this.#backend = courrier.backend;
  }

  /** Looks settings up a moment after the last key. */
  typing(): void {
    clearTimeout(this.#timer);
    this.refusal = null;
    this.#timer = setTimeout(() => void this.lookUp(), PAUSE);
  }

  /** Looks settings up now; without network. */
  async lookUp(): Promise<void> {
    clearTimeout(this.#timer);
    const typed = this.typed;
    try {
      const suggestion = await this.#backend.suggest(typed);
      const { address, imap, smtp } = this.#edited ? { ...this.draft, address: suggestion.address } : suggestion.draft;
      // Both at once, so that no field appears and goes again.
      const help = await helpFor(this.courrier, address, imap, smtp);
      if (typed !== this.typed) return;
      this.#take(suggestion);
      this.help = help;
    } catch (reason) {
      if (typed !== this.typed) return;
      this.suggestion = null;
      this.refusal = failureOf(reason);
    }
  }

  #take(suggestion: SuggestionView): void {
    this.refusal = null;
    const before = this.suggestion;
    this.suggestion = suggestion;
    if (before?.address === suggestion.address) return;
    this.passwordChosen = false;
    if (this.#edited) {
      // Servers that were typed stay; a user name that was the address follows it.
      for (const side of SIDES) {
        if (this.draft[side].username === this.draft.address) this.draft[side].username = suggestion.address;
      }
      this.draft.address = suggestion.address;
      return;
    }
    this.draft = structuredClone(suggestion.draft);
    this.serversOpen = this.serversMissing;
  }

  /** From now on the servers are the person's. */
  openServers(): void {
    this.serversOpen = true;
  }

  edited(): void {
    this.#edited = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.lookForHelp(), PAUSE);
  }

  /** Learns again how these servers are signed in to, as after a client id was given. */
  async lookForHelp(): Promise<void> {
    const { address, imap, smtp } = this.draft;
    this.help = await helpFor(this.courrier, address, imap, smtp);
  }

  /** Where the browser would do, but a password works all the same. */
  usePassword(): void {
    this.passwordChosen = true;
    for (const side of SIDES) {
      if (this.draft[side].auth === "oauth") this.draft[side].auth = "password";
    }
  }

  useBrowser(): void {
    this.passwordChosen = false;
    this.password = this.sendingPassword = "";
    for (const side of SIDES) {
      if (this.suggestion?.draft[side].auth === "oauth") this.draft[side].auth = "oauth";
    }
  }

  /** To the browser; this form waits to be gone back to. */
  async continueInBrowser(): Promise<void> {
    // Each beginning opens a page of its own.
    if (this.#leaving) return;
    this.#leaving = true;
    this.failed = null;
    this.failure = null;
    try {
      await this.courrier.consents.add(this);
    } finally {
      this.#leaving = false;
    }
  }

  /** The account, if it was saved. */
  async save(unchecked: boolean): Promise<AccountView | null> {
    if (this.saving) return null;
    this.saving = true;
    this.failed = null;
    this.failure = null;
    const passwords: Passwords = {
      password: this.password || null,
      sendingPassword: (this.twoPasswords && this.sendingPassword) || null,
    };
    try {
      const { account, check } = await this.courrier.add($state.snapshot(this.draft), passwords, unchecked, (run) => (this.run = run));
      if (!account) this.failed = check;
      return account;
    } catch (reason) {
      const failure = failureOf(reason);
      if (!wasCancelled(failure)) this.failure = failure;
      if (failure.code.startsWith("keyring.")) void this.courrier.lookAtStorage();
      return null;
    } finally {
      this.saving = false;
      this.run = null;
    }
  }

  /** Nothing typed here outlives the room. */
  forget(): void {
    clearTimeout(this.#timer);
    this.password = "";
    this.sendingPassword = "";
    void this.run?.cancel();
  }
}
