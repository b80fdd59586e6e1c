/** What was copied last, and how long a secret still stays on the clipboard. */
import type { Backend } from "../backend";

/** Seconds that "Copied" stays on the button of what is no secret. */
const SHORT = 2;

export class Clipboard {
  /** Names the button that shows it. */
  key = $state<string | null>(null);
  /** Seconds until the clipboard is cleared; null for what stays there. */
  left = $state<number | null>(null);
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(private readonly backend: Backend) {}

  async text(key: string, text: string): Promise<void> {
    await this.backend.copyText(text);
    this.shown(key);
  }

  async secret(key: string, id: string, sending: boolean): Promise<void> {
    const { clear_after_seconds } = await this.backend.copySecret(id, sending);
    this.#start(key, clear_after_seconds, clear_after_seconds);
  }

  /** Says "Copied" on the button `key` for a moment. */
  shown(key: string): void {
    this.#start(key, SHORT, null);
  }

  #start(key: string, seconds: number, left: number | null): void {
    clearInterval(this.#timer);
    this.key = key;
    this.left = left;
    const end = Date.now() + seconds * 1000;
    this.#timer = setInterval(() => {
      const rest = Math.ceil((end - Date.now()) / 1000);
      if (rest <= 0) this.cleared();
      else if (this.left !== null) this.left = rest;
    }, 250);
  }

  cleared(): void {
    clearInterval(this.#timer);
    this.key = null;
    this.left = null;
  }
}
