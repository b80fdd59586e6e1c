/** The situations that the fake program can be started in: `?fake=NAME`. */
import type { AccountView, SecretStorageView, SessionView } from "../bindings";
import { arriving, association, at, atelier, buecher, claire, crowd, oldAddress, problem } from "./accounts";
import type { Outcome, Side } from "./checks";
import { refusal } from "./refusals";
import { signedIn, SIGNED_OUT } from "./sessions";

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
  session: SessionView;
  /** True until it was chosen between an organisation and this computer alone. */
  firstRun: boolean;
  /** True if nothing was ever changed, and no other device was ever there. */
  empty: boolean;
  /** True if the list of devices never comes. */
  devicesNever: boolean;
}

type State = "ready" | "locked" | "absent";

function keeping(storage: "keyring" | "file", keyring: State, file: State): SecretStorageView {
  return { storage, state: storage === "file" ? file : keyring, keyring, file, can_create: false };
}

/** Opens the encrypted file of every scenario that has one. */
const PASSPHRASE = "four words in a row";

const READY: SecretStorageView = keeping("keyring", "ready", "absent");
const CALM: Omit<Scenario, "accounts"> = { storage: READY, passphrase: null, outcomes: {}, adding: {}, startAfter: 0, session: SIGNED_OUT, firstRun: false, empty: false, devicesNever: false };

const HOURS_AGO = at(60 * 5);
const REFUSED = problem("auth.rejected");

const four = (): AccountView[] => [
  claire(),
  atelier(REFUSED),
  association({ state: "sign_in_needed", checked_at: REFUSED.checked_at, problem_code: "auth.token_expired" }),
  oldAddress(),
];

/** Accounts of somebody who is signed in: all travel but the last. */
const travelling = (): AccountView[] => [
  { ...claire(), travels: true },
  { ...atelier(), travels: true },
  ...arriving(),
  { ...oldAddress(), travels: false },
];

const waiting = (): AccountView[] => travelling().map((account, i) => ({ ...account, waits: i < 3 }));

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
  "two-passwords": () => ({ ...CALM, accounts: [{ ...claire(), has_sending_secret: true }, atelier()] }),
  unusual: () => ({ ...CALM, accounts: [buecher(), claire()], outcomes: { buecher: { imap: "missing", smtp: "missing" } } }),
  locked: () => ({ ...CALM, storage: keeping("keyring", "locked", "absent"), accounts: [claire(), atelier()] }),
  absent: () => ({ ...CALM, storage: keeping("keyring", "absent", "absent"), accounts: [claire(), atelier()] }),
  /** The keyring service runs, but nobody has created a keyring yet. */
  "none-yet": () => ({ ...CALM, storage: { ...keeping("keyring", "absent", "absent"), can_create: true }, accounts: [claire(), atelier()] }),
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
  "first-run": () => ({ ...CALM, accounts: [], firstRun: true }),
  "signed-in": () => ({ ...CALM, accounts: travelling(), session: signedIn() }),
  "signed-in-empty": () => ({ ...CALM, accounts: [{ ...claire(), travels: true }], session: signedIn(), empty: true }),
  "signed-in-many": () => ({ ...CALM, accounts: crowd(10_000).map((account) => ({ ...account, travels: true })), session: signedIn({ state: "working" }) }),
  fetching: () => ({ ...CALM, accounts: [], session: signedIn({ state: "working", last_at: null }), devicesNever: true }),
  "sync-waiting": () => ({ ...CALM, accounts: waiting(), session: signedIn({ state: "waiting", pending: 3 }) }),
  "sync-offline": () => ({ ...CALM, accounts: waiting(), session: signedIn({ state: "offline", pending: 3, last_at: HOURS_AGO }) }),
  "sync-failed": () => ({
    ...CALM,
    accounts: waiting(),
    session: signedIn({ state: "failed", pending: 1, problem: refusal("sync.failed", navigator.language.startsWith("fr") ? "fr" : "en") }),
  }),
  conflict: () => ({
    ...CALM,
    accounts: travelling().map((account) => (account.id === "atelier" ? { ...account, unseen_conflict: true } : account)),
    session: signedIn({ unseen_conflicts: 1 }),
  }),
  "must-sign-in": () => ({ ...CALM, accounts: waiting(), session: signedIn({ state: "waiting", pending: 3, last_at: HOURS_AGO }, "must_sign_in") }),
  starting: () => ({ ...CALM, accounts: [claire()], startAfter: 3_600_000 }),
  failed: () => ({ ...CALM, accounts: [], startAfter: null }),
};

export function scenario(name: string): Scenario {
  const make = SCENARIOS[name];
  if (!make) throw new Error(`no scenario ${name}; there are ${Object.keys(SCENARIOS).join(", ")}`);
  return make();
}
