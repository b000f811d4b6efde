// @ts-check
/* The page of options without reloads: the widget follows each choice, the lines come from the server as ever. */
"use strict";

(() => {
  const form = /** @type {HTMLFormElement} */ (document.getElementById("options"));
  const widget = /** @type {HTMLElement} */ (document.querySelector("almanac-assistant"));
  let timer = 0;
  let asked = 0;
  document.documentElement.dataset.live = "";

  const chosen = () =>
    [...new FormData(form)].filter((pair) => pair[1] !== "").map(([name, value]) => [name, String(value)]);

  function preview() {
    const values = new Map(/** @type {[string, string][]} */ (chosen()));
    for (const name of ["title", "theme", "accent", "position", "locale", "level", "question"]) {
      const value = values.get(name);
      if (value) widget.setAttribute(`data-${name}`, value);
      else widget.removeAttribute(`data-${name}`);
    }
  }

  // A frame takes its accent and level as it is made: the choice shows at the next opening.
  function again() {
    widget.parentElement?.append(widget);
  }

  async function lines() {
    const mine = (asked += 1);
    const address = `?${new URLSearchParams(chosen())}`;
    try {
      const answer = await fetch(address);
      if (!answer.ok || mine !== asked) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("result");
      if (fresh) document.getElementById("result")?.replaceWith(fresh);
      history.replaceState(null, "", address);
    } catch (away) {
      return; // the button under the form asks again
    }
  }

  form.addEventListener("input", (event) => {
    preview();
    clearTimeout(timer);
    timer = setTimeout(lines, 250);
    if (event.target instanceof Element && ["accent", "level", "question"].includes(event.target.getAttribute("name") ?? "")) again();
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    lines();
  });

  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
    if (!(button instanceof HTMLButtonElement)) return;
    let done = true;
    try {
      await navigator.clipboard.writeText(button.dataset.copy ?? "");
    } catch (refused) {
      const code = button.parentElement?.querySelector("code");
      if (code) getSelection()?.selectAllChildren(code); // the reader's own keys copy it then
      done = false;
    }
    button.textContent = done ? "Copied" : "Selected";
    setTimeout(() => (button.textContent = "Copy"), 1600);
  });
})();
