/** Checking every account, a few at a time. */

/** Checks side by side: enough to be quick, few enough that no provider sees a burst. */
const AT_ONCE = 4;

export class CheckAll {
  done = $state(0);
  total = $state(0);
  running = $state(false);
  #stopped = false;

  constructor(private readonly check: (id: string) => Promise<void>) {}

  async start(ids: string[]): Promise<void> {
    if (this.running) return;
    this.running = true;
    this.#stopped = false;
    this.done = 0;
    this.total = ids.length;
    const waiting = ids.values();
    const worker = async (): Promise<void> => {
      for (const id of waiting) {
        if (this.#stopped) return;
        await this.check(id);
        this.done += 1;
      }
    };
    try {
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
    } finally {
      this.running = false;
    }
  }

  /** No further account is begun; those under way are for the caller to cancel. */
  stop(): void {
    this.#stopped = true;
  }
}
