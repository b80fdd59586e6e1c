/** The stages of a check in the order in which a side passes them, and how far it came. */
import type { SideView, StepView } from "../backend/bindings";

export type Side = "imap" | "smtp";
export const SIDES: readonly Side[] = ["imap", "smtp"];

export type StageState = "ok" | "failed" | "running" | "waiting";

export interface StageRow {
  stage: string;
  state: StageState;
  /** What it found and how long it took, once it ended. */
  step: StepView | null;
}

/** How far a side came: the stages that ended, the one that runs, and the one that a problem names. */
export interface Reached {
  steps: readonly StepView[];
  running: string | null;
  failedAt: string | null;
  /** True once nothing more will come. */
  over: boolean;
}

/** The stages before a side's last answer; with STARTTLS the server greets before encryption (RFC 3207, RFC 9051). */
export function expectedStages(side: Side, security: string): string[] {
  const last = side === "imap" ? "inbox" : "sender";
  switch (security) {
    case "starttls":
      return ["resolve", "connect", "greet", "capabilities", "secure", "authenticate", last];
    case "none":
      return ["resolve", "connect", "greet", "capabilities", "authenticate", last];
    default:
      return ["resolve", "connect", "secure", "greet", "capabilities", "authenticate", last];
  }
}

/** One row a stage. A side that passed shows what it passed: a relay without sign-in has no `authenticate`. */
export function stageRows(side: Side, security: string, reached: Reached): StageRow[] {
  const steps = new Map(reached.steps.map((step) => [step.stage, step]));
  const failed = reached.failedAt ?? reached.steps.find((step) => !step.ok)?.stage ?? null;
  const passed = reached.over && failed === null;
  const expected = expectedStages(side, security);
  const lastReached = Math.max(...reached.steps.map((step) => expected.indexOf(step.stage)), -1);
  return expected
    .filter((stage, index) => {
      if (steps.has(stage) || stage === failed || stage === reached.running) return true;
      // What was skipped on the way was not part of it.
      return !passed && index > lastReached;
    })
    .map((stage) => {
      const step = steps.get(stage) ?? null;
      const state: StageState =
        stage === failed ? "failed" : step?.ok ? "ok" : stage === reached.running ? "running" : "waiting";
      return { stage, state, step };
    });
}

/** How far a finished side came. */
export function reachedBy(side: SideView): Reached {
  return { steps: side.steps, running: null, failedAt: side.problem?.stage ?? null, over: true };
}
