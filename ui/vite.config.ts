import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

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
  },
});
