/**
 * The organisation's server as the fake program sees it. How a sign-in ends is in the first label of the server's
 * name: `down`, `wrong`, `nobrowser`, `denied`, `stays` (the browser never comes back), else it works.
 */
import type { SigningIn, Travelling } from "..";
import type { AccountView, DeviceView, SessionView, SignedInView, VersionView } from "../bindings";
import { draftOf } from "../../logic/drafts";
import { arriving, at } from "./accounts";
import type { Attempts } from "./attempts";
import { refusal } from "./refusals";
import type { Scenario } from "./scenarios";
import { auditEntries, devices, signedIn, SIGNED_OUT } from "./sessions";

/** What the rest of the fake program offers. */
export interface Program {
  world: Scenario;
  language(): string;
  accounts(): AccountView[];
  setAccounts(accounts: AccountView[]): void;
  find(id: string): AccountView;
  store(account: AccountView): AccountView;
  sessionChanged(session: SessionView): void;
  accountsChanged(): void;
  attempts: Attempts;
}

const PAGE = 12;
const LOG = 30;

export function fakeServer(program: Program): SigningIn & Travelling {
  const { world } = program;
  let session = world.session;
  let list = devices();
  const { attempts } = program;
  const histories = new Map<string, VersionView[]>();
  let made = 0;

  function tell(next: SessionView): SessionView {
    session = next;
    program.sessionChanged(next);
    return next;
  }

  function reach(): void {
    if (!navigator.onLine || session.sync.state === "offline") throw refusal("server.unreachable", program.language());
  }

  function ending(server: string): string {
    return new URL(server).hostname.split(".")[0] ?? "";
  }

  async function attempt(number: number, server: string, code: boolean): Promise<SignedInView> {
    await attempts.wait(number, ending(server), code, { down: "server.no_answer", wrong: "server.not_courrier" });
    const asked = program.accounts().filter(({ travels }) => travels === null);
    session = { ...signedIn(), server };
    if (asked.length === 0) arrive([]);
    return { session, same_person: false, to_choose: asked.map(({ id }) => id) };
  }

  /** What is here gets its mark, and what the server has comes in, without passwords. */
  function arrive(chosen: string[]): void {
    const here = program.accounts().map((account) => ({ ...account, travels: account.travels ?? chosen.includes(account.id) }));
    const known = new Set(here.map(({ id }) => id));
    program.setAccounts([...here, ...arriving().filter(({ id }) => !known.has(id))]);
    program.accountsChanged();
    tell(session);
  }

  function versionsOf(id: string): VersionView[] {
    const known = histories.get(id);
    if (known) return known;
    const account = program.find(id);
    const draft = draftOf(account);
    const before = { ...draft, name: "Claire M.", color: "#b0325c", imap: { ...draft.imap, host: "mail.example.org", port: 143, security: "starttls" } };
    const list: VersionView[] = [
      { id: "v4", at: at(30), cause: "received", device: "claire-thinkpad", changed: ["smtp"], draft, current: true, unseen: false },
      { id: "v3", at: at(60 * 30), cause: "edited", device: null, changed: ["name", "color"], draft: { ...draft, smtp: { ...draft.smtp, port: 587, security: "starttls" } }, current: false, unseen: false },
      { id: "v2", at: at(60 * 24 * 4), cause: "edited", device: null, changed: ["imap"], draft: { ...before, imap: draft.imap }, current: false, unseen: false },
      { id: "v1", at: at(60 * 24 * 60), cause: "added", device: null, changed: [], draft: before, current: false, unseen: false },
    ];
    if (account.unseen_conflict) {
      const lost = { ...draft, smtp: { ...draft.smtp, host: "relay.atelier-martin.example" } };
      list.splice(1, 0, { id: "c1", at: at(29), cause: "conflict", device: null, changed: ["smtp"], draft: lost, current: false, unseen: true });
    }
    const shown = world.empty ? [] : list;
    histories.set(id, shown);
    return shown;
  }

  async function pause(): Promise<void> {
    await new Promise((done) => setTimeout(done, 5));
  }

  return {
    async chooseOnlyThisComputer() {
      world.firstRun = false;
    },
    signIn: (number, server) => attempt(number, server, false),
    signInWithCode: (number, server) => attempt(number, server, true),
    pasteSignInAnswer: async (number, address) => attempts.paste(number, address),
    copySignInAddress: async () => undefined,
    cancelSignIn: async (number) => attempts.cancel(number),
    async chooseTravelling(ids) {
      arrive(ids);
      return session;
    },
    async signOut(keep, anyway) {
      await pause();
      if (!navigator.onLine && !anyway) throw refusal("issuer.unreachable", program.language());
      const staying = program.accounts().filter(({ travels }) => keep || travels === false);
      program.setAccounts(staying.map((account) => ({ ...account, travels: null, waits: false, unseen_conflict: false })));
      program.accountsChanged();
      return tell(SIGNED_OUT);
    },
    async setTravels(id, travels) {
      const account = program.find(id);
      // As the real one: what leaves the server is another account from then on.
      const changed = { ...account, id: travels ? id : `${id}-${++made}`, travels, waits: travels };
      program.setAccounts(program.accounts().map((one) => (one.id === id ? changed : one)));
      return changed;
    },
    async syncNow() {
      await pause();
      if (session.sync.state === "offline" && navigator.onLine) throw refusal("server.unreachable", program.language());
      return tell({ ...session, sync: { ...session.sync, state: "up_to_date", pending: 0, problem: null, last_at: new Date().toISOString() } });
    },
    history: async (id) => versionsOf(id),
    async restoreVersion(id, version) {
      const versions = versionsOf(id);
      const found = versions.find((one) => one.id === version);
      if (!found) throw refusal("sync.failed", program.language());
      const present = versions.find((one) => one.current) ?? found;
      const groups = ["address", "name", "color", "imap", "smtp", "identities"] as const;
      const fresh: VersionView = {
        id: `r${++made}`,
        at: new Date().toISOString(),
        cause: "restored",
        device: null,
        changed: groups.filter((group) => JSON.stringify(found.draft[group]) !== JSON.stringify(present.draft[group])),
        draft: found.draft,
        current: true,
        unseen: false,
      };
      histories.set(id, [fresh, ...versions.map((one) => ({ ...one, current: false }))]);
      const { color, ...rest } = found.draft;
      const account = program.find(id);
      return program.store({ ...account, ...rest, color: color ?? account.color, updated_at: fresh.at });
    },
    async seeNewcomer(id) {
      tell({ ...session, newcomers: session.newcomers.filter((device) => device.id !== id) });
    },
    async seeConflicts(id) {
      histories.set(id, versionsOf(id).map((one) => ({ ...one, unseen: false })));
      program.store({ ...program.find(id), unseen_conflict: false });
      program.accountsChanged();
      tell({ ...session, sync: { ...session.sync, unseen_conflicts: 0 } });
    },
    async devices() {
      if (world.devicesNever) await new Promise(() => undefined);
      await pause();
      reach();
      return world.empty ? list.slice(0, 1) : list;
    },
    async renameDevice(id, name) {
      await pause();
      reach();
      list = list.map((device) => (device.id === id ? { ...device, name } : device));
      return list;
    },
    async revokeDevice(id) {
      await pause();
      reach();
      const gone = (device: DeviceView): DeviceView => ({ ...device, revoked_at: new Date().toISOString(), session_expires_at: null });
      list = list.map((device) => (device.id === id ? gone(device) : device));
      return list;
    },
    async audit(before) {
      if (world.devicesNever) await new Promise(() => undefined);
      await pause();
      reach();
      if (world.empty) return { entries: [], before: null };
      const older = auditEntries(LOG).filter(({ sequence }) => before === null || sequence < before);
      const entries = older.slice(0, PAGE);
      return { entries, before: older.length > PAGE ? (entries.at(-1)?.sequence ?? null) : null };
    },
  };
}
