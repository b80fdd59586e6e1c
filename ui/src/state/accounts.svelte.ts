/** The accounts, which one is looked at, and which ones a search leaves. */
import type { Backend } from "../backend";
import type { AccountView } from "../backend/bindings";

/** Milliseconds between lists that nobody waits for. */
const RELOAD_PAUSE = 300;

export class Accounts {
  /** In the program's order; replaced as a whole, so deep reactivity would only cost time. */
  all = $state.raw<AccountView[]>([]);
  selectedId = $state<string | null>(null);
  /** Counts how often another account came to be looked at; one that takes another id is still the same. */
  turns = $state(0);
  query = $state("");
  #matches = $state.raw<string[] | null>(null);
  #reloading: Promise<void> | null = null;
  /** Requests for the list so far. */
  #wanted = 0;
  /** Milliseconds since 1970. */
  #reloadedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly #byId = $derived(new Map(this.all.map((account) => [account.id, account])));

  /** What the list shows. */
  readonly shown = $derived.by(() => {
    const matches = this.#matches;
    if (matches === null) return this.all;
    return matches.map((id) => this.#byId.get(id)).filter((account) => account !== undefined);
  });

  readonly selected = $derived(this.selectedId === null ? null : (this.#byId.get(this.selectedId) ?? null));

  /** The time of the newest check of any account, RFC 3339. */
  readonly lastChecked = $derived(
    this.all.reduce<string | null>((newest, { health }) => {
      const at = health.checked_at;
      return at !== null && (newest === null || at > newest) ? at : newest;
    }, null),
  );

  constructor(private readonly backend: Backend) {}

  replace(all: AccountView[]): void {
    const index = this.all.findIndex((account) => account.id === this.selectedId);
    this.all = all;
    if (this.selected !== null) return;
    // What was looked at is gone: its neighbour takes its place, so that the keyboard stays where it was.
    const neighbour = all[Math.min(Math.max(index, 0), all.length - 1)];
    this.select(neighbour?.id ?? null);
  }

  /** Takes in one account that the program answered with, in place of `before`. */
  put(account: AccountView, before = account.id): void {
    // The list may have been told of another id before the answer came.
    const place = this.#byId.has(before) ? before : account.id;
    const known = this.#byId.has(place);
    const others = account.primary
      ? this.all.map((other) => (other.primary && other.id !== place ? { ...other, primary: false } : other))
      : this.all;
    this.all = known ? others.map((other) => (other.id === place ? account : other)) : [...others, account];
    if (this.selectedId === place) this.selectedId = account.id;
  }

  drop(id: string): void {
    this.replace(this.all.filter((account) => account.id !== id));
  }

  select(id: string | null): void {
    if (id === this.selectedId) return;
    this.selectedId = id;
    this.turns += 1;
  }

  /**
   * Lists again at once, or shortly if it was done a moment ago: checking thousands of accounts must not
   * list them thousands of times. Never rejects; `failed` hears of a failure.
   */
  reloadSoon(failed: (reason: unknown) => void): void {
    if (this.#timer !== undefined) return;
    const wait = Math.max(0, this.#reloadedAt + RELOAD_PAUSE - Date.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#reloadedAt = Date.now();
      this.reload().catch(failed);
    }, wait);
  }

  /** Lists again. While one answer is under way, further requests become one. */
  async reload(): Promise<void> {
    this.#wanted += 1;
    if (this.#reloading) return this.#reloading;
    this.#reloading = this.#load();
    try {
      await this.#reloading;
    } finally {
      this.#reloading = null;
    }
  }

  async #load(): Promise<void> {
    let served: number;
    do {
      served = this.#wanted;
      this.replace(await this.backend.accounts());
      await this.#find();
    } while (served !== this.#wanted);
  }

  async search(query: string): Promise<void> {
    this.query = query;
    await this.#find();
  }

  async #find(): Promise<void> {
    const query = this.query.trim();
    if (query === "") {
      this.#matches = null;
      return;
    }
    const matches = await this.backend.search(query);
    // A slower answer to an older question must not replace a newer one.
    if (query === this.query.trim()) this.#matches = matches;
  }
}
