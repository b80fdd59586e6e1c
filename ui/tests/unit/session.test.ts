import { beforeEach, describe, expect, test, vi } from "vitest";

import type { Backend } from "../../src/backend";
import type { AccountView, DeviceView, ErrorView, SignedInView } from "../../src/backend/bindings";
import { claire } from "../../src/backend/fake/accounts";
import { auditEntries, devices as someDevices, signedIn } from "../../src/backend/fake/sessions";
import type { Courrier } from "../../src/state/courrier.svelte";
import { Accounts } from "../../src/state/accounts.svelte";
import { Devices } from "../../src/state/devices.svelte";
import { SignIn } from "../../src/state/sign-in.svelte";

const refused = (code: string): ErrorView => ({ code, message: code, remedy: "", retryable: false });

/** A sign-in whose answers arrive when the test says so. */
function begun() {
  const answers: { answer: (back: SignedInView) => void; refuse: (why: ErrorView) => void }[] = [];
  const cancelled: number[] = [];
  const asked: [number, string][] = [];
  const gone: string[] = [];
  const backend = {
    signIn: (attempt: number, server: string) => {
      asked.push([attempt, server]);
      return new Promise<SignedInView>((answer, refuse) => answers.push({ answer, refuse }));
    },
    cancelSignIn: (attempt: number) => {
      cancelled.push(attempt);
      return Promise.resolve();
    },
    chooseTravelling: vi.fn(() => Promise.resolve(signedIn())),
  };
  const courrier = {
    backend,
    session: { view: { server: null } },
    accounts: { reload: () => Promise.resolve() },
    takeSession: vi.fn(),
    go: (room: string) => gone.push(room),
  };
  const signIn = new SignIn(courrier as unknown as Courrier);
  signIn.server = "courrier.example.org";
  return { signIn, backend, answers, cancelled, asked, gone };
}

const back = (to_choose: string[]): SignedInView => ({ session: signedIn(), same_person: false, to_choose });

describe("signing in", () => {
  let world: ReturnType<typeof begun>;
  beforeEach(() => {
    world = begun();
  });

  test("asks about the accounts that are here, all chosen until the person says otherwise", async () => {
    const { signIn, answers, asked, gone, backend } = world;
    const done = signIn.begin("browser");
    expect(asked[0]?.[1]).toBe("https://courrier.example.org");
    expect(signIn.step).toBe("waiting");
    answers[0]?.answer(back(["a", "b"]));
    await done;
    expect(signIn.step).toBe("choose");
    expect(gone).toEqual(["sign-in"]);
    signIn.choose("a", false);
    await signIn.confirm();
    expect(backend.chooseTravelling).toHaveBeenCalledWith(["b"]);
    expect(signIn.step).toBe("done");
  });

  test("a second attempt gives up the first, whose late answer changes nothing", async () => {
    const { signIn, answers, cancelled, asked } = world;
    const first = signIn.begin("browser");
    const second = signIn.begin("browser");
    expect(cancelled).toEqual([asked[0]?.[0]]);
    expect(asked[1]?.[0]).not.toBe(asked[0]?.[0]);
    answers[0]?.refuse(refused("signin.cancelled"));
    await first;
    expect(signIn.step).toBe("waiting");
    answers[1]?.answer(back([]));
    await second;
    expect(signIn.step).toBe("done");
  });

  test("an answer to what was cancelled is not taken", async () => {
    const { signIn, answers } = world;
    const done = signIn.begin("browser");
    signIn.cancel();
    answers[0]?.answer(back(["a"]));
    await done;
    expect(signIn.step).toBe("server");
    expect(signIn.toChoose).toEqual([]);
  });

  test("a refusal goes back to the server with its reason; cancelling in the browser goes back without one", async () => {
    const { signIn, answers } = world;
    let done = signIn.begin("browser");
    answers[0]?.refuse(refused("signin.denied"));
    await done;
    expect([signIn.step, signIn.failure?.code]).toEqual(["server", "signin.denied"]);
    done = signIn.begin("browser");
    answers[1]?.refuse(refused("signin.cancelled"));
    await done;
    expect([signIn.step, signIn.failure]).toEqual(["server", null]);
  });

  test("a code of another window's attempt is not shown", () => {
    const { signIn, asked } = world;
    void signIn.begin("browser");
    const code = { attempt: (asked[0]?.[0] ?? 0) + 1, user_code: "A", verification_url: "", verification_url_complete: null, expires_at: "" };
    signIn.takeCode(code);
    expect(signIn.code).toBeNull();
    signIn.takeCode({ ...code, attempt: asked[0]?.[0] ?? 0 });
    expect(signIn.code?.user_code).toBe("A");
  });

  test("without an address nothing is asked", async () => {
    const { signIn, asked } = world;
    signIn.server = "  ";
    await signIn.begin("browser");
    expect(asked).toEqual([]);
    expect(signIn.step).toBe("server");
  });
});

describe("the devices", () => {
  function learning() {
    let answer: () => Promise<DeviceView[]> = () => Promise.resolve(someDevices());
    const all = auditEntries(5);
    const backend = {
      devices: () => answer(),
      audit: (before: number | null) => {
        const entries = all.filter(({ sequence }) => before === null || sequence < before).slice(0, 3);
        return Promise.resolve({ entries, before: entries.at(-1)?.sequence === 1 ? null : (entries.at(-1)?.sequence ?? null) });
      },
    };
    const devices = new Devices(backend as unknown as Backend);
    devices.belongTo("u1");
    return { devices, all, answerWith: (other: () => Promise<DeviceView[]>) => (answer = other) };
  }

  test("stay in view when they can't be learnt again, with the reason", async () => {
    const { devices, answerWith } = learning();
    await devices.look();
    expect(devices.active).toHaveLength(3);
    expect(devices.revoked).toHaveLength(1);
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what crosses Tauri's border is plain data
    answerWith(() => Promise.reject(refused("server.unreachable")));
    await devices.look();
    expect(devices.failure?.code).toBe("server.unreachable");
    expect(devices.active).toHaveLength(3);
  });

  test("of one person are never shown to another, not even when their answer comes late", async () => {
    const { devices, answerWith } = learning();
    await devices.look();
    let late: (list: DeviceView[]) => void = () => undefined;
    answerWith(() => new Promise((done) => (late = done)));
    const looking = devices.look();
    devices.belongTo("u2");
    expect([devices.list, devices.log]).toEqual([null, null]);
    late(someDevices());
    await looking;
    expect(devices.list).toBeNull();
  });

  test("have a log that goes on where it ended, to its end", async () => {
    const { devices, all } = learning();
    await devices.look();
    expect(devices.log).toHaveLength(3);
    await devices.more();
    expect(devices.log).toEqual(all);
    expect(devices.before).toBeNull();
  });
});

test("an account that is kept from travelling takes its new id in place, and stays looked at", () => {
  const accounts = new Accounts({} as Backend);
  const other: AccountView = { ...claire(), id: "other" };
  accounts.replace([claire(), other]);
  accounts.select("claire");
  accounts.put({ ...claire(), id: "claire-2", travels: false }, "claire");
  expect(accounts.all.map(({ id }) => id)).toEqual(["claire-2", "other"]);
  expect(accounts.selectedId).toBe("claire-2");
  // The list came first, with the new id: nothing is there twice.
  accounts.put({ ...claire(), id: "claire-2", travels: true }, "claire");
  expect(accounts.all.map(({ id }) => id)).toEqual(["claire-2", "other"]);
});
