// @ts-check
/* The chat inside another site's page: whom it listens to, what it tells, and the session that its questions carry.
   It hears one window of one origin, which may open it, close it, choose light or dark, and begin a conversation. */
"use strict";

(() => {
  const root = document.documentElement;
  const told = /** @type {HTMLMetaElement} */ (document.querySelector('meta[name="almanac-embed"]')).dataset;
  const site = told.parent === "self" ? location.origin : told.parent;
  const outer = window.parent === window || !site ? null : window.parent;

  // --- Light and dark: the site's choice, else the system's; what the reader chose elsewhere is not asked here -------

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

  // The first to listen: what comes from other windows ends here, whatever else in this page would have heard it.
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

  // --- The session: a header of each request to the chat, renewed before it ends; no cookie, nothing stored -----------

  const plainly = window.fetch.bind(window);
  let token = told.session ?? "";
  let sent = 0; // questions that went out, so that `ask` knows that its click was heard
  const home = () => new URL(".", document.baseURI);

  window.fetch = (input, init) => {
    const address = new URL(input instanceof Request ? input.url : input, document.baseURI);
    if (address.origin !== location.origin || !address.pathname.startsWith(`${home().pathname}gradio_api/`)) {
      return plainly(input, init);
    }
    if (address.pathname.endsWith("/queue/join")) sent += 1;
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
      if (answer.status === 401) token = ""; // what is asked now counts as asked by a visitor without a site
      if (!answer.ok) throw new Error(`${answer.status}`);
      const fresh = await answer.json();
      token = fresh.token;
      renewIn(fresh.life / 2);
    } catch (refused) {
      renewIn(60); // the network may be away for a while
    }
  }

  if (token) renewIn(Number(told.life) / 2);
  // A machine that slept has let the hour pass.
  document.addEventListener("visibilitychange", renewWhenDue);

  // --- The chat: begun, but not led, by the page around it ------------------------------------------------------------

  /** @type {(() => void)[]} */
  const waiting = [];
  const isReady = () => root.hasAttribute("data-ready");
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
    if (document.querySelector("#current .welcome") && !sent && !box().value) ask(words, 8);
    else draft(words);
  }

  /** @param {string} words */
  function draft(words) {
    if (box().value) return; // never over what the reader has begun to write
    box().value = words;
    box().dispatchEvent(new Event("input", { bubbles: true }));
  }

  // Gradio listens a moment after it has drawn, and does not say when: the click is made until a question goes out.
  /** @param {string} words @param {number} tries */
  function ask(words, tries) {
    const welcome = document.querySelector("#current .welcome");
    if (!welcome || sent || !tries) return;
    const button = document.createElement("button");
    button.dataset.ask = words;
    button.hidden = true;
    welcome.append(button);
    button.click();
    button.remove();
    setTimeout(() => ask(words, tries - 1), 400);
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
    const level = document.querySelector(`#level input[value="${told.level}"]`);
    if (level instanceof HTMLInputElement && !level.checked) level.click();
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
  mounted.observe(root, { attributeFilter: ["data-ready"] });

  window.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !event.isComposing) tell("close");
  });

  // Our other pages may not be framed, and the reader's place in the site is kept.
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
