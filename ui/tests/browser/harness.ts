/** The window of the fake build in Chromium: opened in a scenario, watched for complaints, looked over by axe. */
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import axe from "axe-core";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { expect } from "vitest";

import { serve } from "./serve";

const UI = fileURLToPath(new URL("../..", import.meta.url));
const SCREENSHOTS = `${UI}screenshots`;

export interface Look {
  language?: "en" | "fr";
  theme?: "light" | "dark";
  width?: number;
  height?: number;
}

/** WCAG 2.2 A and AA, and axe's own advice, which is where lists and landmarks are checked. */
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export class Harness {
  private constructor(
    private readonly browser: Browser,
    private readonly url: string,
    private readonly close: () => void,
  ) {}

  static async start(): Promise<Harness> {
    await mkdir(SCREENSHOTS, { recursive: true });
    const { url, server } = await serve(`${UI}dist-fake`);
    const flags = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
    // Chromium's sandbox does not start for root, which is who tests run as in containers.
    if (process.getuid?.() === 0) flags.push("--no-sandbox");
    const browser = await chromium.launch({
      executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
      headless: true,
      args: flags,
    });
    return new Harness(browser, url, () => server.close());
  }

  async stop(): Promise<void> {
    await this.browser.close();
    this.close();
  }

  /** A window of its own in the given scenario. */
  async open(scenario: string, look: Look = {}): Promise<Window> {
    const { language = "en", theme = "light", width = 1160, height = 720 } = look;
    const context = await this.browser.newContext({
      viewport: { width, height },
      colorScheme: theme,
      locale: language,
      timezoneId: "Europe/Paris",
      reducedMotion: "reduce",
    });
    const page = await context.newPage();
    const window = new Window(page, context);
    await window.watch();
    await page.goto(`${this.url}/?fake=${scenario}`);
    return window;
  }
}

export class Window {
  /** What the page complained about: errors, and what the content-security policy refused. */
  readonly complaints: string[] = [];

  constructor(
    readonly page: Page,
    readonly context: BrowserContext,
  ) {}

  async watch(): Promise<void> {
    this.page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") this.complaints.push(message.text());
    });
    this.page.on("pageerror", (error) => this.complaints.push(String(error)));
    await this.page.addInitScript(() => {
      // As the shell's `freezePrototype` does.
      Object.freeze(Object.prototype);
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
      });
    });
  }

  get(testId: string) {
    return this.page.locator(`[data-testid="${testId}"]`);
  }

  /** Pastes as a person does, so that the page sees what pasting does. */
  async paste(testId: string, text: string): Promise<void> {
    await this.context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await this.get(testId).focus();
    await this.page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
    await this.page.keyboard.press("Control+v");
  }

  /** What the page learns when the network goes or comes; its own files stay within reach, as in the shell. */
  async network(there: boolean): Promise<void> {
    await this.page.evaluate((onLine) => {
      Object.defineProperty(navigator, "onLine", { configurable: true, get: () => onLine });
      dispatchEvent(new Event(onLine ? "online" : "offline"));
    }, there);
  }

  async shot(name: string): Promise<void> {
    await this.page.screenshot({ path: `${SCREENSHOTS}/${name}.png` });
  }

  /** No complaint, no finding of axe, nothing that sticks out sideways. */
  async expectSound(): Promise<void> {
    const overflowing = await this.page.evaluate(() => {
      const wide = [...document.querySelectorAll<HTMLElement>("body, body *")].filter((element) => {
        const { overflowX } = getComputedStyle(element);
        const scrolls = element === document.body || overflowX === "auto" || overflowX === "scroll";
        return scrolls && element.scrollWidth > element.clientWidth + 1;
      });
      return wide.map((element) => `${element.tagName}.${element.className} ${element.scrollWidth} > ${element.clientWidth}`);
    });
    expect(overflowing, "sticks out sideways").toEqual([]);
    expect(await this.axe(), "axe").toEqual([]);
    expect(this.complaints, "complaints").toEqual([]);
  }

  private async axe(): Promise<string[]> {
    // Through the debugger, because the page's own policy lets no foreign script in.
    await this.page.evaluate(axe.source);
    return this.page.evaluate(async (tags) => {
      const api = (globalThis as unknown as { axe: typeof import("axe-core") }).axe;
      const { violations } = await api.run(document, { runOnly: { type: "tag", values: tags } });
      return violations.flatMap((violation) =>
        violation.nodes.map((node) => `${violation.impact ?? ""} ${violation.id}: ${node.html.slice(0, 140)} ${node.failureSummary ?? ""}`),
      );
    }, AXE_TAGS);
  }

  async close(): Promise<void> {
    await this.context.close();
  }
}
