import { describe, expect, test } from "vitest";

import type { StepView } from "../../src/backend/bindings";
import { expectedStages, stageRows } from "../../src/logic/stages";

const step = (stage: string, ok = true): StepView => ({ stage, ok, elapsed_ms: 3, detail: {} });
const shown = (rows: ReturnType<typeof stageRows>) => rows.map(({ stage, state }) => `${stage} ${state}`);

describe("stages", () => {
  test("greet before encryption with STARTTLS, and leave it out without", () => {
    expect(expectedStages("imap", "starttls").indexOf("greet")).toBeLessThan(expectedStages("imap", "starttls").indexOf("secure"));
    expect(expectedStages("smtp", "none")).not.toContain("secure");
    expect(expectedStages("smtp", "tls").at(-1)).toBe("sender");
    expect(expectedStages("imap", "tls").at(-1)).toBe("inbox");
  });

  test("after a failure are shown as not reached", () => {
    const rows = stageRows("imap", "tls", {
      steps: [step("resolve"), step("connect"), step("secure", false)],
      running: null,
      failedAt: "secure",
      over: true,
    });
    expect(shown(rows)).toEqual([
      "resolve ok",
      "connect ok",
      "secure failed",
      "greet waiting",
      "capabilities waiting",
      "authenticate waiting",
      "inbox waiting",
    ]);
  });

  test("that a problem names without having begun are the ones that failed", () => {
    const reached = ["resolve", "connect", "secure", "greet", "capabilities"].map((stage) => step(stage));
    const rows = stageRows("smtp", "tls", { steps: reached, running: null, failedAt: "authenticate", over: true });
    expect(rows.find(({ stage }) => stage === "authenticate")).toEqual({ stage: "authenticate", state: "failed", step: null });
  });

  test("that did not belong to a side that passed are left out", () => {
    const relay = ["resolve", "connect", "greet", "capabilities", "sender"].map((stage) => step(stage));
    const rows = stageRows("smtp", "none", { steps: relay, running: null, failedAt: null, over: true });
    expect(rows.map(({ stage }) => stage)).toEqual(["resolve", "connect", "greet", "capabilities", "sender"]);
  });

  test("run one at a time", () => {
    const rows = stageRows("imap", "none", { steps: [step("resolve")], running: "connect", failedAt: null, over: false });
    expect(shown(rows).slice(0, 3)).toEqual(["resolve ok", "connect running", "greet waiting"]);
  });
});
