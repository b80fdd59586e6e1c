/** A person's consent to the use of one mailbox, from the browser to tokens that work. Outlives a look at another room. */
import type { AccountView, AuthorizeHelpView, DraftView, EndpointView } from "../backend/bindings";
import { shownHost } from "../logic/hosts";
import { BrowserAttempt, type Way } from "./browser-attempt.svelte";
import type { Courrier } from "./courrier.svelte";
import { failureOf } from "./failure";

/** `other`: somebody else consented than whose mailbox it is. */
export type ConsentStep = "waiting" | "other" | "failed";

/** A stored account, or one that is being added. */
export type Wanted = AccountView | DraftView;

export class Consent extends BrowserAttempt<AccountView> {
  step = $state<ConsentStep>("waiting");
  /** Null until it is known; without it the browser opens all the same. */
  help = $state.raw<AuthorizeHelpView | null>(null);
  /** The address of an issuer that nobody but the person could name. */
  issuer = $state("");
  /** A client id for that issuer. */
  clientId = $state("");
  /** True once an issuer was named: whatever came of it, it may have been mistyped. */
  named = $state(false);
  /** True while the consent of another address is being taken. */
  busy = $state(false);

  constructor(
    courrier: Courrier,
    readonly wanted: Wanted,
  ) {
    super(courrier);
    void this.look();
  }

  /** Where the person signs in, by the name they know it by. */
  get place(): string {
    return this.help?.provider_name ?? shownHost(this.wanted.imap.host);
  }

  /** The id of the stored account; null while it is being added. */
  get id(): string | null {
    return "id" in this.wanted ? this.wanted.id : null;
  }

  /** Learns again what to offer, as after a client id was given. */
  async look(): Promise<void> {
    const { address, imap, smtp } = this.wanted;
    this.help = await helpFor(this.courrier, address, imap, smtp);
  }

  override async begin(way: Way): Promise<void> {
    const { backend } = this.courrier;
    const { wanted, id } = this;
    const named = { issuer: this.issuer.trim() || null, clientId: this.clientId.trim() || null };
    this.step = "waiting";
    this.named ||= named.issuer !== null;
    await this.tryBy(way, (attempt) =>
      id === null
        ? backend.authorizeDraft(attempt, way === "code", wanted, named)
        : backend.authorizeAccount(attempt, way === "code", id, named),
    );
  }

  protected override arrive(account: AccountView): void {
    this.courrier.consents.arrived(this, account);
  }

  protected override turnBack(): void {
    if (this.failure === null) {
      this.courrier.consents.leave(this);
      return;
    }
    this.step = this.failure.code === "oauth.other_address" ? "other" : "failed";
    if (this.failure.code.startsWith("keyring.")) void this.courrier.lookAtStorage();
    // What the administrator has to approve is known best now.
    void this.look();
  }

  override cancel(): void {
    // What the person has just said yes to can't be taken back half way.
    if (this.busy) return;
    this.giveUp();
    if (this.step === "other") this.#drop();
    this.courrier.consents.leave(this);
  }

  /** Whoever it was, it was right: the mailbox is shared, or looked after for somebody else. */
  async useOther(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      this.arrive(await this.courrier.backend.useOtherAddress(this.wanted.address));
    } catch (reason) {
      this.failure = failureOf(reason);
      this.step = "failed";
    } finally {
      this.busy = false;
    }
  }

  /** To the browser again, as the account's own person. */
  async signInRight(): Promise<void> {
    if (this.busy) return;
    this.#drop();
    await this.begin(this.way);
  }

  #drop(): void {
    // What is not dropped is forgotten by itself after a while.
    this.courrier.backend.dropOtherAddress(this.wanted.address).catch(() => undefined);
  }
}

/** Null where the servers are not complete yet. */
export async function helpFor(courrier: Courrier, address: string, imap: EndpointView, smtp: EndpointView): Promise<AuthorizeHelpView | null> {
  try {
    return await courrier.backend.authorizeHelp(address, { ...imap }, { ...smtp });
  } catch {
    return null;
  }
}
