/**
 * The window's only door to the program: what a person can ask for, and what the program tells.
 *
 * Two implementations: Tauri, and a fake in memory for tests in a browser, which only a build in mode
 * "fake" contains. Every method rejects with an `ErrorView`.
 */
import type {
  AccountView,
  AuditPageView,
  AuthorizeHelpView,
  CheckView,
  ChosenView,
  CopiedView,
  DeviceCodeView,
  DeviceView,
  DoctorView,
  DraftView,
  EndpointView,
  MailProviderView,
  PastCheckView,
  ProgressView,
  RemovalView,
  SavedView,
  SecretStorageView,
  SessionView,
  SettingsView,
  SignedInView,
  StartView,
  SuggestionView,
  VersionView,
} from "./bindings";
import { tauriBackend } from "./tauri";

/** What the program tells without being asked. */
export interface Listeners {
  /** A stage of a running check. */
  progress(progress: ProgressView): void;
  /** Something changed the accounts, here or elsewhere: list them again. */
  accountsChanged(): void;
  /** The clipboard no longer holds the secret that was put there. */
  clipboardCleared(): void;
  /** A removal can't be undone any more. */
  removalFinished(id: string): void;
  /** The person chose another language, theme or time, here or elsewhere. */
  settingsChanged(chosen: ChosenView): void;
  /** Who is signed in, or how far what changed here has come. */
  sessionChanged(session: SessionView): void;
  /** The code to type on another device, for a sign-in of this window. */
  deviceCode(code: DeviceCodeView): void;
  /** A device came, went or was renamed. */
  devicesChanged(): void;
  /** The person wants to sign in again for this account; they said so in the tray or a notification. */
  signInAsked(id: string): void;
  /** Accounts whose provider wants the person again; each is told once. */
  signInNeeded(accounts: AccountView[]): void;
  /** True when new tokens can't be stored, and would be lost with the program; false when they are again. */
  tokensUnkept(unkept: boolean): void;
}

/** Passwords as typed; null leaves what is stored. */
export interface Passwords {
  password: string | null;
  sendingPassword: string | null;
}

/** Signing in to the organisation. `attempt` is a number that the caller chooses, as `run` is. */
export interface SigningIn {
  /** Answers the choice of the first start. */
  chooseOnlyThisComputer(): Promise<void>;
  /** Opens the system's browser; answers when the person is back. Rejects with `signin.*` and others. */
  signIn(attempt: number, server: string): Promise<SignedInView>;
  /** The same where no browser can open here: tells a code for another device. */
  signInWithCode(attempt: number, server: string): Promise<SignedInView>;
  /** What stands in the browser's address line, where it can't come back by itself. */
  pasteSignInAnswer(attempt: number, address: string): Promise<void>;
  /** The address of the sign-in page to the clipboard, for another browser. */
  copySignInAddress(attempt: number): Promise<void>;
  cancelSignIn(attempt: number): Promise<void>;
  /** Of the accounts that were asked about, these travel; the others stay on this computer only. */
  chooseTravelling(ids: string[]): Promise<SessionView>;
  /**
   * With `keep`, accounts that travelled stay here; else they leave this computer with their secrets. Rejects with
   * `issuer.unreachable` where the session can't be ended there, unless that is to be done `anyway`.
   */
  signOut(keep: boolean, anyway: boolean): Promise<SessionView>;
}

/** What the person says beyond the provider table, for an issuer of their organisation's own. */
export interface Named {
  /** The address of the issuer; null: as the servers say. */
  issuer: string | null;
  /** The client id to use, now and from now on. */
  clientId: string | null;
}

/** Accounts that sign in through the browser. `attempt` is as in {@link SigningIn}, whose paste, copy and cancel serve these too. */
export interface Consenting {
  /** What has to be known before a browser opens; without network. Rejects with `input.*` while a server is missing. */
  authorizeHelp(address: string, imap: EndpointView, smtp: EndpointView): Promise<AuthorizeHelpView>;
  /** Rejects with `oauth.*`, `signin.*` and `keyring.*`; after `oauth.other_address` one of the next two is due. */
  authorizeAccount(attempt: number, byCode: boolean, id: string, named: Named): Promise<AccountView>;
  /** Nothing is stored before the consent; then the account is, unchecked. */
  authorizeDraft(attempt: number, byCode: boolean, draft: DraftView, named: Named): Promise<AccountView>;
  /** Takes the consent of another address than the account's, which `address` names. */
  useOtherAddress(address: string): Promise<AccountView>;
  dropOtherAddress(address: string): Promise<void>;
  /** At the provider, then here. Rejects with `oauth.unreachable` where nothing was forgotten. */
  revokeAccess(id: string): Promise<AccountView>;
  /** Here alone. */
  forgetAccess(id: string): Promise<AccountView>;
  mailProviders(): Promise<MailProviderView[]>;
  /** The person's own client id for a provider's id or an issuer's address; null forgets it. */
  setClientId(provider: string, clientId: string | null, clientSecret: string | null): Promise<MailProviderView[]>;
}

