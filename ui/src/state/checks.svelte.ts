/** Checks that run now, stage by stage, and what the last ones found. */
import { SvelteMap } from "svelte/reactivity";

import type { Backend } from "../backend";
import type { CheckView, ProgressView, StepView } from "../backend/bindings";
import type { Reached, Side } from "../logic/stages";

/** How far one side of a running check is. */
export class RunningSide {
  steps = $state.raw<StepView[]>([]);
  running = $state<string | null>(null);
  /** Null until the side is done. */
  ok = $state<boolean | null>(null);

  readonly reached: Reached = $derived({
    steps: this.steps,
    running: this.running,
    failedAt: null,
    over: this.ok !== null,
  });

  take(progress: ProgressView): void {
    if (progress.began !== null) {
      this.running = progress.began;
      // A stage that begins again, with another token, takes the place of its first end.
      this.ok = null;
      this.steps = this.steps.filter(({ stage }) => stage !== progress.began);
    }
    if (progress.ended !== null) {
      this.steps = [...this.steps, progress.ended];
      this.running = null;
    }
    if (progress.side_ok !== null) this.ok = progress.side_ok;
  }
}

/** A check under way. */
export class Run {
  readonly imap = new RunningSide();
  readonly smtp = new RunningSide();
  cancelling = $state(false);

  constructor(
    readonly number: number,
    private readonly backend: Backend,
  ) {}

  side(side: Side): RunningSide {
    return side === "imap" ? this.imap : this.smtp;
  }

  async cancel(): Promise<void> {
    this.cancelling = true;
    await this.backend.cancelCheck(this.number);
  }
}

interface Finding {
  check: CheckView;
  /** Milliseconds since 1970. */
  at: number;
}

export class Checks {
  readonly #runs = new SvelteMap<number, Run>();
  readonly #byAccount = new SvelteMap<string, Run>();
  readonly #findings = new SvelteMap<string, Finding>();
  // Every window counts its own runs, and all hear of all: starting anywhere keeps them apart.
  #next = Math.floor(Math.random() * 2 ** 31);

  constructor(private readonly backend: Backend) {}

  /** The check of this account that runs now. */
  of(id: string): Run | undefined {
    return this.#byAccount.get(id);
  }

  /** What a check that was made from this window found, with its time. */
  finding(id: string): Finding | undefined {
    return this.#findings.get(id);
  }

  found(id: string, check: CheckView): void {
    this.#findings.set(id, { check, at: Date.now() });
  }

  forget(id: string): void {
    this.#findings.delete(id);
  }

  progress(progress: ProgressView): void {
    if (progress.side !== "imap" && progress.side !== "smtp") return;
    this.#runs.get(progress.run)?.side(progress.side).take(progress);
  }

  /** Does `work` as a run whose stages can be watched and which can be cancelled. */
  async run<T>(id: string | null, work: (run: number) => Promise<T>, started?: (run: Run) => void): Promise<T> {
    this.#next = (this.#next + 1) % 2 ** 32;
    const run = new Run(this.#next, this.backend);
    this.#runs.set(run.number, run);
    if (id !== null) this.#byAccount.set(id, run);
    started?.(run);
    try {
      return await work(run.number);
    } finally {
      this.#runs.delete(run.number);
      if (id !== null && this.#byAccount.get(id) === run) this.#byAccount.delete(id);
    }
  }
}
