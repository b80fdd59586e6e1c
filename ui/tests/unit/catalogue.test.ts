import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { parse, Transformer, Visitor, type VariableReference } from "@fluent/syntax";
import { describe, expect, test } from "vitest";

const UI = fileURLToPath(new URL("../..", import.meta.url));
const read = (language: string) => readFileSync(`${UI}../locales/${language}/window.ftl`, "utf8");

/** Every message with the names of its variables. */
function messages(language: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const entry of parse(read(language), {}).body) {
    if (entry.type === "Junk") throw new Error(`${language}: ${entry.content}`);
    if (entry.type !== "Message") continue;
    const { id } = entry;
    expect(found.has(id.name), `${language}: ${id.name} twice`).toBe(false);
    const names = new Set<string>();
    new (class extends Visitor {
      override visitVariableReference(node: VariableReference): void {
        names.add(node.id.name);
      }
    })().visit(entry);
    found.set(id.name, [...names].sort());
  }
  return found;
}

/** The fixed text of every message, without variables. */
function texts(language: string): [string, string][] {
  const found: [string, string][] = [];
  for (const entry of parse(read(language), {}).body) {
    if (entry.type !== "Message") continue;
    new (class extends Transformer {
      override visitTextElement(node: { value: string }): never {
        found.push([entry.id.name, node.value]);
        return node as never;
      }
    })().visit(entry);
  }
  return found;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? sources(`${folder}/${entry.name}`) : [readFileSync(`${folder}/${entry.name}`, "utf8")],
  );
}

const en = messages("en");
const fr = messages("fr");
const calls = sources(`${UI}src`).flatMap((text) => [...text.matchAll(/\bt\(\s*"([^"]+)"(\s*,\s*\{([^}]*)\})?/g)]);

describe("the window's words", () => {
  test("are the same messages with the same variables in both languages", () => {
    expect([...fr.keys()]).toEqual([...en.keys()]);
    expect([...fr]).toEqual([...en]);
  });

  test("are all there, with the variables that are given", () => {
    for (const [call, id = "", , given = ""] of calls) {
      expect(en.has(id), `${call} has no words`).toBe(true);
      const names = given
        .split(",")
        .map((pair) => pair.split(":")[0]?.trim() ?? "")
        .filter((name) => /^\w+$/.test(name))
        .sort();
      expect(names, call).toEqual(en.get(id));
    }
  });

  test("are all used", () => {
    const used = new Set(calls.map(([, id]) => id));
    expect([...en.keys()].filter((id) => !used.has(id))).toEqual([]);
  });

  test("are asked for by name, so that the two tests above see every one", () => {
    const hidden = sources(`${UI}src`).flatMap((text) => text.match(/\bt\([^"\s)][^)]*\)/g) ?? []);
    expect(hidden.filter((call) => !call.startsWith("t(id: string"))).toEqual([]);
  });

  test("follow French typography", () => {
    for (const [id, text] of texts("fr")) {
      expect(text, `${id}: a narrow no-break space belongs before ; : ! ?`).not.toMatch(/[^\u202f][;:!?](\s|$)/u);
      expect(text, `${id}: guillemets with narrow no-break spaces`).not.toMatch(/«[^\u202f]|[^\u202f]»/u);
      expect(text, `${id}: a typographic apostrophe`).not.toMatch(/'/u);
      expect(text, `${id}: an ellipsis`).not.toMatch(/\.\.\./u);
    }
  });

  test("follow English typography", () => {
    for (const [id, text] of texts("en")) expect(text, id).not.toMatch(/'|"|\.\.\./u);
  });
});
