import { afterEach, describe, expect, test, vi } from "vitest";

import { tokens } from "../../src/backend/fake/accounts";
import { words } from "../../src/words/index.svelte";
import { renewal } from "../../src/words/tokens";
import { distance, milliseconds, when } from "../../src/words/when";

/** Tests say which region the system has; spaces of any kind count as spaces, since ICU changes its mind about them. */
function inRegion(tag: string, language: string): void {
  vi.stubGlobal("navigator", { languages: [tag] });
  words.use(language);
}
const plain = (text: string) => text.replace(/\s/gu, " ");

afterEach(() => vi.unstubAllGlobals());

describe("a time", () => {
  const now = new Date(2026, 10, 21, 12, 0);
  const iso = (...parts: [number, number, number, number, number]) => new Date(...parts).toISOString();

  test("follows language and region", () => {
    inRegion("fr-FR", "fr");
    expect(when(iso(2026, 10, 21, 8, 12), now)).toBe("08:12");
    expect(when(iso(2026, 10, 20, 18, 40), now)).toBe("hier à 18:40");
    expect(plain(when(iso(2026, 9, 2, 18, 40), now))).toBe("le 2 octobre à 18:40");
    inRegion("en-GB", "en");
    expect(when(iso(2026, 10, 20, 18, 40), now)).toBe("yesterday at 18:40");
    expect(when(iso(2025, 9, 2, 18, 40), now)).toContain("2025");
    inRegion("en-US", "en");
    expect(plain(when(iso(2026, 10, 21, 8, 12), now))).toBe("8:12 AM");
  });

  test("is yesterday by the calendar, not by hours", () => {
    inRegion("en-GB", "en");
    const midnight = new Date(2026, 10, 21, 0, 5);
    expect(when(iso(2026, 10, 20, 23, 58), midnight)).toBe("yesterday at 23:58");
  });

  test("of a stage has its unit", () => {
    inRegion("en-GB", "en");
    expect(plain(milliseconds(1204))).toBe("1,204 ms");
  });
});

test("how far away a time is, is told in the largest unit that fills", () => {
  const now = new Date("2026-11-21T12:00:00Z");
  inRegion("en-GB", "en");
  expect(distance("2026-11-21T11:48:00Z", now)).toBe("12 minutes ago");
  expect(distance("2026-11-21T12:59:00Z", now)).toBe("in 59 minutes");
  expect(distance("2026-11-18T12:00:00Z", now)).toBe("3 days ago");
  expect(distance("2026-11-21T11:59:45Z", now)).toBe("now");
  inRegion("fr-FR", "fr");
  expect(plain(distance("2026-11-21T14:20:00Z", now))).toBe("dans 2 heures");
  expect(distance("2026-11-21T12:00:10Z", now)).toBe("maintenant");
});

test("a renewal that is overdue waits for the provider, and is not told as a time gone by", () => {
  inRegion("en-GB", "en");
  const now = new Date(2026, 10, 21, 12, 0);
  const renewing = (minutes: number | null) =>
    renewal(tokens("google", null, { renews_at: minutes === null ? null : new Date(now.getTime() + minutes * 60_000).toISOString() }), now);
  expect(renewing(5)).toBe("12:05 · in 5 minutes");
  expect(renewing(-5)).toBe("As soon as Google answers");
  expect(renewing(null)).toBeNull();
});
