// @ts-check
/* The chat in a frame of another site: messages to and from the page, and the session token of the questions.
   It accepts messages from one window with one origin: open, close, light or dark colours, and a first question. */
"use strict";

(() => {
  const root = document.documentElement;
  const told = /** @type {HTMLMetaElement} */ (document.querySelector('meta[name="almanac-embed"]')).dataset;
  const site = told.parent === "self" ? location.origin : told.parent;
  const outer = window.parent === window || !site ? null : window.parent;

  // --- Light and dark: as the site chooses, otherwise as in the system ----------------------------------------------

  /** @param {unknown} theme */
  function setTheme(theme) {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else delete root.dataset.theme;
  }

  setTheme(told.theme);

  // --- Messages -----------------------------------------------------------------------------------------------------

  /** @param {string} type @param {Record<string, unknown>} more */
  function tell(type, more = {}) {
    if (outer && site) outer.postMessage({ ...more, almanac: 1, type }, site);
  }

  // The first listener of this page: it stops messages from other windows before any other listener gets them.
  window.addEventListener(
    "message",
    (event) => {
      if (event.source === window) return;
      event.stopImmediatePropagation();
      if (!outer || event.source !== outer || event.origin !== site) return;
      const said = event.data;
      if (typeof said !== "object" || said === null || said.almanac !== 1) return;
      if (said.type === "open") whenReady(() => enter(said.question));
      else if (said.type === "theme") setTheme(said.theme);
      else if (said.type === "close" && document.activeElement instanceof HTMLElement) document.activeElement.blur();
    },
    true,
  );
  tell("hello");

  // --- The session: a header of each request, renewed before it expires; there are no cookies ----------

  const plainly = window.fetch.bind(window);
  let token = told.session ?? "";
  const home = () => new URL(".", document.baseURI);

  window.fetch = (input, init) => {
    const address = new URL(input instanceof Request ? input.url : input, document.baseURI);
    if (address.origin !== location.origin || !address.pathname.startsWith(`${home().pathname}gradio_api/`)) {
      return plainly(input, init);
    }
    if (!token) return plainly(input, init);
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
    headers.set("X-Almanac-Session", token);
    return plainly(input, { ...init, headers });
  };

  let due = 0;

  /** @param {number} seconds */
  function renewIn(seconds) {
    due = Date.now() + seconds * 1000;
    setTimeout(renewWhenDue, seconds * 1000);
  }

  async function renewWhenDue() {
    if (!token || Date.now() < due - 500) return;
    due = Infinity;
    try {
      const address = new URL("embed/session", home());
      const answer = await plainly(address, { method: "POST", headers: { "X-Almanac-Session": token } });
      if (answer.status === 401) token = ""; // further questions count as those of a visitor without a site
      if (!answer.ok) throw new Error(`${answer.status}`);
      const fresh = await answer.json();
      token = fresh.token;
      renewIn(fresh.life / 2);
    } catch (refused) {
      renewIn(60); // the network may be down for a while
    }
  }

  if (token) renewIn(Number(told.life) / 2);
  // The token may have expired while the machine was asleep.
  document.addEventListener("visibilitychange", renewWhenDue);

  // --- The conversation: the page around it can start it, but not control it -------------------------------------------

  /** @type {(() => void)[]} */
  const waiting = [];
  const isReady = () => root.hasAttribute("data-kept");
  /** @type {() => any} */
  const chat = () => /** @type {any} */ (window).almanac;
  const box = () => /** @type {HTMLTextAreaElement} */ (document.querySelector("#question textarea"));

  /** @param {() => void} then */
  function whenReady(then) {
    if (isReady()) then();
    else waiting.push(then);
  }

  /** @param {unknown} question */
  function enter(question) {
    if (window.matchMedia("(hover: hover) and (pointer: fine)").matches) box().focus({ preventScroll: true });
    if (typeof question !== "string" || !question.trim()) return;
    const words = question.trim().slice(0, 2000);
    if (chat().isEmpty() && !box().value) chat().ask({ question: words });
    else draft(words);
  }

  /** @param {string} words */
  function draft(words) {
    if (box().value) return; // never replace what the reader has typed
    box().value = words;
    box().dispatchEvent(new Event("input", { bubbles: true }));
  }

  /** @type {string | undefined} */
  let latest;

  function report() {
    const exchange = /** @type {HTMLElement | null} */ (document.querySelector("#current [data-exchange]"));
    const state = exchange?.dataset.state;
    const what = `${exchange?.dataset.exchange} ${state}`;
    if (!exchange || what === latest) return;
    latest = what;
    if (state === "answered" || state === "abstained" || state === "unavailable") {
      tell("answer", { status: state, sources: Number(exchange.dataset.cited) });
    }
  }

  function begin() {
    chat().setLevel(told.level);
    if (told.question) draft(told.question);
    const current = /** @type {Node} */ (document.getElementById("current"));
    new MutationObserver(report).observe(current, { subtree: true, childList: true, attributeFilter: ["data-state"] });
    for (const then of waiting.splice(0)) then();
    tell("ready");
  }

  const mounted = new MutationObserver(() => {
    if (!isReady()) return;
    mounted.disconnect();
    begin();
  });
  mounted.observe(root, { attributeFilter: ["data-kept"] });

  window.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing) tell("close");
  });

  // Other pages of ours cannot be framed, so links open in a new tab.
  document.addEventListener(
    "click",
    (event) => {
      const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
      if (!(link instanceof HTMLAnchorElement) || link.target || link.getAttribute("href")?.startsWith("#")) return;
      link.target = "_blank";
      link.rel = "noopener";
    },
    true,
  );
})();
