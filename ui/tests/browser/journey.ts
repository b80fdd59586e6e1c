/** One window of the fake program at a time: what journeys have in common. */
import { afterAll, afterEach, beforeAll, expect } from "vitest";

import { Harness, type Window } from "./harness";

/** The password that the fake servers accept. */
export const RIGHT = "correct-horse";

let harness: Harness;
/** The window of the journey under way. */
export let window: Window;

beforeAll(async () => {
  harness = await Harness.start();
});
afterAll(() => harness.stop());
afterEach(async () => {
  expect(window.complaints).toEqual([]);
  await window.close();
});

/** Opens {@link window} in a scenario of `src/backend/fake`. */
export async function open(...asked: Parameters<Harness["open"]>): Promise<void> {
  window = await harness.open(...asked);
}

export const rows = () => window.get("account-row").count();
export const text = (testId: string) => window.get(testId).first().innerText();
export const focused = () => window.page.evaluate(() => document.activeElement?.getAttribute("data-testid"));
/** Waits until what is asked for is so: with a deadline, never by time alone. */
export const eventually = (ask: () => unknown, what: unknown) => expect.poll(ask, { timeout: 10_000 }).toEqual(what);
