/** What a person does in a browser that is not there: attempts wait until a test, or a moment, ends them. */
import { refusal } from "./refusals";

/** What the address line holds at the end of a sign-in. */
const ANSWER = "http://127.0.0.1:41234/back?code=";
/** Milliseconds that a person takes who does all at once. */
const QUICK = 250;

export class Attempts {
  readonly #waiting = new Map<number, { arrive: () => void; fail: (code: string) => void }>();

  constructor(
    private readonly language: () => string,
    private readonly tellCode: (attempt: number) => void,
  ) {}

  /**
   * Waits for the person. How that ends is in `end`: `denied` and `nobrowser` fail, `stays` and `noanswer` never come
   * back by themselves; by code nobody comes back before the answer is pasted.
   */
  async wait(number: number, end: string, code: boolean, refused: Record<string, string> = {}): Promise<void> {
    const because = { denied: "signin.denied", ...(code ? {} : { nobrowser: "signin.browser" }), ...refused }[end];
    await new Promise((done) => setTimeout(done, 30));
    if (because !== undefined) throw refusal(because, this.language());
    if (code && end !== "noanswer") this.tellCode(number);
    await new Promise<void>((done, refuse) => {
      this.#waiting.set(number, { arrive: done, fail: (why) => refuse(refusal(why, this.language())) });
      if (end !== "stays" && end !== "noanswer" && !code) setTimeout(done, QUICK);
    }).finally(() => this.#waiting.delete(number));
  }

  paste(number: number, address: string): void {
    if (!address.startsWith(ANSWER)) throw refusal("signin.forged", this.language());
    this.#waiting.get(number)?.arrive();
  }

  cancel(number: number): void {
    this.#waiting.get(number)?.fail("signin.cancelled");
  }
}
