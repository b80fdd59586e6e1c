/** Signing in to the organisation: from its server's address to the accounts that travel. Outlives a look at another room. */
import { SvelteSet } from "svelte/reactivity";

import type { SignedInView } from "../backend/bindings";
import { serverAddress } from "../logic/server-address";
import { BrowserAttempt, type Way } from "./browser-attempt.svelte";
import type { Courrier } from "./courrier.svelte";
import { failureOf } from "./failure";

export type Step = "server" | "waiting" | "choose" | "done";

export class SignIn extends BrowserAttempt<SignedInView> {
  step = $state<Step>("server");
  server = $state("");
  /** Ids of accounts of this computer that could travel and were never asked about. */
  toChoose = $state.raw<string[]>([]);
  readonly chosen = new SvelteSet<string>();
  choosing = $state(false);

  constructor(courrier: Courrier) {
    super(courrier);
    this.server = courrier.session.view.server ?? "";
  }

  override async begin(way: Way): Promise<void> {
    const address = serverAddress(this.server);
    if (address === null) return;
    const { backend } = this.courrier;
    this.step = "waiting";
    await this.tryBy(way, (attempt) => (way === "browser" ? backend.signIn(attempt, address) : backend.signInWithCode(attempt, address)));
  }

  protected override arrive({ session, to_choose }: SignedInView): void {
    this.courrier.takeSession(session);
    this.toChoose = to_choose;
    this.chosen.clear();
    for (const id of to_choose) this.chosen.add(id);
    this.step = to_choose.length > 0 ? "choose" : "done";
    // Back from the browser, whatever room the window shows meanwhile.
    this.courrier.go("sign-in");
  }

  protected override turnBack(): void {
    this.step = "server";
  }

  override cancel(): void {
    this.giveUp();
    this.step = "server";
  }

  choose(id: string, travels: boolean): void {
    if (travels) this.chosen.add(id);
    else this.chosen.delete(id);
  }

  chooseAll(travels: boolean): void {
    for (const id of this.toChoose) this.choose(id, travels);
  }

  async confirm(): Promise<void> {
    if (this.choosing) return;
    this.choosing = true;
    this.failure = null;
    try {
      this.courrier.takeSession(await this.courrier.backend.chooseTravelling(this.toChoose.filter((id) => this.chosen.has(id))));
      await this.courrier.accounts.reload();
      this.step = "done";
    } catch (reason) {
      this.failure = failureOf(reason);
    } finally {
      this.choosing = false;
    }
  }
}
