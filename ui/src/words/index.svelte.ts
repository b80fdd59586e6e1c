/** The window's words, in the person's language. Both catalogues stand in `locales/` and come with the program. */
import { FluentBundle, FluentResource, type FluentVariable } from "@fluent/bundle";

import en from "../../../locales/en/window.ftl?raw";
import fr from "../../../locales/fr/window.ftl?raw";

const CATALOGUES: Record<string, string> = { en, fr };

class Words {
  language = $state("en");
  readonly #bundle = $derived(bundleOf(this.language));

  /** Takes effect everywhere at once; an unknown language becomes English. */
  use(language: string): void {
    this.language = language in CATALOGUES ? language : "en";
  }

  say(id: string, values?: Record<string, FluentVariable>): string {
    const pattern = this.#bundle.getMessage(id)?.value;
    if (!pattern) {
      // A test proves that no id is missing; should one slip through, its name is better than an empty button.
      console.error(`no words for ${id}`);
      return id;
    }
    const errors: Error[] = [];
    const text = this.#bundle.formatPattern(pattern, values, errors);
    for (const error of errors) console.error(`words for ${id}:`, error);
    return text;
  }
}

function bundleOf(language: string): FluentBundle {
  // Isolating marks around values would end up in what people copy and in accessible names; both languages
  // run left to right, and names and addresses stand in elements of their own.
  const bundle = new FluentBundle(language, { useIsolating: false });
  bundle.addResource(new FluentResource(CATALOGUES[language] ?? en));
  return bundle;
}

export const words = new Words();

/** The words for `id`; read in a component, they follow the language. */
export function t(id: string, values?: Record<string, FluentVariable>): string {
  return words.say(id, values);
}
