/** Where secrets are kept on this computer, and whether they can be had now. */
import type { Backend } from "../backend";
import type { SecretStorageView } from "../backend/bindings";

export class SecretStorage {
  /** Null until the program answered. */
  view = $state.raw<SecretStorageView | null>(null);
  busy = $state(false);

  constructor(private readonly backend: Backend) {}

  async look(): Promise<void> {
    this.view = await this.backend.secretStorage();
  }

  /** The system asks the person. */
  async unlock(): Promise<void> {
    this.busy = true;
    try {
      this.view = await this.backend.unlockSecrets();
    } finally {
      this.busy = false;
    }
  }
}
