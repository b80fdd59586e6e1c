/** The round mark of an account: its letters, and an ink that can be read on its colour. */

/** One or two letters: of the name's first and last word, else of the address. */
export function initials(name: string, address: string): string {
  const words = name
    .split(/[\s,]+/)
    .map((word) => firstLetter(word))
    .filter((letter) => letter !== "");
  if (words.length === 0) return firstLetter(address).toLocaleUpperCase();
  const last = words.length > 1 ? (words.at(-1) ?? "") : "";
  return `${words[0] ?? ""}${last}`.toLocaleUpperCase();
}

function firstLetter(text: string): string {
  return /[\p{L}\p{N}]/u.exec(text)?.[0] ?? "";
}

/** Relative luminance of `#rrggbb` (WCAG 2.2). */
export function luminance(color: string): number {
  const channel = (at: number): number => {
    const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

/** White, or black where white would stay under 4.5:1. */
export function inkOn(color: string): string {
  return 1.05 / (luminance(color) + 0.05) >= 4.5 ? "#ffffff" : "#111111";
}

/** Colours that carry white text at 4.5:1 and differ in lightness too. */
export const PALETTE = ["#2f6f4f", "#006fae", "#8a4bb8", "#a65520", "#b0325c", "#3f5bc4", "#0f737a", "#6b661c"] as const;
