/** The situations that the fake program can be started in: `?fake=NAME`. */
import type { AccountView, SecretStorageView, SessionView, TokensView } from "../bindings";
import {
  account,
  arriving,
  association,
  at,
  atelier,
  buecher,
  byBrowser,
  claire,
  crowd,
  HEALTHY,
  noTokens,
  oldAddress,
  problem,
  SIGN_IN_NEEDED,
  tokens,
  UNCHECKED,
} from "./accounts";
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
  /** Whose client id there is, by provider; none for those that are not named. */
  clients: Record<string, string>;
  /** True if providers can't be reached. */
  providersAway: boolean;
  /** Accounts that need the person as of now. */
  newlyNeeded: string[];
}

const french = navigator.language.startsWith("fr");

function signInNeeded(provider: string, consented: string | null, explanation?: string): TokensView {
  const said = french ? "Le mot de passe a été changé, et l’accès a pris fin avec lui." : "The password was changed, which ended the access.";
  return tokens(provider, consented, { state: "sign_in_needed", explanation: explanation ?? said, refreshed_at: at(60 * 26), renews_at: null, expires_at: at(60 * 25), sign_in_by: null });
}

type State = "ready" | "locked" | "absent";

function keeping(storage: "keyring" | "file", keyring: State, file: State): SecretStorageView {
  return { storage, state: storage === "file" ? file : keyring, keyring, file, can_create: false };
}

/** Opens the encrypted file of every scenario that has one. */
const PASSPHRASE = "four words in a row";

const READY: SecretStorageView = keeping("keyring", "ready", "absent");
const CALM: Omit<Scenario, "accounts"> = { storage: READY, passphrase: null, outcomes: {}, adding: {}, startAfter: 0, session: SIGNED_OUT, firstRun: false, empty: false, devicesNever: false, clients: {}, providersAway: false, newlyNeeded: [] };

const HOURS_AGO = at(60 * 5);
const REFUSED = problem("auth.rejected");

const four = (): AccountView[] => [
  claire(),
  atelier(REFUSED),
  byBrowser(association(SIGN_IN_NEEDED), signInNeeded("https://id.bibliotheque-du-quartier-nord.example", null)),
  oldAddress(),
];

/** One of each state that tokens can be in. */
const browsers = (): AccountView[] => [
  byBrowser(account("gmail", "Claire Martin", "claire.martin@gmail.com", "#2f6f4f", HEALTHY), tokens("google", "claire.martin@gmail.com")),
  byBrowser(account("mairie", "Mairie, accueil", "accueil@mairie-exemple.example", "#3f5bc4", SIGN_IN_NEEDED), signInNeeded("microsoft", "claire.martin@mairie-exemple.example")),
  byBrowser(association({ ...UNCHECKED, state: "sign_in_needed" }), noTokens("https://id.bibliotheque-du-quartier-nord.example")),
  byBrowser(
    account("ecole", "École", "secretariat@ecole.example", "#b0325c", { ...SIGN_IN_NEEDED, problem_code: "auth.admin_consent_required" }),
    signInNeeded("microsoft", null, french ? "Votre organisation doit d’abord autoriser Courrier." : "Your organisation has to approve Courrier first."),
  ),
  atelier(),
];

/** Accounts of somebody who is signed in: all travel but the last. */
const travelling = (): AccountView[] => [
  { ...claire(), travels: true },
  { ...atelier(), travels: true },
  ...arriving(),
  { ...oldAddress(), travels: false },
];

const waiting = (): AccountView[] => travelling().map((account, i) => ({ ...account, waits: i < 3 }));

const ENDED: Scenario["outcomes"] = { mairie: { imap: "token", smtp: "token" }, ecole: { imap: "token", smtp: "token" } };
const CLIENTS = { google: "build", microsoft: "organisation" };

const SCENARIOS: Record<string, () => Scenario> = {
  empty: () => ({ ...CALM, accounts: [] }),
  two: () => ({ ...CALM, accounts: [claire(), atelier()] }),
  four: () => ({ ...CALM, accounts: four(), outcomes: { atelier: { imap: "password" }, association: { imap: "token", smtp: "token" } } }),
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
  browser: () => ({ ...CALM, accounts: browsers(), outcomes: { ...ENDED }, clients: CLIENTS }),
  "browser-away": () => ({ ...CALM, accounts: browsers(), outcomes: { ...ENDED }, clients: CLIENTS, providersAway: true }),
  "browser-needed": () => ({ ...CALM, accounts: browsers(), outcomes: { ...ENDED }, clients: CLIENTS, newlyNeeded: ["gmail"] }),
  "browser-unkept": () => ({
    ...CALM,
    storage: keeping("keyring", "locked", "absent"),
    accounts: browsers().map((one) => (one.id === "gmail" ? { ...one, oauth: tokens("google", one.address, { state: "unkept" }) } : one)),
    outcomes: { ...ENDED },
    clients: CLIENTS,
  }),
  "browser-locked": () => ({ ...CALM, storage: keeping("keyring", "locked", "absent"), accounts: browsers(), outcomes: { ...ENDED }, clients: CLIENTS }),
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
    session: signedIn({ state: "failed", pending: 1, problem: refusal("sync.failed", french ? "fr" : "en") }),
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
