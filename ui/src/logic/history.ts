/** What versions of an account changed, field by field. */
import type { DraftView, VersionView } from "../backend/bindings";

/** A group of fields that changed, with what stood before and since; null where that is unknown or needs no words. */
export interface Change {
  group: string;
  before: DraftView | null;
  after: DraftView | null;
}

/**
 * The changes that `versions[index]` made, newest version first. What lost in a conflict is compared with what stands
 * now; everything else with the version before it.
 */
export function changesOf(versions: readonly VersionView[], index: number): Change[] {
  const version = versions[index];
  if (!version) return [];
  if (version.cause === "conflict") {
    const now = versions.find(({ current }) => current)?.draft ?? null;
    return version.changed.map((group) => ({ group, before: version.draft, after: now }));
  }
  const before = versions.slice(index + 1).find(({ cause }) => cause !== "conflict")?.draft ?? null;
  return version.changed.map((group) => ({ group, before, after: version.draft }));
}

/** True if what lost in a conflict is what stands now: it was put back, or done again. */
export function standsAgain(changes: readonly Change[]): boolean {
  return (
    changes.length > 0 &&
    changes.every(({ group, before, after }) => {
      const key = group as keyof DraftView;
      return before !== null && after !== null && key in before && JSON.stringify(before[key]) === JSON.stringify(after[key]);
    })
  );
}
