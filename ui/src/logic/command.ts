/** The lines with which other programs ask for an account's password or token. */

/** Quoted for a POSIX shell where the address needs it. */
function withAddress(command: string, address: string): string {
  const plain = /^[\p{L}\p{N}@._+-]+$/u.test(address);
  return `${command} ${plain ? address : `'${address.replaceAll("'", String.raw`'\''`)}'`}`;
}

export function passwordCommand(address: string): string {
  return withAddress("courrier password", address);
}

/** For accounts that sign in through the browser. */
export function tokenCommand(address: string): string {
  return withAddress("courrier token", address);
}
