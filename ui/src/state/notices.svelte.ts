/** Short messages at the window's edge, some with one thing to press. */

export interface Notice {
  readonly id: number;
  readonly tone: "plain" | "bad";
  readonly text: string;
  readonly detail?: string | undefined;
  readonly action?: { label: string; testId: string; run: () => void } | undefined;
  /** The person has closed it. */
  readonly dismissed?: (() => void) | undefined;
}

/** Seconds that a message without an end of its own stays: long enough to read two lines twice. */
const STAY = 6;

export class Notices {
  list = $state.raw<Notice[]>([]);
  #next = 0;
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>();

  /** Shows a message for some seconds, or until it is dismissed. */
  show(notice: Omit<Notice, "id">, seconds: number | null = STAY): number {
    const id = ++this.#next;
    this.list = [...this.list, { ...notice, id }];
    if (seconds !== null) this.#timers.set(id, setTimeout(() => this.dismiss(id), seconds * 1000));
    return id;
  }

  say(text: string): void {
    this.show({ tone: "plain", text });
  }

  /** The person closes it. */
  close(notice: Notice): void {
    this.dismiss(notice.id);
    notice.dismissed?.();
  }

  dismiss(id: number): void {
    clearTimeout(this.#timers.get(id));
    this.#timers.delete(id);
    this.list = this.list.filter((notice) => notice.id !== id);
  }
}