/** What travels to the person's other devices. */
export interface Travelling {
  /** The answer may have another id: an account that stays here leaves its old one to the server. */
  setTravels(id: string, travels: boolean): Promise<AccountView>;
  syncNow(): Promise<SessionView>;
  /** Newest first, at most 50; without network. */
  history(id: string): Promise<VersionView[]>;
  /** A new edit that says what the version said; nothing is checked. */
  restoreVersion(id: string, version: string): Promise<AccountView>;
  /** The person has seen what lost in the account's conflicts. */
  seeConflicts(id: string): Promise<void>;
  /** The person has seen that this device has signed in as them. */
  seeNewcomer(id: string): Promise<void>;
  /** These four need the network. */
  devices(): Promise<DeviceView[]>;
  renameDevice(id: string, name: string): Promise<DeviceView[]>;
  revokeDevice(id: string): Promise<DeviceView[]>;
  /** What was done from which device, newest first; `before` is what the page above said. */
  audit(before: number | null): Promise<AuditPageView>;
}

/** What a person can ask for. `run` is a number that the caller chooses, for progress and for cancelling. */
export interface Backend extends SigningIn, Consenting, Travelling {
  start(): Promise<StartView>;
  accounts(): Promise<AccountView[]>;
  /** Ids of the accounts that match, in order; case and accents do not matter. */
  search(query: string): Promise<string[]>;
  /** Settings for an address, without network; rejects with `input.*` while it is incomplete. */
  suggest(address: string): Promise<SuggestionView>;
  checkAccount(run: number, id: string): Promise<CheckView>;
  /** Checks and saves; with `unchecked`, saves only. `account` is null in the answer if the check failed. */
  addAccount(run: number, draft: DraftView, passwords: Passwords, unchecked: boolean): Promise<SavedView>;
  editAccount(run: number, id: string, draft: DraftView, passwords: Passwords, unchecked: boolean): Promise<SavedView>;
  /** One check with another password, which is saved if it works. */
  tryPassword(run: number, id: string, password: string): Promise<SavedView>;
  cancelCheck(run: number): Promise<void>;
  /** Newest first. */
  pastChecks(id: string): Promise<PastCheckView[]>;
  removeAccount(id: string): Promise<RemovalView>;
  undoRemoval(id: string): Promise<AccountView>;
  revealSecret(id: string, sending: boolean): Promise<string>;
  copySecret(id: string, sending: boolean): Promise<CopiedView>;
  /** For what is no secret: host, port, user name. */
  copyText(text: string): Promise<void>;
  /** The trace of a past check, or of the newest, to the clipboard; without secrets or local paths. */
  copyReport(id: string, checkId: string | null): Promise<void>;
  secretStorage(): Promise<SecretStorageView>;
  /** The system asks the person for the keyring's password. */
  unlockSecrets(): Promise<SecretStorageView>;
  /** Opens the encrypted file until the program ends; rejects with `keyring.wrong_passphrase`. */
  unlockSecretFile(passphrase: string): Promise<SecretStorageView>;
  /** New secrets go to the encrypted file: made with this passphrase, or opened with it where there is one. */
  keepSecretsInFile(passphrase: string): Promise<SecretStorageView>;
  keepSecretsInKeyring(): Promise<SecretStorageView>;
  saveSettings(settings: SettingsView): Promise<StartView>;
  /** Opens a page of the provider table in the system browser; other addresses are refused. */
  openHelp(url: string): Promise<void>;
  doctor(): Promise<DoctorView>;
  listen(listeners: Listeners): Promise<void>;
}

/** The implementation that this build is made for. */
export async function connect(): Promise<Backend> {
  if (import.meta.env.MODE === "fake") {
    const { fakeBackend } = await import("./fake");
    return fakeBackend(new URLSearchParams(location.search));
  }
  return tauriBackend;
}
