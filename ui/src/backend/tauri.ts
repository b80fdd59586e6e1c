/** The backend in the desktop window: commands and events of `src-tauri`. */
import { getCurrentWebview } from "@tauri-apps/api/webview";

import type { Backend } from ".";
import { nextFrameSeen } from "../logic/frames";
import { commands, events } from "./bindings";

/** Tells the program that the list is drawn: the second animation frame after the one that begins now. */
function tellDrawn(): void {
  void nextFrameSeen().then(() => commands.firstFrameDrawn());
}

let told = false;

/** For the answer that the first frame draws. */
function drawnWith<T>(start: T): T {
  if (!told) tellDrawn();
  told = true;
  return start;
}

export const tauriBackend: Backend = {
  start: async () => drawnWith(await commands.start()),
  accounts: commands.accounts,
  search: commands.search,
  suggest: commands.suggest,
  checkAccount: commands.checkAccount,
  addAccount: (run, draft, { password, sendingPassword }, unchecked) =>
    commands.addAccount(run, draft, password, sendingPassword, unchecked),
  editAccount: (run, id, draft, { password, sendingPassword }, unchecked) =>
    commands.editAccount(run, id, draft, password, sendingPassword, unchecked),
  tryPassword: commands.tryPassword,
  async cancelCheck(run) {
    await commands.cancelCheck(run);
  },
  pastChecks: commands.pastChecks,
  removeAccount: commands.removeAccount,
  undoRemoval: commands.undoRemoval,
  revealSecret: commands.revealSecret,
  copySecret: commands.copySecret,
  async copyText(text) {
    await commands.copyText(text);
  },
  async copyReport(id, checkId) {
    await commands.copyReport(id, checkId);
  },
  secretStorage: commands.secretStorage,
  unlockSecrets: commands.unlockSecrets,
  unlockSecretFile: commands.unlockSecretFile,
  keepSecretsInFile: commands.keepSecretsInFile,
  keepSecretsInKeyring: commands.keepSecretsInKeyring,
  saveSettings: commands.saveSettings,
  async openHelp(url) {
    await commands.openHelp(url);
  },
  doctor: commands.doctor,
  async chooseOnlyThisComputer() {
    await commands.chooseOnlyThisComputer();
  },
  signIn: commands.signIn,
  signInWithCode: commands.signInWithCode,
  async pasteSignInAnswer(attempt, address) {
    await commands.pasteSignInAnswer(attempt, address);
  },
  async copySignInAddress(attempt) {
    await commands.copySignInAddress(attempt);
  },
  async cancelSignIn(attempt) {
    await commands.cancelSignIn(attempt);
  },
  authorizeHelp: commands.authorizeHelp,
  authorizeAccount: (attempt, byCode, id, { issuer, clientId }) => commands.authorizeAccount(attempt, byCode, id, issuer, clientId),
  authorizeDraft: (attempt, byCode, draft, { issuer, clientId }) => commands.authorizeDraft(attempt, byCode, draft, issuer, clientId),
  useOtherAddress: commands.useOtherAddress,
  async dropOtherAddress(address) {
    await commands.dropOtherAddress(address);
  },
  revokeAccess: commands.revokeAccess,
  forgetAccess: commands.forgetAccess,
  mailProviders: commands.mailProviders,
  setClientId: commands.setClientId,
  chooseTravelling: commands.chooseTravelling,
  signOut: commands.signOut,
  setTravels: commands.setTravels,
  syncNow: commands.syncNow,
  history: commands.history,
  restoreVersion: commands.restoreVersion,
  async seeNewcomer(id) {
    await commands.seeNewcomer(id);
  },
  async seeConflicts(id) {
    await commands.seeConflicts(id);
  },
  devices: commands.devices,
  renameDevice: commands.renameDevice,
  revokeDevice: commands.revokeDevice,
  audit: commands.audit,
  async listen(listeners) {
    await Promise.all([
      // Of this window's own checks only: another window may use the same numbers.
      events.checkProgress(getCurrentWebview()).listen(({ payload }) => listeners.progress(payload)),
      events.accountsChanged.listen(() => listeners.accountsChanged()),
      events.clipboardCleared.listen(() => listeners.clipboardCleared()),
      events.removalFinished.listen(({ payload }) => listeners.removalFinished(payload)),
      events.settingsChanged.listen(({ payload }) => listeners.settingsChanged(payload)),
      events.sessionChanged.listen(({ payload }) => listeners.sessionChanged(payload)),
      events.deviceCode.listen(({ payload }) => listeners.deviceCode(payload)),
      events.devicesChanged.listen(() => listeners.devicesChanged()),
      events.signInAsked.listen(({ payload }) => listeners.signInAsked(payload)),
      events.signInNeeded.listen(({ payload }) => listeners.signInNeeded(payload)),
      events.tokensUnkept.listen(({ payload }) => listeners.tokensUnkept(payload)),
    ]);
  },
};
