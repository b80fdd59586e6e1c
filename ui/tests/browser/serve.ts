/** Serves a built window as the desktop shell does: same content-security policy, nothing else reachable. */
import { readdir, readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, relative, sep } from "node:path";

/** The desktop shell's policy, from where the shell has it. */
async function policy(): Promise<string> {
  const file = new URL("../../../src-tauri/tauri.conf.json", import.meta.url);
  const { app } = JSON.parse(await readFile(file, "utf8")) as { app: { security: { csp: Record<string, string> } } };
  return Object.entries(app.security.csp)
    .map(([directive, sources]) => `${directive} ${sources}`)
    .join("; ");
}

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
};

/** Every file of the folder by its path on the server; held, so that a build meanwhile disturbs no test. */
async function load(folder: string): Promise<Map<string, Buffer>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = new Map<string, Buffer>();
  for (const entry of entries.filter((one) => one.isFile())) {
    const file = join(entry.parentPath, entry.name);
    files.set(`/${relative(folder, file).split(sep).join("/")}`, await readFile(file));
  }
  return files;
}

export async function serve(folder: string): Promise<{ url: string; server: Server }> {
  const csp = await policy();
  const files = await load(folder);
  const server = createServer((request, response) => {
    const asked = new URL(request.url ?? "/", "http://localhost").pathname;
    const path = asked === "/" ? "/index.html" : asked;
    const body = files.get(path);
    const type = TYPES[extname(path)] ?? "application/octet-stream";
    response.writeHead(body ? 200 : 404, { "content-type": type, "content-security-policy": csp });
    response.end(body);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, server };
}
