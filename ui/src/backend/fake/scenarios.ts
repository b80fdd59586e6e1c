/** The situations that the fake program can be started in: `?fake=NAME`. */
import type { AccountView, SecretStorageView } from "../bindings";
import { association, atelier, buecher, claire, crowd, oldAddress, problem } from "./accounts";
import type { Outcome, Side } from "./checks";

export interface Scenario {
  accounts: AccountView[];
  storage: SecretStorageView;
  /** The encrypted file's passphrase, once it is made. */
  passphrase: string | null;
  /** How an account's sides end; what is not named passes. */
  outcomes: Record<string, Partial<Record<Side, Outcome>>>;
  /** How the sides of an address that is being added end. */
  adding: Partial<Record<Side, Outcome>>;
  /** Milliseconds before `start` answers; null: it fails. */
  startAfter: number | null;
}

type State = "ready" | "locked" | "absent";

function keeping(storage: "keyring" | "file", keyring: State, file: State): SecretStorageView {
  return { storage, state: storage === "file" ? file : keyring, keyring, file };
}

/** Opens the encrypted file of every scenario that has one. */
const PASSPHRASE = "four words in a row";

const READY: SecretStorageView = keeping("keyring", "ready", "absent");
const CALM: Omit<Scenario, "accounts"> = { storage: READY, passphrase: null, outcomes: {}, adding: {}, startAfter: 0 };

const REFUSED = problem("auth.rejected");

const four = (): AccountView[] => [
  claire(),
  atelier(REFUSED),
  association({ state: "sign_in_needed", checked_at: REFUSED.checked_at, problem_code: "auth.token_expired" }),
  oldAddress(),
];

const SCENARIOS: Record<string, () => Scenario> = {
  empty: () => ({ ...CALM, accounts: [] }),
  two: () => ({ ...CALM, accounts: [claire(), atelier()] }),
  four: () => ({ ...CALM, accounts: four(), outcomes: { atelier: { imap: "password" } } }),
  many: () => ({ ...CALM, accounts: crowd(10_000) }),
  refused: () => ({
    ...CALM,
    accounts: four(),
    outcomes: { atelier: { imap: "password" } },
    adding: { imap: "password", smtp: "password" },
  }),
  certificate: () => ({
    ...CALM,
    accounts: [atelier(problem("tls.certificate_self_signed")), claire()],
    outcomes: { atelier: { imap: "certificate" }, claire: { imap: "expires" } },
    adding: { imap: "certificate" },
  }),
  app: () => ({
    ...CALM,
    accounts: [atelier(problem("auth.app_password_required")), claire()],
    outcomes: { atelier: { imap: "app", smtp: "app" } },
  }),
  unusual: () => ({ ...CALM, accounts: [buecher(), claire()], outcomes: { buecher: { imap: "missing", smtp: "missing" } } }),
  locked: () => ({ ...CALM, storage: keeping("keyring", "locked", "absent"), accounts: [claire(), atelier()] }),
  absent: () => ({ ...CALM, storage: keeping("keyring", "absent", "absent"), accounts: [claire(), atelier()] }),
  "file-locked": () => ({ ...CALM, storage: keeping("file", "absent", "locked"), passphrase: PASSPHRASE, accounts: [claire(), atelier()] }),
  "file-ready": () => ({ ...CALM, storage: keeping("file", "ready", "ready"), passphrase: PASSPHRASE, accounts: [claire(), atelier()] }),
  "file-missing": () => ({ ...CALM, storage: keeping("file", "ready", "absent"), accounts: [claire(), atelier()] }),
  /** The file was in use once, and holds passwords. */
  "file-before": () => ({ ...CALM, storage: keeping("keyring", "ready", "locked"), passphrase: PASSPHRASE, accounts: [claire(), atelier()] }),
  slow: () => ({
    ...CALM,
    accounts: [claire(), atelier()],
    outcomes: { claire: { smtp: "hangs" }, atelier: { smtp: "hangs" } },
    adding: { smtp: "hangs" },
  }),
  offline: () => ({
    ...CALM,
    accounts: [claire(problem("net.offline")), atelier()],
    outcomes: { claire: { imap: "offline", smtp: "offline" }, atelier: { imap: "offline", smtp: "offline" } },
    adding: { imap: "offline", smtp: "offline" },
  }),
  starting: () => ({ ...CALM, accounts: [claire()], startAfter: 3_600_000 }),
  failed: () => ({ ...CALM, accounts: [], startAfter: null }),
};

export function scenario(name: string): Scenario {
  const make = SCENARIOS[name];
  if (!make) throw new Error(`no scenario ${name}; there are ${Object.keys(SCENARIOS).join(", ")}`);
  return make();
}
