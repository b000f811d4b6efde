/* Adds to pages what needs scripts: the switch between light and dark colours, and copy buttons. */
"use strict";

(() => {
  const root = document.documentElement;
  const THEME = "almanac-theme";
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function stored() {
    try {
      return localStorage.getItem(THEME);
    } catch (refused) {
      return null; // storage can be blocked; the choice is then lost when the page is closed
    }
  }

  function isDark() {
    return root.dataset.theme ? root.dataset.theme === "dark" : dark.matches;
  }

  const chosen = stored();
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;

  function addToggle() {
    const toggle = document.createElement("button");
    toggle.type = "button";
    toggle.className = "theme";
    toggle.setAttribute("aria-label", "Dark colours");
    toggle.setAttribute("aria-pressed", String(isDark()));
    toggle.append(document.createElement("span"));
    toggle.addEventListener("click", () => {
      root.dataset.theme = isDark() ? "light" : "dark";
      toggle.setAttribute("aria-pressed", String(isDark()));
      try {
        localStorage.setItem(THEME, root.dataset.theme);
      } catch (refused) {
        return; // as above
      }
    });
    document.querySelector(".masthead").append(toggle);
  }

  // Only if the browser allows copying; otherwise readers can select the text.
  function addCopying() {
    if (!navigator.clipboard) return;
    for (const foot of document.querySelectorAll(".reference-foot")) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "copy";
      button.textContent = "Copy";
      button.addEventListener("click", async () => {
        try {
          await navigator.clipboard.writeText(foot.parentElement.querySelector("pre").textContent);
          button.textContent = "Copied";
        } catch (refused) {
          button.textContent = "The browser did not allow copying";
        }
        setTimeout(() => (button.textContent = "Copy"), 1600);
      });
      foot.prepend(button);
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    addToggle();
    addCopying();
  });
})();
