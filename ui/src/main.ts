import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";

import { mount } from "svelte";

import App from "./App.svelte";
import { connect } from "./backend";
import { words } from "./words/index.svelte";

// The words for waiting and for failing are needed before the program says which language was chosen.
words.use(navigator.language.split("-")[0] ?? "en");
// Not awaited here: what is loaded later imports this file's chunk, and would wait for it while it waits for them.
void connect().then((backend) => mount(App, { target: document.body, props: { backend } }));
