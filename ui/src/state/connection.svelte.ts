/** Whether the computer is connected to a network, as the system says. */

export class Connection {
  /** When the window learnt that there is no network. */
  offlineSince = $state<Date | null>(null);

  constructor() {
    if (!navigator.onLine) this.offlineSince = new Date();
    addEventListener("offline", () => (this.offlineSince ??= new Date()));
    addEventListener("online", () => (this.offlineSince = null));
  }
}
