/** An account's settings while they are being changed. */
import type { AccountView, CheckView, DraftView, ErrorView } from "../backend/bindings";
import { draftOf, sameDraft, sameEndpoints } from "../logic/drafts";
import type { Run } from "./checks.svelte";
import type { Courrier } from "./courrier.svelte";
import { failureOf, wasCancelled } from "./failure";

export class EditForm {
  /** The account's; it changes when the account is kept from travelling. */
  id: string;
  #stored: DraftView;
  draft: DraftView = $state() as DraftView;
  /** Empty: what is stored stays. */
  password = $state("");
  sendingPassword = $state("");
  /** The check that stopped the saving. */
  failed = $state.raw<CheckView | null>(null);
  failure = $state.raw<ErrorView | null>(null);
  run = $state.raw<Run | null>(null);
  saving = $state(false);

  constructor(
    account: AccountView,
    private readonly courrier: Courrier,
  ) {
    this.id = account.id;
    this.#stored = $state.raw(draftOf(account));
    this.draft = draftOf(account);
  }

  get newPasswords(): boolean {
    return this.password !== "" || this.sendingPassword !== "";
  }

  get dirty(): boolean {
    return this.newPasswords || !sameDraft(this.draft, this.#stored);
  }

  /** True while there is something to save, or to say about saving. */
  get pending(): boolean {
    return this.dirty || this.saving || this.failed !== null || this.failure !== null;
  }

  /** True if the change could break the account, so that it is checked before it is saved. */
  get needsCheck(): boolean {
    return this.newPasswords || !sameEndpoints(this.draft, this.#stored);
  }

  /** Back to what is stored. */
  revert(): void {
    this.draft = structuredClone(this.#stored);
    this.forgetPasswords();
    this.failed = null;
    this.failure = null;
  }

  /** Follows the stored account, unless something was changed here. */
  follow(account: AccountView): void {
    const clean = !this.dirty;
    this.#stored = draftOf(account);
    if (clean) this.draft = draftOf(account);
  }

  forgetPasswords(): void {
    this.password = "";
    this.sendingPassword = "";
  }

  /** True if it was saved. */
  async save(unchecked: boolean): Promise<boolean> {
    if (this.saving) return false;
    this.saving = true;
    this.failed = null;
    this.failure = null;
    const draft = $state.snapshot(this.draft);
    const passwords = { password: this.password || null, sendingPassword: this.sendingPassword || null };
    try {
      const { account, check } = await this.courrier.edit(this.id, draft, passwords, unchecked, (run) => (this.run = run));
      if (!account) {
        this.failed = check;
        return false;
      }
      this.#stored = draftOf(account);
      this.revert();
      return true;
    } catch (reason) {
      const failure = failureOf(reason);
      if (!wasCancelled(failure)) this.failure = failure;
      if (failure.code.startsWith("keyring.")) void this.courrier.lookAtStorage();
      return false;
    } finally {
      this.saving = false;
      this.run = null;
    }
  }
}
