/* The buttons below an answer: rating and sharing. They send nothing about the reader. Gradio renders answers again and
   again, so this script remembers the ratings and restores them. */
"use strict";

(() => {
  const shared = window.almanacShared;
  const { node } = shared;
  const MAX_NOTE_LENGTH = 1000;
  const REASONS = [
    ["wrong", "Something is wrong"],
    ["beside_the_point", "Off topic"],
    ["incomplete", "Something is missing"],
    ["outdated", "Out of date"],
    ["no_answer", "The catalogue has an answer"],
    ["other", "Something else"],
  ];
  const ratings = new Map(); // id of an answer -> {rating, feedback}

  const at = (path) => new URL(path, document.baseURI).href;

  // --- Requests ----------------------------------------------------------------------------------------------

  async function post(path, body) {
    let response;
    try {
      response = await fetch(at(path), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body ?? {}),
      });
    } catch (unreachable) {
      throw new Error("The server cannot be reached. Please try again in a moment.");
    }
    const answer = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(sentence(answer.error?.message || "Something went wrong. Please try again."));
    return answer;
  }

  function sentence(words) {
    const whole = words.charAt(0).toUpperCase() + words.slice(1);
    return /[.?!]$/.test(whole) ? whole : `${whole}.`;
  }

  async function rate(id, rating, more) {
    const before = ratings.get(id);
    const body = { answer_id: id, rating, ...more };
    if (before?.feedback) body.feedback_id = before.feedback;
    const stored = await post("api/feedback", body);
    ratings.set(id, { rating, feedback: stored.feedback_id });
    show();
  }

  // --- Display -----------------------------------------------------------------------------------------------

  function show() {
    for (const group of document.querySelectorAll("[data-verdict]")) {
      const rating = ratings.get(group.dataset.verdict)?.rating;
      for (const thumb of group.querySelectorAll("[data-rate]")) {
        const pressed = String(thumb.dataset.rate === rating);
        if (thumb.getAttribute("aria-pressed") !== pressed) thumb.setAttribute("aria-pressed", pressed);
      }
    }
  }

  const tell = (group, words, wrong) => shared.tell(group.closest(".tools"), "verdict-said", words, wrong);

  // Outside of the elements that Gradio renders, so that a half-written note is not lost.
  function open(dialog) {
    const from = document.activeElement;
    document.body.append(dialog);
    dialog.addEventListener("close", () => {
      dialog.remove();
      if (from?.isConnected) from.focus({ preventScroll: true });
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close(); // a click outside
    });
    dialog.showModal();
  }

  function askWhy(id) {
    const choices = REASONS.map(([value, label]) =>
      node("label", { className: "choice" }, node("input", { type: "radio", name: "almanac-reason", value }), node("span", { textContent: label })),
    );
    const note = node("textarea", { id: "almanac-note", rows: 3, maxLength: MAX_NOTE_LENGTH });
    const wrong = node("p", { className: "wrong", role: "alert", hidden: true });
    const close = node("button", { type: "button", textContent: "Close" });
    const send = node("button", { type: "submit", className: "sends", textContent: "Send" });
    const form = node(
      "form",
      {},
      node("h2", { id: "almanac-why", textContent: "Thank you. What was wrong?" }),
      node("p", { textContent: "Both are optional. Nothing about you is stored. Please do not enter anything private." }),
      node("fieldset", {}, node("legend", { textContent: "Reason" }), ...choices),
      node("label", { className: "note", htmlFor: "almanac-note", textContent: "Note" }),
      note,
      wrong,
      node("div", { className: "ends" }, close, send),
    );
    const dialog = node("dialog", { className: "asking-why" }, form);
    dialog.setAttribute("aria-labelledby", "almanac-why");
    close.addEventListener("click", () => dialog.close());
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const reason = form.querySelector("input:checked")?.value;
      const words = note.value.trim();
      send.disabled = true;
      try {
        await rate(id, "down", { ...(reason ? { reason } : {}), ...(words ? { note: words } : {}) });
        dialog.close();
        for (const group of groups(id)) tell(group, "Thank you. Your feedback is saved.");
      } catch (failed) {
        wrong.textContent = failed.message;
        wrong.hidden = false;
        send.disabled = false;
      }
    });
    open(dialog);
  }

  function groups(id) {
    return [...document.querySelectorAll("[data-verdict]")].filter((group) => group.dataset.verdict === id);
  }

  // --- Sharing -----------------------------------------------------------------------------------------------

  async function share(group) {
    const { url } = await post(`api/answers/${group.dataset.verdict}/share`);
    try {
      await navigator.clipboard.writeText(url);
      tell(group, "The link is copied. Anyone who has it can read this question and its answer.");
    } catch (refused) {
      showLink(url); // pages cannot copy over plain HTTP or in a frame of another site
    }
  }

  function showLink(url) {
    const link = node("input", { className: "link", readOnly: true, value: url, id: "almanac-link" });
    const close = node("button", { type: "button", className: "sends", textContent: "Close" });
    const dialog = node(
      "dialog",
      { className: "asking-why" },
      node("h2", { id: "almanac-share", textContent: "A link to this answer" }),
      node("p", { textContent: "The browser did not allow copying. Anyone who has the link can read this question and its answer." }),
      node("label", { className: "unseen", htmlFor: "almanac-link", textContent: "Link" }),
      link,
      node("div", { className: "ends" }, close),
    );
    dialog.setAttribute("aria-labelledby", "almanac-share");
    close.addEventListener("click", () => dialog.close());
    open(dialog);
    link.select();
  }

  // --- Clicks ------------------------------------------------------------------------------------------------

  async function press(button, group) {
    if (group.dataset.busy) return; // `disabled` would remove the focus
    group.dataset.busy = "yes";
    const id = group.dataset.verdict;
    try {
      if (button.dataset.rate === undefined) {
        await share(group);
      } else {
        await rate(id, button.dataset.rate);
        if (button.dataset.rate === "down") askWhy(id);
        else tell(group, "Thank you.");
      }
    } catch (failed) {
      tell(group, failed.message, true);
    } finally {
      delete group.dataset.busy;
    }
  }

  document.addEventListener("click", (event) => {
    const group = event.target.closest("[data-verdict]");
    const button = event.target.closest("[data-rate], [data-share]");
    if (group && button) press(button, group);
  });

  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver(show).observe(document.body, { subtree: true, childList: true });
  });
})();
