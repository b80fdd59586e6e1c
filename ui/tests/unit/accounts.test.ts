import { describe, expect, test } from "vitest";

import type { Backend } from "../../src/backend";
import type { AccountView } from "../../src/backend/bindings";
import { crowd } from "../../src/backend/fake/accounts";
import { Accounts } from "../../src/state/accounts.svelte";

/** A backend whose answers arrive when the test says so. */
function slowBackend() {
  const lists: ((accounts: AccountView[]) => void)[] = [];
  const searches = new Map<string, (ids: string[]) => void>();
  const backend = {
    accounts: () => new Promise<AccountView[]>((answer) => lists.push(answer)),
    search: (query: string) => new Promise<string[]>((answer) => searches.set(query, answer)),
  } as unknown as Backend;
  return { backend, lists, searches };
}

const settled = () => new Promise<void>((done) => setTimeout(done));

describe("the accounts", () => {
  test("keep what is looked at, and move to its neighbour when it goes", () => {
    const accounts = new Accounts(slowBackend().backend);
    accounts.replace(crowd(3));
    expect(accounts.selectedId).toBe("a0");
    accounts.select("a1");
    accounts.replace(crowd(3));
    expect(accounts.selectedId).toBe("a1");
    accounts.drop("a1");
    expect(accounts.selectedId).toBe("a2");
    accounts.drop("a2");
    expect(accounts.selectedId).toBe("a0");
    accounts.drop("a0");
    expect(accounts.selected).toBeNull();
  });

  test("have one primary account whatever comes in", () => {
    const accounts = new Accounts(slowBackend().backend);
    const [first, second] = crowd(2) as [AccountView, AccountView];
    accounts.replace([first, second]);
    accounts.put({ ...second, primary: true });
    expect(accounts.all.map(({ primary }) => primary)).toEqual([false, true]);
  });

  test("are listed once more, not twice, when changes arrive while a list is under way", async () => {
    const { backend, lists } = slowBackend();
    const accounts = new Accounts(backend);
    const all = [accounts.reload(), accounts.reload(), accounts.reload()];
    expect(lists).toHaveLength(1);
    lists[0]?.(crowd(1));
    await settled();
    expect(lists).toHaveLength(2);
    lists[1]?.(crowd(2));
    await Promise.all(all);
    expect(accounts.all).toHaveLength(2);
  });

  test("show the answer to the newest search, whichever comes first", async () => {
    const { backend, searches } = slowBackend();
    const accounts = new Accounts(backend);
    accounts.replace(crowd(3));
    const older = accounts.search("u");
    const newer = accounts.search("us");
    searches.get("us")?.(["a2"]);
    await newer;
    searches.get("u")?.(["a0", "a1", "a2"]);
    await older;
    expect(accounts.shown.map(({ id }) => id)).toEqual(["a2"]);
    await accounts.search(" ");
    expect(accounts.shown).toHaveLength(3);
  });
});
