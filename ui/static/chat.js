/* The parts of the chat page that Gradio does not do: light and dark colours, the source panel, copying, scrolling,
   landmarks. Gradio sends the questions. Listeners are on the document, because Gradio replaces the elements below it. */
"use strict";

(() => {
  const root = document.documentElement;
  const THEME = "almanac-theme";
  const MAX_QUESTION_LENGTH = 2000;
  const framed = root.hasAttribute("data-embed"); // in a frame of another site: the sources are below the answer
  const narrow = framed ? new EventTarget() : window.matchMedia("(max-width: 959px)");
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  const byId = (id) => document.getElementById(id);
  let cameFrom = null; // the marker that opened the panel: Escape returns to it

  // --- Light and dark: as in the system, unless the reader has chosen ------------------------------------------

  function storedTheme() {
    try {
      return localStorage.getItem(THEME);
    } catch (refused) {
      return null; // storage can be blocked; the choice is then lost when the page is closed
    }
  }

  function setTheme(theme) {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    const toggle = document.querySelector("[data-theme-toggle]");
    if (toggle) toggle.setAttribute("aria-pressed", String(isDark()));
  }

  function isDark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
  }

  function toggleTheme() {
    const theme = isDark() ? "light" : "dark";
    setTheme(theme);
    try {
      localStorage.setItem(THEME, theme);
    } catch (refused) {
      return; // as above
    }
  }

  setTheme(storedTheme());
  dark.addEventListener("change", () => setTheme(root.dataset.theme));

  // --- The panel: next to the answer on a wide screen, a sheet over it on a narrow one -------------------------

  function openPanel(answer, number, opener) {
    const sheet = byId(`panel-${answer}`);
    if (!sheet) return;
    for (const other of document.querySelectorAll("#panel [data-panel]")) other.hidden = other !== sheet;
    for (const none of document.querySelectorAll("#panel .sheet-none")) none.hidden = true;
    const quote = number ? byId(`quote-${answer}-${number}`) : null;
    const card = quote ? quote.closest(".card") : null;
    light(card, number);
    cameFrom = opener;
    if (narrow.matches) setSheet(true);
    const target = card || sheet.querySelector(".panel-title");
    scrollPanel(quote && quote.closest("blockquote") ? quote : target, target);
    target.focus({ preventScroll: true });
  }

  function light(card, number) {
    for (const lit of document.querySelectorAll("#panel .lit")) lit.classList.remove("lit");
    if (!card) return;
    card.classList.add("lit");
    for (const part of card.querySelectorAll("[data-numbers]")) {
      if (part.dataset.numbers.split(" ").includes(String(number))) part.classList.add("lit");
    }
  }

  // Scroll only the panel, never the page. Show the head of the card too, if it fits together with the quotation.
  function scrollPanel(quote, card) {
    if (framed) {
      const block = quote.getBoundingClientRect().height < window.innerHeight / 2 ? "center" : "start";
      quote.scrollIntoView({ block, behavior: still.matches ? "auto" : "smooth" });
      return;
    }
    const panel = byId("panel");
    const box = panel.getBoundingClientRect();
    const bar = panel.querySelector(".sheet-bar");
    const margin = 16 + (bar ? bar.offsetHeight : 0);
    const top = card.getBoundingClientRect().top - box.top - margin;
    const overflow = quote.getBoundingClientRect().bottom - card.getBoundingClientRect().top + margin + 24 - box.height;
    panel.scrollBy({ top: top + Math.max(0, overflow), behavior: still.matches ? "auto" : "smooth" });
  }

  function setSheet(open) {
    root.toggleAttribute("data-sheet", open);
    // Elements under the sheet cannot be reached with Tab or a screen reader.
    for (const id of ["masthead", "reading"]) byId(id).inert = open;
    const panel = byId("panel");
    for (const [name, value] of [["role", "dialog"], ["aria-modal", "true"]]) {
      if (open) panel.setAttribute(name, value);
      else panel.removeAttribute(name);
    }
    if (!open) panel.setAttribute("role", "complementary");
  }

  window.almanacClosePanel = closePanel; // for conversation.js

  function closePanel() {
    if (root.hasAttribute("data-sheet")) setSheet(false);
    light(null);
    if (cameFrom && cameFrom.isConnected) cameFrom.focus({ preventScroll: true });
    cameFrom = null;
  }

  // --- Long lists: page by page ------------------------------------------------------------------------------

  function showMore(button) {
    const page = Number(button.dataset.more);
    const bar = button.closest("p");
    const waiting = [...bar.previousElementSibling.children].filter((item) => item.hidden);
    for (const item of waiting.slice(0, page)) item.hidden = false;
    const rest = waiting.length - page;
    const first = waiting[0];
    first.tabIndex = -1;
    first.focus({ preventScroll: true });
    if (rest <= 0) bar.remove();
    else button.textContent = `Show ${Math.min(page, rest)} more of ${rest.toLocaleString("en")}`;
  }

  // --- Copying -----------------------------------------------------------------------------------------------

  async function copy(button, words) {
    let copied = true;
    try {
      await navigator.clipboard.writeText(words);
    } catch (refused) {
      copied = copyWithoutClipboard(words); // over plain HTTP there is no clipboard object
    }
    const label = button.textContent;
    say(copied ? "Copied." : "The browser did not allow copying.");
    button.textContent = copied ? "Copied" : "Not allowed";
    button.disabled = true;
    setTimeout(() => {
      button.textContent = label;
      button.disabled = false;
    }, 1600);
  }

  window.almanacCopy = copy; // for export.js

  function copyWithoutClipboard(words) {
    const field = document.createElement("textarea");
    field.value = words;
    field.className = "unseen";
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    return copied;
  }

  function say(words) {
    let region = byId("almanac-said");
    if (!region) {
      region = document.createElement("p");
      region.id = "almanac-said";
      region.className = "unseen";
      region.setAttribute("aria-live", "polite");
      document.body.append(region);
    }
    region.textContent = words;
  }

  // --- Clicks and keys -----------------------------------------------------------------------------------------

  document.addEventListener("click", (event) => {
    const on = (selector) => event.target.closest(selector);
    const marker = on("a.marker");
    if (marker) {
      event.preventDefault();
      openPanel(marker.dataset.answer, marker.dataset.number, marker);
    } else if (on("[data-sources]")) {
      const button = on("[data-sources]");
      openPanel(button.dataset.sources, null, button);
    } else if (on("[data-more]")) {
      showMore(on("[data-more]"));
    } else if (on("[data-copy]")) {
      copy(on("[data-copy]"), on("[data-copy]").dataset.copy);
    } else if (on("[data-theme-toggle]")) {
      toggleTheme();
    } else if (on("[data-close-panel]")) {
      closePanel();
    } else if (on("[data-ask]")) {
      if (root.hasAttribute("data-sheet")) closePanel();
    } else if (root.hasAttribute("data-sheet") && !on("#panel")) {
      closePanel();
    } else if (on("a.skip")) {
      // because of `<base>`, the link would lead to another page
      event.preventDefault();
      byId("question").querySelector("textarea").focus();
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !(root.hasAttribute("data-sheet") || cameFrom)) return;
    event.preventDefault(); // Escape must not close the frame as well
    closePanel();
  });

  document.addEventListener("input", (event) => {
    if (!event.target.closest("#question")) return;
    const counter = document.querySelector(".counter");
    const length = event.target.value.trim().length;
    counter.hidden = length < MAX_QUESTION_LENGTH * 0.9;
    counter.textContent = `${length.toLocaleString("en")} of ${MAX_QUESTION_LENGTH.toLocaleString("en")} characters`;
    counter.classList.toggle("over", length > MAX_QUESTION_LENGTH);
  });

  narrow.addEventListener("change", () => {
    if (root.hasAttribute("data-sheet")) closePanel();
  });

  // --- Attributes that Gradio cannot set -----------------------------------------------------------------------

  function setLandmarks() {
    const around = document.querySelector("main.contain");
    if (around) around.setAttribute("role", "none"); // it contains the header and the panel as well
    const roles = { masthead: "banner", reading: "main", panel: "complementary" };
    for (const [id, role] of Object.entries(roles)) byId(id).setAttribute("role", role);
    byId("panel").setAttribute("aria-label", "Sources and related entries");
    byId("conversation").setAttribute("aria-label", "Conversation");
  }

  const mounted = new MutationObserver(() => {
    const box = document.querySelector("#question textarea");
    if (!box || !document.querySelector("#panel .sheets") || !byId("current") || !byId("wire")) return;
    mounted.disconnect();
    setLandmarks();
    setTheme(root.dataset.theme);
    root.setAttribute("data-ready", "");
    // not on touch screens, where the keyboard would cover half of the page
    const pointed = window.matchMedia("(hover: hover) and (pointer: fine)").matches;
    if (pointed && !framed && document.activeElement === document.body) box.focus({ preventScroll: true });
  });
  mounted.observe(root, { subtree: true, childList: true });
})();
