/** Who is signed in, in the scenarios of the fake program. */
import type { AuditEntryView, DeviceView, SessionView, SyncView } from "../bindings";
import { at } from "./accounts";

const DAY = 60 * 24;

const UP_TO_DATE: SyncView = { state: "up_to_date", pending: 0, last_at: at(2), problem: null, unseen_conflicts: 0 };

export const SIGNED_OUT: SessionView = {
  state: "signed_out",
  server: null,
  user: null,
  device: null,
  newcomers: [],
  sync: { state: "off", pending: 0, last_at: null, problem: null, unseen_conflicts: 0 },
};

function device(id: string, name: string, platform: string, seen: number, address: string | null): DeviceView {
  return {
    id,
    name,
    platform,
    current: false,
    created_at: at(DAY * 60),
    last_seen_at: at(seen),
    last_address: address,
    session_expires_at: at(-DAY * 30),
    revoked_at: null,
  };
}

export function devices(): DeviceView[] {
  return [
    { ...device("here", "Bureau de Claire", "linux", 0, "192.0.2.17"), current: true },
    device("laptop", "claire-thinkpad", "windows", 60 * 5, "2001:db8:4a1f:92c0:7d3e:11ff:fe28:6b04"),
    device("mac", "MacBook Air", "macos", DAY * 12, "198.51.100.4"),
    { ...device("old", "Ancien portable", "linux", DAY * 90, "203.0.113.9"), session_expires_at: null, revoked_at: at(DAY * 40) },
  ];
}

const ACTIONS: [string, string | null, string | null][] = [
  ["account_changed", "claire-thinkpad", "2001:db8:4a1f:92c0:7d3e:11ff:fe28:6b04"],
  ["sign_in", "Bureau de Claire", "192.0.2.17"],
  ["device_refused", "Ancien portable", "203.0.113.9"],
  ["account_added", "MacBook Air", "198.51.100.4"],
  ["device_renamed", "Bureau de Claire", "192.0.2.17"],
  ["preferences_changed", "Bureau de Claire", "192.0.2.17"],
  ["device_revoked", "Bureau de Claire", "192.0.2.17"],
  ["account_removed", "claire-thinkpad", null],
  ["device_registered", "Bureau de Claire", "192.0.2.17"],
  ["sign_out", "Ancien portable", "203.0.113.9"],
];

/** Lines of the log, newest first. */
export function auditEntries(count: number): AuditEntryView[] {
  return Array.from({ length: count }, (_, i) => {
    const [action, device, address] = ACTIONS[i % ACTIONS.length] ?? ["sign_in", null, null];
    return { sequence: count - i, at: at(30 + i * 340), action, device, target: null, address };
  });
}

export function signedIn(sync: Partial<SyncView> = {}, state = "signed_in"): SessionView {
  return {
    state,
    server: "https://courrier.mairie-exemple.example",
    user: {
      id: "u1",
      issuer: "https://id.mairie-exemple.example/realms/mairie",
      email: "claire.martin@mairie-exemple.example",
      name: "Claire Martin",
      admin: false,
    },
    device: devices()[0] ?? null,
    newcomers: [],
    sync: { ...UP_TO_DATE, ...sync },
  };
}
