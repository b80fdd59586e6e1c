/** The person's devices and what was done from them: the last that was learnt, which stays in view without network. */
import type { Backend } from "../backend";
import type { AuditEntryView, DeviceView, ErrorView } from "../backend/bindings";
import { failureOf } from "./failure";

export class Devices {
  /** Null until they were learnt once. */
  list = $state.raw<DeviceView[] | null>(null);
  /** When {@link list} was learnt. */
  learnt = $state.raw<Date | null>(null);
  loading = $state(false);
  failure = $state.raw<ErrorView | null>(null);
  /** Newest first, as far as was asked for; null until it was learnt once. */
  log = $state.raw<AuditEntryView[] | null>(null);
  /** What asks for the next page; null at the end. */
  before = $state<number | null>(null);
  logLoading = $state(false);
  logFailure = $state.raw<ErrorView | null>(null);
  /** Whose they are; another person's are never shown. */
  #owner: string | null = null;

  readonly active = $derived(this.list?.filter(({ revoked_at }) => revoked_at === null) ?? []);
  readonly revoked = $derived(this.list?.filter(({ revoked_at }) => revoked_at !== null) ?? []);

  constructor(private readonly backend: Backend) {}

  /** Forgets what belongs to somebody else. */
  belongTo(user: string | null): void {
    if (user === this.#owner) return;
    this.#owner = user;
    this.list = this.log = null;
    this.learnt = null;
    this.before = null;
    this.failure = this.logFailure = null;
  }

  /** Looks again, at devices and the newest page of the log. Never rejects: the failures are kept to be shown. */
  async look(): Promise<void> {
    await Promise.all([this.#lookAtDevices(), this.#lookAtLog()]);
  }

  /** Looks again if somebody looked before. */
  async refresh(): Promise<void> {
    if (this.list !== null) await this.look();
  }

  async #lookAtDevices(): Promise<void> {
    if (this.loading) return;
    this.loading = true;
    try {
      await this.#learn(this.backend.devices());
    } catch (reason) {
      this.failure = failureOf(reason);
    } finally {
      this.loading = false;
    }
  }

  async #lookAtLog(): Promise<void> {
    await this.#page(null, (entries) => entries);
  }

  /** The next page of the log. */
  async more(): Promise<void> {
    if (this.before !== null) await this.#page(this.before, (entries) => [...(this.log ?? []), ...entries]);
  }

  async #page(before: number | null, joined: (entries: AuditEntryView[]) => AuditEntryView[]): Promise<void> {
    if (this.logLoading) return;
    this.logLoading = true;
    const owner = this.#owner;
    try {
      const page = await this.backend.audit(before);
      if (owner !== this.#owner) return;
      this.log = joined(page.entries);
      this.before = page.before;
      this.logFailure = null;
    } catch (reason) {
      this.logFailure = failureOf(reason);
    } finally {
      this.logLoading = false;
    }
  }

  /** Rejects with an `ErrorView`. */
  async rename(id: string, name: string): Promise<void> {
    await this.#learn(this.backend.renameDevice(id, name));
  }

  /** Rejects with an `ErrorView`. */
  async revoke(id: string): Promise<void> {
    await this.#learn(this.backend.revokeDevice(id));
    await this.#lookAtLog();
  }

  async #learn(answer: Promise<DeviceView[]>): Promise<void> {
    const owner = this.#owner;
    const list = await answer;
    if (owner !== this.#owner) return;
    this.list = list;
    this.learnt = new Date();
    this.failure = null;
  }
}
