/** The line with which other programs ask for an account's password. */

/** The command, quoted for a POSIX shell where the address needs it. */
export function passwordCommand(address: string): string {
  const plain = /^[\p{L}\p{N}@._+-]+$/u.test(address);
  return `courrier password ${plain ? address : `'${address.replaceAll("'", String.raw`'\''`)}'`}`;
}
