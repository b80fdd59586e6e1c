/** Signing in to the organisation: from its server's address to the accounts that travel. Outlives a look at another room. */
import { SvelteSet } from "svelte/reactivity";

import type { DeviceCodeView, ErrorView, SignedInView } from "../backend/bindings";
import { serverAddress } from "../logic/server-address";
import type { Courrier } from "./courrier.svelte";
import { failureOf } from "./failure";

export type Step = "server" | "waiting" | "choose" | "done";
export type Way = "browser" | "code";

/** What a cancelled attempt rejects with; nobody needs to be told. */
const CANCELLED = "signin.cancelled";

export class SignIn {
  step = $state<Step>("server");
  server = $state("");
  way = $state<Way>("browser");
  /** What ended the last attempt. */
  failure = $state.raw<ErrorView | null>(null);
  /** With {@link way} `code`, null until the issuer gave one. */
  code = $state.raw<DeviceCodeView | null>(null);
  /** Why the pasted address was refused. */
  answerFailure = $state.raw<ErrorView | null>(null);
  /** Ids of accounts of this computer that could travel and were never asked about. */
  toChoose = $state.raw<string[]>([]);
  readonly chosen = new SvelteSet<string>();
  choosing = $state(false);
  /** The attempt under way. */
  attempt = $state<number | null>(null);
  // Every window counts its own attempts, and all hear of all: starting anywhere keeps them apart.
  #next = Math.floor(Math.random() * 2 ** 31);

  constructor(private readonly courrier: Courrier) {
    this.server = courrier.session.view.server ?? "";
  }

  /** Begins, or begins anew: an attempt that still waits is given up, so that its page in the browser is worth nothing. */
  async begin(way: Way): Promise<void> {
    const address = serverAddress(this.server);
    if (address === null) return;
    this.#giveUp();
    this.#next = (this.#next + 1) % 2 ** 32;
    const attempt = this.#next;
    this.attempt = attempt;
    this.way = way;
    this.code = null;
    this.failure = this.answerFailure = null;
    this.step = "waiting";
    const { backend } = this.courrier;
    try {
      const back = await (way === "browser" ? backend.signIn(attempt, address) : backend.signInWithCode(attempt, address));
      if (this.attempt === attempt) this.#arrive(back);
    } catch (reason) {
      if (this.attempt !== attempt) return;
      this.attempt = null;
      const failure = failureOf(reason);
      this.failure = failure.code === CANCELLED ? null : failure;
      this.step = "server";
    }
  }

  #arrive({ session, to_choose }: SignedInView): void {
    this.attempt = null;
    this.courrier.takeSession(session);
    this.toChoose = to_choose;
    this.chosen.clear();
    for (const id of to_choose) this.chosen.add(id);
    this.step = to_choose.length > 0 ? "choose" : "done";
    // Back from the browser, whatever room the window shows meanwhile.
    this.courrier.go("sign-in");
  }

  cancel(): void {
    this.#giveUp();
    this.step = "server";
  }

  #giveUp(): void {
    const { attempt } = this;
    this.attempt = null;
    // It may just have ended by itself, and then there is nothing to cancel.
    if (attempt !== null) this.courrier.backend.cancelSignIn(attempt).catch(() => undefined);
  }

  /** Of any window's attempt; others are not for us. */
  takeCode(code: DeviceCodeView): void {
    if (code.attempt === this.attempt) this.code = code;
  }

  async paste(address: string): Promise<void> {
    if (this.attempt === null) return;
    this.answerFailure = null;
    try {
      await this.courrier.backend.pasteSignInAnswer(this.attempt, address.trim());
    } catch (reason) {
      this.answerFailure = failureOf(reason);
    }
  }

  /** The address of the sign-in page, for another browser. */
  async copyAddress(key: string): Promise<void> {
    const { attempt } = this;
    if (attempt === null) return;
    await this.courrier.copied(key, this.courrier.backend.copySignInAddress(attempt));
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
