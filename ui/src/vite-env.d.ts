/// <reference types="svelte" />
/// <reference types="vite/client" />

// The types name the package's first entry only; this one has the same functions for browsers.
declare module "punycode/punycode.es6.js" {
  export { toUnicode } from "punycode";
}
