/** What a person does in a browser while the window waits: one attempt at a time, which can be cancelled and helped on. */
import type { DeviceCodeView, ErrorView } from "../backend/bindings";
import type { Courrier } from "./courrier.svelte";
import { failureOf } from "./failure";

export type Way = "browser" | "code";

/** What a cancelled attempt rejects with; nobody needs to be told. */
const CANCELLED = "signin.cancelled";

export abstract class BrowserAttempt<Answer> {
  way = $state<Way>("browser");
  /** What ended the last attempt. */
  failure = $state.raw<ErrorView | null>(null);
  /** With {@link way} `code`, null until there is one. */
  code = $state.raw<DeviceCodeView | null>(null);
  /** Why the pasted address was refused. */
  answerFailure = $state.raw<ErrorView | null>(null);
  /** The attempt under way. */
  attempt = $state<number | null>(null);
  // Every window counts its own attempts, and all hear of all: starting anywhere keeps them apart.
  #next = Math.floor(Math.random() * 2 ** 31);

  constructor(protected readonly courrier: Courrier) {}

  /** Begins, or begins anew: an attempt that still waits is given up, so that its page in the browser is worth nothing. */
  protected async tryBy(way: Way, ask: (attempt: number, way: Way) => Promise<Answer>): Promise<void> {
    this.giveUp();
    this.#next = (this.#next + 1) % 2 ** 32;
    const attempt = this.#next;
    this.attempt = attempt;
    this.way = way;
    this.code = null;
    this.failure = this.answerFailure = null;
    try {
      const answer = await ask(attempt, way);
      if (this.attempt !== attempt) return;
      this.attempt = null;
      this.arrive(answer);
    } catch (reason) {
      if (this.attempt !== attempt) return;
      this.attempt = null;
      const failure = failureOf(reason);
      this.failure = failure.code === CANCELLED ? null : failure;
      this.turnBack();
    }
  }

  /** Opens the browser, or asks for a code; also while an earlier attempt waits. */
  abstract begin(way: Way): Promise<void>;
  /** Stops waiting, at the person's wish. */
  abstract cancel(): void;
  /** The person is back from the browser. */
  protected abstract arrive(answer: Answer): void;
  /** It came to nothing; {@link failure} says why, unless it was cancelled elsewhere. */
  protected abstract turnBack(): void;

  protected giveUp(): void {
    const { attempt } = this;
    this.attempt = null;
    // It may just have ended by itself, and then there is nothing to cancel.
    if (attempt !== null) this.courrier.backend.cancelSignIn(attempt).catch(() => undefined);
  }

  /** Of any window's attempt; others are not for us. */
  takeCode(code: DeviceCodeView): void {
    if (code.attempt === this.attempt) this.code = code;
  }

  /** What stands in the browser's address line. */
  async paste(address: string): Promise<void> {
    if (this.attempt === null) return;
    this.answerFailure = null;
    try {
      await this.courrier.backend.pasteSignInAnswer(this.attempt, address.trim());
    } catch (reason) {
      this.answerFailure = failureOf(reason);
    }
  }

  /** The address of the page, for another browser. */
  async copyAddress(key: string): Promise<void> {
    const { attempt } = this;
    if (attempt === null) return;
    await this.courrier.copied(key, this.courrier.backend.copySignInAddress(attempt));
  }
}
