/** Who is signed in to the organisation, and how far what changed here has come. */
import type { Backend } from "../backend";
import type { AccountView, SessionView } from "../backend/bindings";

const SIGNED_OUT: SessionView = {
  state: "signed_out",
  server: null,
  user: null,
  device: null,
  newcomers: [],
  sync: { state: "off", pending: 0, last_at: null, problem: null, unseen_conflicts: 0 },
};

export class Session {
  view = $state.raw<SessionView>(SIGNED_OUT);
  /** True while the person waits for an answer of {@link syncNow} or {@link signOut}. */
  busy = $state(false);

  readonly sync = $derived(this.view.sync);
  readonly signedOut = $derived(this.view.state === "signed_out");
  readonly mustSignIn = $derived(this.view.state === "must_sign_in");
  /** How the person is called; the address stands in where the organisation gives no name. */
  readonly name = $derived(this.view.user?.name ?? this.view.user?.email ?? "");

  constructor(private readonly backend: Backend) {}

  async syncNow(): Promise<void> {
    await this.#change(() => this.backend.syncNow());
  }

  async signOut(keep: boolean, anyway: boolean): Promise<void> {
    await this.#change(() => this.backend.signOut(keep, anyway));
  }

  setTravels(account: AccountView, travels: boolean): Promise<AccountView> {
    return this.backend.setTravels(account.id, travels);
  }

  async #change(change: () => Promise<SessionView>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      this.view = await change();
    } finally {
      this.busy = false;
    }
  }
}
