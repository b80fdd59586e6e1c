/** Ends when the frame that follows the next is due: by then the next one, with what was just changed, can be seen. */
export function nextFrameSeen(): Promise<void> {
  return new Promise((seen) => requestAnimationFrame(() => requestAnimationFrame(() => seen())));
}
