// @ts-check
/* Updates the builder page without reloads: the preview changes with each option, and the server makes the code. */
"use strict";

(() => {
  const form = /** @type {HTMLFormElement} */ (document.getElementById("options"));
  const widget = /** @type {HTMLElement} */ (document.querySelector("almanac-assistant"));
  let timer = 0;
  let requests = 0;
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

  // A frame reads its accent and level when it is made, so the preview needs a new frame.
  function renewFrame() {
    widget.parentElement?.append(widget);
  }

  async function updateCode() {
    const request = (requests += 1);
    const address = `?${new URLSearchParams(chosen())}`;
    try {
      const answer = await fetch(address);
      if (!answer.ok || request !== requests) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.getElementById("result");
      if (fresh) document.getElementById("result")?.replaceWith(fresh);
      history.replaceState(null, "", address);
    } catch (failed) {
      return; // the reader can use the button of the form
    }
  }

  form.addEventListener("input", (event) => {
    preview();
    clearTimeout(timer);
    timer = setTimeout(updateCode, 250);
    if (event.target instanceof Element && ["accent", "level", "question"].includes(event.target.getAttribute("name") ?? "")) renewFrame();
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    updateCode();
  });

  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-copy]") : null;
    if (!(button instanceof HTMLButtonElement)) return;
    let done = true;
    try {
      await navigator.clipboard.writeText(button.dataset.copy ?? "");
    } catch (refused) {
      const code = button.parentElement?.querySelector("code");
      if (code) getSelection()?.selectAllChildren(code); // selected, so that the reader can copy it
      done = false;
    }
    button.textContent = done ? "Copied" : "Selected";
    setTimeout(() => (button.textContent = "Copy"), 1600);
  });
})();
