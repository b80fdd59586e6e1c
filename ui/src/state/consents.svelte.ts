/** The accounts' sign-ins through the browser: the one under way, and the accounts that need one again. */
import type { AccountView, DeviceCodeView } from "../backend/bindings";
import { t } from "../words/index.svelte";
import type { AddForm } from "./add-form.svelte";
import type { Consent, Wanted } from "./consent.svelte";
import type { Courrier } from "./courrier.svelte";

/** More messages at once than these become one. */
const FEW = 3;

export class Consents {
  now = $state.raw<Consent | null>(null);
  /** The form that {@link now} was begun in, to go back to. */
  #form: AddForm | null = null;
  /** Messages that say so, by account. */
  readonly #told = new Map<string, number>();
  /** The message that new tokens can't be stored. */
  #unkept: number | null = null;

  constructor(private readonly courrier: Courrier) {}

  /** To the browser for a stored account. */
  async again(account: AccountView): Promise<void> {
    await this.#begin(account, null);
  }

  /** The same from outside of the window; the account may have been mended or removed since. */
  async asked(id: string): Promise<void> {
    const account = this.courrier.accounts.all.find((one) => one.id === id);
    if (account?.health.state === "sign_in_needed") await this.again(account);
    else if (account) this.courrier.open(id);
  }

  /** To the browser for an account that is being added. */
  async add(form: AddForm): Promise<void> {
    await this.#begin($state.snapshot(form.draft), form);
  }

  async #begin(wanted: Wanted, form: AddForm | null): Promise<void> {
    const { Consent } = await import("./consent.svelte");
    // Looked at only now: what was asked for twice meanwhile is begun once.
    const waits = this.now !== null && this.now.attempt !== null && this.now.wanted.address === wanted.address;
    if (!waits || form !== null) {
      this.now?.cancel();
      this.#form = form;
      this.now = new Consent(this.courrier, wanted);
      void this.now.begin("browser");
    }
    this.courrier.go("consent");
  }

  /** The form that was left for the browser, to be filled in further; null if there is none. */
  takeForm(): AddForm | null {
    const form = this.#form;
    if (this.now === null) this.#form = null;
    return form;
  }

  /** Back to where it was begun. */
  leave(consent: Consent): void {
    if (this.now !== consent) return;
    this.now = null;
    if (this.courrier.room !== "consent") return;
    if (this.#form) this.courrier.go("add");
    else if (consent.id !== null) this.courrier.open(consent.id);
    else this.courrier.go("accounts");
  }

  /** The tokens are stored: both servers prove that they work. */
  arrived(consent: Consent, account: AccountView): void {
    this.now = this.#form = null;
    void this.#prove(account, consent.id === null);
  }

  async #prove(account: AccountView, added: boolean): Promise<void> {
    const { accounts, checks, notices } = this.courrier;
    accounts.put(account);
    // Back from the browser, whatever room the window shows meanwhile.
    this.courrier.open(account.id);
    await this.courrier.check(account.id);
    const { address } = account;
    if (checks.finding(account.id)?.check.ok) notices.say(added ? t("account-saved", { address }) : t("account-works-again", { address }));
  }

  /** Stays until they are stored: what is in memory alone would end with the program. */
  unkept(unkept: boolean): void {
    if (this.#unkept !== null) this.courrier.notices.dismiss(this.#unkept);
    this.#unkept = unkept ? this.courrier.notices.show({ tone: "bad", text: t("unkept-title"), detail: t("unkept-text") }, null) : null;
    void this.courrier.lookAtStorage();
  }

  takeCode(code: DeviceCodeView): void {
    this.now?.takeCode(code);
  }

  /** Says once of each account that it needs the person; it stays until it is read, or does not any more. */
  needed(accounts: AccountView[]): void {
    // The list may come later than this, and would take it back at once.
    for (const account of accounts) this.courrier.accounts.put(account);
    const news = accounts.filter(({ id }) => !this.#told.has(id));
    const only = news.length > FEW ? undefined : news;
    for (const account of only ?? []) this.#tell([account], t("must-sign-in-account", { address: account.address }));
    if (!only) this.#tell(news, t("must-sign-in-accounts", { count: news.length }));
  }

  #tell(accounts: AccountView[], text: string): void {
    const [account] = accounts;
    if (!account) return;
    const one = accounts.length === 1;
    const notice = this.courrier.notices.show(
      {
        tone: "plain",
        text,
        detail: (one ? account.oauth?.explanation : null) ?? t("must-sign-in-detail"),
        action: {
          label: one ? t("sign-in-again-do") : t("look"),
          testId: "notice-sign-in",
          run: () => {
            this.courrier.notices.dismiss(notice);
            if (one) void this.again(account);
            else this.courrier.open(account.id);
          },
        },
      },
      null,
    );
    for (const { id } of accounts) this.#told.set(id, notice);
  }

  /** Takes back what was said of accounts that work again or are gone. */
  settle(all: readonly AccountView[]): void {
    if (this.#told.size === 0) return;
    const needing = new Set(all.filter(({ health }) => health.state === "sign_in_needed").map(({ id }) => id));
    const open = new Set<number>();
    for (const [id, notice] of this.#told) if (needing.has(id)) open.add(notice);
    for (const [id, notice] of [...this.#told]) {
      if (needing.has(id)) continue;
      this.#told.delete(id);
      if (!open.has(notice)) this.courrier.notices.dismiss(notice);
    }
  }
}
