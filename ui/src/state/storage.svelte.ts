/** Where secrets are kept on this computer, and whether they can be had now. */
import type { Backend } from "../backend";
import type { SecretStorageView } from "../backend/bindings";

export class SecretStorage {
  /** Null until the program answered. */
  view = $state.raw<SecretStorageView | null>(null);
  busy = $state(false);
  /**
   * Which place the person can open: the one in use, else the encrypted file, which may still hold passwords from when
   * it was in use.
   */
  readonly closed: "keyring" | "file" | null = $derived.by(() => {
    if (this.view?.storage === "keyring" && this.view.state === "locked") return "keyring";
    return this.view?.file === "locked" ? "file" : null;
  });

  constructor(private readonly backend: Backend) {}

  async look(): Promise<void> {
    this.view = await this.backend.secretStorage();
  }

  /** The system asks the person. */
  unlock(): Promise<void> {
    return this.#change(() => this.backend.unlockSecrets());
  }

  /** Opens the encrypted file until the program ends. */
  openFile(passphrase: string): Promise<void> {
    return this.#change(() => this.backend.unlockSecretFile(passphrase));
  }

  /** New passwords go to the encrypted file, which is made if there is none. */
  keepInFile(passphrase: string): Promise<void> {
    return this.#change(() => this.backend.keepSecretsInFile(passphrase));
  }

  keepInKeyring(): Promise<void> {
    return this.#change(() => this.backend.keepSecretsInKeyring());
  }

  async #change(change: () => Promise<SecretStorageView>): Promise<void> {
    this.busy = true;
    try {
      this.view = await change();
    } finally {
      this.busy = false;
    }
  }
}
