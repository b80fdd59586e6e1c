import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Rolldown } from "vite";

/** Whether the first frame needs a module: the entry imports it, however far, without waiting. */
function isNeededAtOnce(id: string, about: (id: string) => Rolldown.ModuleInfo | null, seen = new Set<string>()): boolean {
  if (seen.has(id)) return false;
  seen.add(id);
  const module = about(id);
  if (module === null) return false;
  return module.isEntry || module.importers.some((importer) => isNeededAtOnce(importer, about, seen));
}

export default defineConfig({
  plugins: [svelte()],
  // The words stand beside the crates that share them, above this folder.
  server: { fs: { allow: [".."] }, port: 5173, strictPort: true },
  build: {
    target: "es2022",
    // What the oldest supported WebKit knows by itself (light-dark(), :dir()) is left as written.
    cssTarget: ["safari17.5", "chrome123"],
    // The polyfill would be an inline script, and data: fonts or scripts, which the content-security policy refuses.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // Else whatever a room that comes later shares with the first frame is a file of its own, and the first frame
        // waits for dozens of them.
        codeSplitting: {
          groups: [{ name: (id, context) => (isNeededAtOnce(id, (one) => context.getModuleInfo(one)) ? "first" : null) }],
        },
      },
    },
  },
});
