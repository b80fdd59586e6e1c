import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";

import svelteConfig from "./svelte.config.js";

export default ts.config(
  { ignores: ["dist", "dist-fake", "screenshots", "src/backend/bindings.ts"] },
  js.configs.recommended,
  ts.configs.strictTypeChecked,
  svelte.configs.recommended,
  {
    languageOptions: {
      globals: { ...globals.browser },
      parserOptions: { projectService: { allowDefaultProject: ["*.js"] }, extraFileExtensions: [".svelte"] },
    },
    rules: {
      // TypeScript knows the globals better.
      "no-undef": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Event handlers may start work whose failure is handled inside it.
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: false }],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      // The border that lets the window run on a fake: one folder knows Tauri.
      "no-restricted-imports": ["error", { patterns: [{ group: ["@tauri-apps/*"], message: "Only src/backend/ talks to Tauri." }] }],
    },
  },
  { files: ["src/backend/**"], rules: { "no-restricted-imports": "off" } },
  {
    files: ["src/backend/fake/**"],
    rules: {
      // It rejects with plain data, as what crosses Tauri's border does, and answers at once what takes the real one a while.
      "@typescript-eslint/only-throw-error": "off",
      "@typescript-eslint/prefer-promise-reject-errors": "off",
      "@typescript-eslint/require-await": "off",
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: ts.parser, svelteConfig } },
    rules: {
      // svelte-check knows the types of props, components and bindings; eslint's parser takes some of them for any.
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "prefer-const": "off",
      "svelte/prefer-const": "error",
      // What is watched is a Svelte collection by choice; the other maps and dates are replaced as a whole or watched by nobody.
      "svelte/prefer-svelte-reactivity": "off",
    },
  },
  { files: ["*.js"], ...ts.configs.disableTypeChecked },
);
