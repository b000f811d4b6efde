// @ts-check
/* The almanac in pages of other sites: a button that opens the chat in a frame. Nothing is loaded before a click.
   The shadow root keeps out the page's styles. The page's scripts can open the chat with a question, close it and see
   that an answer came, nothing more. It uses no innerHTML and no inline styles, so strict policies allow it. */
"use strict";

(() => {
  const TAG = "almanac-assistant";
  const NAMES = ["title", "theme", "accent", "position", "locale", "level", "question"];
  const OBSERVED = NAMES.flatMap((name) => [name, `data-${name}`]);
  const PATIENCE = 25_000; // milliseconds until a frame without a message counts as lost
  const own = /** @type {HTMLScriptElement | null} */ (
    document.currentScript || document.querySelector('script[src*="widget.js"]')
  );
  const base = new URL(".", own ? own.src : location.href);

  // --- Words: close, opening, lost, newTab ----------------------------------------------------------------------

  /** @typedef {[close: string, opening: string, lost: string, newTab: string, title: string]} Words */
  /** @type {Map<string, Words>} */
  const WORDS = new Map([
    ["en", ["Close", "Opening …", "The chat could not be opened in this page.", "Open it in a tab of its own", "Ask the almanac"]],
    ["de", ["Schließen", "Wird geöffnet …", "Der Chat ließ sich auf dieser Seite nicht öffnen.", "In eigenem Tab öffnen", "Den Almanach fragen"]],
    ["fr", ["Fermer", "Ouverture …", "Le chat n’a pas pu s’ouvrir dans cette page.", "L’ouvrir dans un nouvel onglet", "Interroger l’almanach"]],
    ["es", ["Cerrar", "Abriendo …", "No se pudo abrir el chat en esta página.", "Abrirlo en otra pestaña", "Preguntar al almanaque"]],
    ["ar", ["إغلاق", "جارٍ الفتح …", "تعذّر فتح المحادثة في هذه الصفحة.", "افتحها في علامة تبويب جديدة", "اسأل التقويم"]],
    ["he", ["סגירה", "נפתח …", "לא ניתן היה לפתוח את הצ׳אט בדף זה.", "פתיחה בלשונית נפרדת", "לשאול את האלמנך"]],
  ]);
  const RIGHT_TO_LEFT = new Set(["ar", "he"]);
  const POSITIONS = new Set(["bottom-right", "bottom-left", "top-right", "top-left"]);
  const NARROW = "(max-width: 640px), (max-height: 460px)";

  const STYLE = `
:host { all: initial !important; display: block !important; }
:host([hidden]) { display: none !important; }
.box {
  --paper: light-dark(#faf7f0, #161815); --ink: light-dark(#1f2421, #e9e5da); --faded: light-dark(#5a615c, #a7aa9f);
  --hairline: light-dark(#e0d9ca, #343830); --accent: light-dark(#0b6e4f, #6ccaa5); --label: light-dark(#fff, #0c1f17);
  --focus: light-dark(#0b6e4f, #6ccaa5); --gap: 20px;
  color-scheme: light dark; color: var(--ink); -webkit-text-size-adjust: 100%;
  font: 400 16px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
}
.box, .box * { box-sizing: border-box; }
svg { display: block; flex: none; fill: none; stroke: currentcolor; stroke-linecap: round; }
button, a { font: inherit; cursor: pointer; -webkit-tap-highlight-color: transparent; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 3px; }
.launch {
  position: fixed; z-index: 2147483000; display: flex; align-items: center; gap: 11px; height: 54px; max-width: calc(100% - 2 * var(--gap));
  margin: 0; padding: 0 21px 0 17px; border: 1px solid transparent; border-radius: 27px; background: var(--accent); color: var(--label);
  font-weight: 600; letter-spacing: .003em; box-shadow: 0 1px 2px rgb(0 0 0 / 18%), 0 8px 26px rgb(20 30 20 / 22%);
}
.launch span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.launch:hover { box-shadow: 0 1px 2px rgb(0 0 0 / 22%), 0 10px 32px rgb(20 30 20 / 32%); filter: brightness(1.07); }
.launch[aria-expanded="true"] { padding: 0; width: 54px; justify-content: center; }
.launch[aria-expanded="true"] > :not(.cross), .launch[aria-expanded="false"] > .cross { display: none; }
dialog {
  position: fixed; z-index: 2147483000; inset: auto; width: min(432px, 100% - 2 * var(--gap)); height: min(720px, 100% - 54px - 2.6 * var(--gap));
  max-width: none; max-height: none; margin: 0; padding: 0; border: 1px solid var(--hairline); border-radius: 16px; overflow: hidden;
  background: var(--paper); color: inherit; box-shadow: 0 2px 6px rgb(0 0 0 / 10%), 0 18px 60px rgb(20 25 20 / 28%);
}
dialog[open] { display: flex; flex-direction: column; }
[data-at^="bottom"] > .launch { bottom: calc(var(--gap) + env(safe-area-inset-bottom, 0px)); }
[data-at^="top"] > .launch { top: calc(var(--gap) + env(safe-area-inset-top, 0px)); }
[data-at$="right"] > * { right: calc(var(--gap) + env(safe-area-inset-right, 0px)); }
[data-at$="left"] > * { left: calc(var(--gap) + env(safe-area-inset-left, 0px)); }
[data-at^="bottom"] > dialog { bottom: calc(54px + 1.6 * var(--gap) + env(safe-area-inset-bottom, 0px)); }
[data-at^="top"] > dialog { top: calc(54px + 1.6 * var(--gap) + env(safe-area-inset-top, 0px)); }
.bar { display: flex; flex: none; align-items: center; gap: 10px; height: 54px; padding: 0 8px 0 17px; border-bottom: 3px double var(--hairline); }
[dir="rtl"] .bar { padding: 0 17px 0 8px; }
.bar svg { color: var(--accent); }
.bar p {
  flex: 1; margin: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
  font: 600 18px/1.3 "Iowan Old Style", "Palatino Linotype", Palatino, "URW Palladio L", P052, Georgia, "Times New Roman", serif;
}
.shut { display: grid; place-items: center; width: 40px; height: 40px; margin: 0; padding: 0; border: 0; border-radius: 50%; background: none; color: var(--faded); }
.shut svg { color: inherit; }
.shut:hover { background: color-mix(in srgb, var(--ink) 8%, transparent); color: var(--ink); }
.shut:focus-visible { outline-offset: -3px; }
.hall { position: relative; flex: 1; min-height: 0; }
iframe { position: absolute; inset: 0; display: block; width: 100%; height: 100%; border: 0; opacity: 0; }
[data-state="ready"] iframe { opacity: 1; }
[data-state="lost"] iframe { display: none; }
.told { position: absolute; inset: 0; display: grid; place-content: center; justify-items: center; gap: 14px; padding: 24px; color: var(--faded); text-align: center; }
.told p { margin: 0; }
.told a { color: var(--ink); font-weight: 600; text-underline-offset: 3px; }
[data-state="ready"] .told, .box:not([data-state="lost"]) .told a { display: none; }
@media ${NARROW} {
  .box { --gap: 16px; }
  .launch { height: 52px; }
  .box > dialog[open] {
    inset: 0; width: 100%; height: 100dvh; border: 0; border-radius: 0;
    padding: env(safe-area-inset-top, 0px) env(safe-area-inset-right, 0px) 0 env(safe-area-inset-left, 0px);
  }
}
@media (prefers-reduced-motion: no-preference) {
  .launch { transition: box-shadow .18s, filter .18s; }
  dialog[open] { animation: rise .2s ease-out; }
  iframe { transition: opacity .2s; }
}
@keyframes rise { from { opacity: 0; transform: translateY(10px); } }
@media (forced-colors: active) { .launch { border-color: ButtonText; } }
@media print { .box { display: none; } }
`;

  // --- Small things -----------------------------------------------------------------------------------------------

  /** @type {CSSStyleSheet | undefined} */
  let sheet;

  function style() {
    if (!sheet) {
      sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
    }
    return sheet;
  }

  /**
   * @template {keyof HTMLElementTagNameMap} K
   * @param {K} tag
   * @param {[string, string][]} attributes
   * @param {(Node | string)[]} parts
   * @returns {HTMLElementTagNameMap[K]}
   */
  function make(tag, attributes = [], parts = []) {
    const made = document.createElement(tag);
    for (const [name, value] of attributes) made.setAttribute(name, value);
    made.append(...parts);
    return made;
  }

  /**
   * @param {number} size
   * @param {string[]} paths
   * @param {string} [name]
   */
  function picture(size, paths, name = "") {
    const SVG = "http://www.w3.org/2000/svg";
    const made = document.createElementNS(SVG, "svg");
    made.setAttribute("viewBox", "0 0 64 64");
    made.setAttribute("width", `${size}`);
    made.setAttribute("height", `${size}`);
    made.setAttribute("aria-hidden", "true");
    made.setAttribute("class", name);
    for (const path of paths) {
      const line = document.createElementNS(SVG, "path");
      line.setAttribute("d", path);
      line.setAttribute("stroke-width", name === "cross" ? "6" : "4");
      if (path.endsWith("z")) line.setAttribute("fill", "currentcolor");
      made.append(line);
    }
    return made;
  }

  const emblem = (/** @type {number} */ size) =>
    picture(size, ["M18 40a14 14 0 0 1 28 0z", "M6 40h52M14 49h36M22 58h20", "M32 8v9M12.9 15.9l6.4 6.4M51.1 15.9l-6.4 6.4M5 31l8 2M59 31l-8 2"]);
  const cross = (/** @type {number} */ size) => picture(size, ["M14 14l36 36M50 14L14 50"], "cross");

  /** Black or white: one of them has a contrast of at least 4.5 on any colour. @param {string} hex */
  function label(hex) {
    const digits = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit).join("") : hex.slice(1);
    const [red = 0, green = 0, blue = 0] = [0, 2, 4].map((at) => {
      const part = parseInt(digits.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05) >= 4.5 ? "#fff" : "#000";
  }

  // Without a prototype, which the page may have changed.
  /** @param {EventTarget} target @param {string} type @param {(event: any) => void} heard @param {AbortSignal} signal */
  function on(target, type, heard, signal) {
    target.addEventListener(type, heard, /** @type {AddEventListenerOptions} */ ({ __proto__: null, signal }));
  }

  function focused() {
    let active = document.activeElement;
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
    return active instanceof HTMLElement && active !== document.body ? active : null;
  }

  // --- The element ------------------------------------------------------------------------------------------------

  /** @type {Set<Assistant>} */
  const mounted = new Set();

  class Assistant extends HTMLElement {
    static observedAttributes = OBSERVED;

    #box = make("div", [["class", "box"], ["data-state", "closed"]]);
    #name = make("span");
    #launch = make("button", [["type", "button"], ["class", "launch"], ["aria-haspopup", "dialog"], ["aria-expanded", "false"]], [
      emblem(28),
      this.#name,
      cross(22),
    ]);
    #heading = make("p", [["dir", "auto"]]);
    #shut = make("button", [["type", "button"], ["class", "shut"]], [cross(18)]);
    #says = make("p", [["role", "status"]]);
    #elsewhere = make("a", [["target", "_blank"], ["rel", "noopener"]]);
    #hall = make("div", [["class", "hall"]], [make("div", [["class", "told"]], [this.#says, this.#elsewhere])]);
    #dialog = make("dialog", [], [make("div", [["class", "bar"]], [emblem(26), this.#heading, this.#shut]), this.#hall]);
    #narrow = matchMedia(NARROW);
    /** @type {AbortController | null} */
    #life = null;
    /** @type {HTMLIFrameElement | null} */
    #frame = null;
    /** @type {string | null} */
    #question = null;
    /** @type {HTMLElement | null} */
    #back = null;
    #begun = false;
    #timer = 0;

    constructor() {
      super();
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [style()];
      this.#box.append(this.#launch, this.#dialog);
      root.append(this.#box);
    }

    connectedCallback() {
      const { signal } = (this.#life = new AbortController());
      mounted.add(this);
      on(window, "message", (event) => this.#hear(event), signal);
      on(this.#narrow, "change", () => this.#fit(), signal);
      on(this.#launch, "click", () => (this.#dialog.open ? this.close() : this.open()), signal);
      on(this.#shut, "click", () => this.close(), signal);
      on(this.#dialog, "cancel", (event) => (event.preventDefault(), this.close()), signal);
      on(this.#box, "keydown", (event) => {
        if (event.key !== "Escape" || event.isComposing || !this.#dialog.open) return;
        event.stopPropagation(); // a dialog of the page stays open
        event.preventDefault();
        this.close();
      }, signal);
      this.#dress();
    }

    disconnectedCallback() {
      mounted.delete(this);
      this.#life?.abort();
      clearTimeout(this.#timer);
      if (this.#dialog.open) this.#shown(false);
      this.#frame?.remove();
      this.#frame = null;
      this.#begun = false;
      this.#box.dataset.state = "closed";
    }

    /** @param {string} name */
    attributeChangedCallback(name) {
      if (!this.isConnected) return;
      this.#dress();
      if (name.endsWith("theme")) this.#send("theme", [["theme", this.#get("theme") || "auto"]]);
    }

    /** Opens the chat. A question is asked in an empty conversation; otherwise it is only put into the text box.
     * @param {unknown} [question] */
    open(question) {
      if (!this.isConnected) return;
      const first = this.#frame ? null : this.#get("question");
      this.#question = typeof question === "string" && question.trim() ? question.slice(0, 2000) : this.#question || first;
      if (!this.#dialog.open) {
        for (const other of mounted) if (other !== this) other.close();
        this.#back = focused();
        this.#shown(true);
      }
      if (!this.#frame || this.#box.dataset.state === "lost") this.#load();
      else if (this.#box.dataset.state === "ready") this.#enter();
    }

    close() {
      if (!this.#dialog.open) return;
      const inside = this.shadowRoot?.activeElement;
      const back = this.#back?.isConnected ? this.#back : this.#launch;
      this.#send("close");
      this.#shown(false);
      if (inside) back.focus({ preventScroll: true });
    }

    /** @param {string} name */
    #get(name) {
      return (this.getAttribute(`data-${name}`) ?? this.getAttribute(name) ?? "").trim();
    }

    /** @param {boolean} open */
    #shown(open) {
      if (!open) this.#dialog.close();
      else if (this.#narrow.matches) this.#dialog.showModal();
      else this.#dialog.show();
      this.#launch.setAttribute("aria-expanded", `${open}`);
      this.#launch.setAttribute("aria-label", open ? this.#words[0] : this.#title);
      this.#tell(open ? "open" : "close");
    }

    // After turning a phone: a window that covers the page is modal, a window in its corner is not.
    #fit() {
      if (!this.#dialog.open) return;
      const inside = this.shadowRoot?.activeElement;
      this.#dialog.close();
      if (this.#narrow.matches) this.#dialog.showModal();
      else this.#dialog.show();
      if (inside instanceof HTMLElement) inside.focus({ preventScroll: true });
    }

    /** @returns {string} */
    get #locale() {
      const asked = (this.#get("locale") || document.documentElement.lang || "en").toLowerCase().split(/[-_]/)[0] ?? "";
      return WORDS.has(asked) ? asked : "en";
    }

    get #words() {
      return /** @type {Words} */ (WORDS.get(this.#locale));
    }

    get #title() {
      return this.#get("title") || this.#words[4];
    }

    // Applies all attributes; can be called again.
    #dress() {
      const [close, opening, lost, newTab] = this.#words;
      const { dataset, style } = this.#box;
      this.#box.lang = this.#locale;
      this.#box.dir = RIGHT_TO_LEFT.has(this.#locale) ? "rtl" : "ltr";
      dataset.at = POSITIONS.has(this.#get("position")) ? this.#get("position") : "bottom-right";
      const theme = this.#get("theme");
      style.setProperty("color-scheme", theme === "light" || theme === "dark" ? theme : "light dark");
      const accent = this.#get("accent");
      const usable = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.test(accent);
      style.setProperty("--accent", usable ? accent : "");
      style.setProperty("--label", usable ? label(accent) : "");
      this.#name.textContent = this.#heading.textContent = this.#title;
      this.#name.dir = "auto";
      this.#launch.setAttribute("aria-label", this.#dialog.open ? close : this.#title);
      this.#dialog.setAttribute("aria-label", this.#title);
      this.#shut.setAttribute("aria-label", close);
      this.#says.textContent = dataset.state === "lost" ? lost : opening;
      this.#elsewhere.textContent = newTab;
      this.#elsewhere.href = base.href;
      if (this.#frame) this.#frame.title = this.#title;
    }

    #load() {
      this.#frame?.remove();
      const address = new URL("embed", base);
      for (const name of ["theme", "accent", "level"]) {
        if (this.#get(name)) address.searchParams.set(name, this.#get(name));
      }
      const preview = this.hasAttribute("preview"); // on our builder page, the only one that may frame a preview
      address.searchParams.set(preview ? "preview" : "origin", preview ? "1" : location.origin);
      const frame = make("iframe", [
        ["title", this.#title],
        ["allow", "clipboard-write"],
        ["referrerpolicy", "origin"], // the server needs the origin of the page, nothing more
        ["src", address.href],
      ]);
      // The chat must not navigate the page.
      if (!preview) frame.setAttribute("sandbox", "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-downloads");
      this.#frame = frame;
      this.#become("loading");
      const { signal } = /** @type {AbortController} */ (this.#life);
      // A frame that the browser blocked fires `load` too, but sends no message.
      on(frame, "load", () => this.#wait(700), signal);
      this.#wait(PATIENCE);
      this.#hall.append(frame);
    }

    /** @param {number} milliseconds */
    #wait(milliseconds) {
      clearTimeout(this.#timer);
      if (this.#begun) return;
      this.#timer = setTimeout(() => this.#become("lost"), milliseconds);
    }

    /** @param {string} state */
    #become(state) {
      this.#box.dataset.state = state;
      this.#begun = state === "ready";
      this.#dress();
    }

    // The question waits until the frame is ready, and is sent once.
    #enter() {
      const inside = this.shadowRoot?.activeElement;
      if (this.#dialog.open && inside) this.#frame?.focus({ preventScroll: true });
      this.#send("open", [["question", this.#question ?? ""]]);
      this.#question = null;
    }

    /** @param {MessageEvent} event */
    #hear(event) {
      if (!this.#frame || event.source !== this.#frame.contentWindow || event.origin !== base.origin) return;
      const said = event.data;
      if (typeof said !== "object" || said === null || said.almanac !== 1) return;
      if (said.type === "hello") {
        this.#begun = true; // it is our frame; it may take its time
        clearTimeout(this.#timer);
      } else if (said.type === "ready") {
        this.#become("ready");
        if (this.#dialog.open) this.#enter();
      } else if (said.type === "close") {
        this.close();
      } else if (said.type === "answer") {
        this.#tell("answer", [["status", `${said.status}`], ["sources", Number(said.sources) || 0]]);
      }
    }

    /** @param {string} type @param {[string, string][]} more */
    #send(type, more = []) {
      if (this.#box.dataset.state !== "ready") return;
      this.#frame?.contentWindow?.postMessage(Object.fromEntries([["almanac", 1], ["type", type], ...more]), base.origin);
    }

    /** @param {string} type @param {[string, string | number][]} detail */
    #tell(type, detail = []) {
      const options = { __proto__: null, bubbles: true, composed: true, detail: Object.fromEntries(detail) };
      (this.isConnected ? this : document).dispatchEvent(new CustomEvent(`almanac:${type}`, options));
    }
  }

  // --- The page ---------------------------------------------------------------------------------------------------

  if (!customElements.get(TAG)) {
    customElements.define(TAG, Assistant);
    const first = () => mounted.values().next().value;
    const Almanac = Object.freeze({
      /** @param {unknown} [question] */
      open: (question) => first()?.open(question),
      close: () => mounted.forEach((one) => one.close()),
    });
    /** @type {any} */ (window).Almanac = Almanac;
  }

  // The script adds one button, unless it has `data-manual`: then only elements in the page show one.
  function place() {
    if (!own || own.hasAttribute("data-manual")) return;
    const made = document.createElement(TAG);
    for (const name of NAMES) {
      const value = own.getAttribute(`data-${name}`);
      if (value !== null) made.setAttribute(`data-${name}`, value);
    }
    // Some routers run the same script twice; it still adds only one button.
    if (![...mounted].some((one) => one.isEqualNode(made))) document.body.append(made);
  }

  if (document.body) place();
  else document.addEventListener("DOMContentLoaded", place);
})();
