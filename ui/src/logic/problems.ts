/** The problems that a check found, one a cause: a wrong password on both sides is one thing to do. */
import type { CheckView, RemedyView } from "../backend/bindings";
import { SIDES, type Side } from "./stages";

export interface Problem {
  code: string;
  summary: string;
  remedy: RemedyView;
  /** Where it happened, and what that server said. */
  sides: { side: Side; host: string; said: string | null }[];
}

export function problemsOf(check: CheckView): Problem[] {
  const problems: Problem[] = [];
  for (const side of SIDES) {
    const { problem, host } = check[side];
    if (!problem) continue;
    const same = problems.find(
      (other) => other.code === problem.code && other.summary === problem.summary && other.remedy.text === problem.remedy.text,
    );
    const where = { side, host, said: problem.server_said };
    if (same) same.sides.push(where);
    else problems.push({ code: problem.code, summary: problem.summary, remedy: problem.remedy, sides: [where] });
  }
  return problems;
}
