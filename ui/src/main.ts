import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";

import { mount } from "svelte";

import App from "./App.svelte";
import { connect } from "./backend";
import { words } from "./words/index.svelte";

declare global {
  interface Window {
    /** The system's font by its name, where asking for `system-ui` is slow: set by `src-tauri/src/windows.rs`. */
    __COURRIER_FONT__?: string;
  }
}

if (window.__COURRIER_FONT__ !== undefined) {
  document.documentElement.style.setProperty("--system-font", JSON.stringify(window.__COURRIER_FONT__));
}
// The words for waiting and for failing are needed before the program says which language was chosen.
words.use(navigator.language.split("-")[0] ?? "en");
// Not awaited here: what is loaded later imports this file's chunk, and would wait for it while it waits for them.
void connect().then((backend) => mount(App, { target: document.body, props: { backend } }));
