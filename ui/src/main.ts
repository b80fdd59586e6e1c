import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";

import { mount } from "svelte";

import App from "./App.svelte";
import { connect } from "./backend";
import { words } from "./words/index.svelte";

// The words for waiting and for failing are needed before the program says which language was chosen.
words.use(navigator.language.split("-")[0] ?? "en");
mount(App, { target: document.body, props: { backend: await connect() } });
