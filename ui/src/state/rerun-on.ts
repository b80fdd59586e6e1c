/** Names what an effect runs again for, besides what it uses: reading the values is all it takes. */
// eslint-disable-next-line @typescript-eslint/no-unused-vars -- the arguments are read where they are given
export function rerunOn(..._reasons: unknown[]): void {}
