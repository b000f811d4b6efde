/* The list of past conversations: open, search, rename and delete them. They are only in this browser. */
"use strict";

(() => {
  const store = window.almanacStore;
  const { node } = window.almanacShared;

  function when(time) {
    const days = Math.round((new Date().setHours(0, 0, 0, 0) - new Date(time).setHours(0, 0, 0, 0)) / 86400000);
    const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(time);
    if (days === 0) return `today, ${clock}`;
    if (days === 1) return `yesterday, ${clock}`;
    return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", year: "numeric" }).format(time);
  }

  function words(conversation) {
    const template = document.createElement("template");
    template.innerHTML = conversation.exchanges.map((exchange) => exchange.html).join("");
    for (const extra of template.content.querySelectorAll(".tools, .next, .answer-data")) extra.remove();
    return `${conversation.title} ${template.content.textContent}`.toLocaleLowerCase();
  }

  async function openList() {
    const all = (await store.list()).map((conversation) => ({ conversation, words: words(conversation) }));
    const list = node("ul", { className: "past-list" });
    const none = node("p", { className: "past-none", hidden: true });
    none.setAttribute("role", "status");
    const search = node("input", { type: "search", id: "almanac-search-past", placeholder: "Search in them" });
    const close = node("button", { type: "button", className: "sends", textContent: "Close" });
    const clear = node("button", { type: "button", className: "clears", textContent: "Delete my conversations" });
    const dialog = node(
      "dialog",
      { className: "asking-why past" },
      node("h2", { id: "almanac-past", textContent: "Conversations" }),
      node("p", { textContent: "They are kept in this browser only. The server does not store them." }),
      node("label", { className: "unseen", htmlFor: search.id, textContent: "Search in conversations" }),
      search,
      list,
      none,
      node("div", { className: "ends" }, clear, close),
    );
    dialog.setAttribute("aria-labelledby", "almanac-past");

    function draw() {
      const wanted = search.value.trim().toLocaleLowerCase().split(/\s+/).filter(Boolean);
      const found = all.filter((one) => wanted.every((word) => one.words.includes(word)));
      list.replaceChildren(...found.map((one) => row(one)));
      none.hidden = found.length > 0;
      none.textContent = all.length ? "No conversation contains these words." : "There are no conversations yet.";
      search.hidden = clear.hidden = !all.length;
    }

    function row(one) {
      const { conversation } = one;
      const count = conversation.exchanges.length;
      const about = `${when(conversation.changed)} · ${count} ${count === 1 ? "question" : "questions"}`;
      const title = node("span", { className: "past-title", textContent: conversation.title, dir: "auto" });
      const open = node("button", { type: "button", className: "past-open" }, title, node("span", { className: "past-when", textContent: about }));
      if (conversation.id === window.almanac.current().id) open.setAttribute("aria-current", "true");
      open.addEventListener("click", () => {
        dialog.close();
        window.almanacGo(conversation.id);
      });
      const rename = node("button", { type: "button", className: "tool", textContent: "Rename" });
      rename.setAttribute("aria-label", `Rename “${conversation.title}”`);
      const remove = node("button", { type: "button", className: "tool", textContent: "Delete" });
      remove.setAttribute("aria-label", `Delete “${conversation.title}”`);
      const line = node("li", {}, open, rename, remove);
      rename.addEventListener("click", () => line.replaceChildren(renaming(one)));
      remove.addEventListener("click", async () => {
        const next = line.nextElementSibling || line.previousElementSibling;
        await window.almanac.forget(conversation.id);
        all.splice(all.indexOf(one), 1);
        line.remove();
        draw();
        (list.querySelector(next ? ".past-open" : "none") || close).focus();
      });
      return line;
    }

    function renaming(one) {
      const field = node("input", { className: "link", value: one.conversation.title, maxLength: 90 });
      field.setAttribute("aria-label", "New title");
      const form = node("form", { className: "past-rename" }, field, node("button", { className: "tool", textContent: "Save" }));
      form.addEventListener("submit", async (event) => {
        event.preventDefault();
        const words = field.value.trim();
        if (words) {
          await window.almanac.rename(one.conversation.id, words);
          one.words += ` ${words.toLocaleLowerCase()}`;
          one.conversation.title = words;
        }
        draw();
        list.querySelectorAll(".past-open")[all.indexOf(one)]?.focus();
      });
      field.addEventListener("keydown", (event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        draw();
      });
      setTimeout(() => field.select());
      return form;
    }

    clear.addEventListener("click", async () => {
      if (clear.dataset.sure === undefined) {
        clear.dataset.sure = "";
        clear.textContent = `Really delete ${all.length === 1 ? "it" : `all ${all.length}`}?`;
        return;
      }
      await window.almanac.forget();
      all.splice(0);
      clear.textContent = "Delete my conversations";
      delete clear.dataset.sure;
      draw();
      close.focus();
    });
    search.addEventListener("input", draw);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close(); // a click outside
    });
    dialog.addEventListener("keydown", (event) => {
      if (event.key === "Escape") event.stopPropagation(); // it must not close the frame as well
    });
    const from = document.activeElement;
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (from?.isConnected && document.activeElement === document.body) from.focus({ preventScroll: true });
    });
    draw();
    document.body.append(dialog);
    dialog.showModal();
    (search.hidden ? close : search).focus({ preventScroll: true });
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-conversations]")) openList();
  });
})();
