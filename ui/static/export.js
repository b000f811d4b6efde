/* The export menu below an answer: files made by `POST /api/export` from the answer that the page holds, and print. */
"use strict";

(() => {
  const root = document.documentElement;
  const shared = window.almanacShared;

  // What was said before this answer, for its receipt.
  function historyBefore(article) {
    const all = [...document.querySelectorAll("article.exchange")];
    return all.slice(0, all.indexOf(article)).flatMap((before) => {
      const answer = shared.answerIn(before);
      return answer ? shared.turnsOf(answer) : [];
    });
  }

  async function file(article, form) {
    const body = { answer: shared.answerIn(article), as: form };
    if (form === "receipt") body.history = historyBefore(article).slice(-200);
    let response;
    try {
      response = await fetch(new URL("api/export", document.baseURI), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    } catch (unreachable) {
      throw new Error("The server cannot be reached; try again in a moment.");
    }
    if (response.ok) return response.blob();
    const problem = await response.json().catch(() => ({}));
    const words = problem.error?.message || "something went wrong; try again";
    throw new Error(`${words.charAt(0).toUpperCase()}${words.slice(1)}.`);
  }

  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  async function press(button) {
    if (button.dataset.busy) return; // `disabled` would remove the focus
    button.dataset.busy = "yes";
    const article = button.closest("article");
    try {
      const blob = await file(article, button.dataset.export);
      if (button.dataset.copied === undefined) {
        save(blob, button.dataset.file);
        tell(button, `${button.dataset.file} is saved.`);
      } else {
        await window.almanacCopy(button, await blob.text());
      }
    } catch (failed) {
      tell(button, failed.message, true);
    } finally {
      delete button.dataset.busy;
    }
  }

  const tell = (button, words, wrong) => shared.tell(button.closest(".forms"), "export-said", words, wrong);

  // One answer with its sources; the browser's own print command prints the whole conversation.
  function print(article) {
    const sheet = document.getElementById(`panel-${article.dataset.exchange}`);
    const printed = [article, ...(sheet ? [sheet] : [])];
    root.setAttribute("data-print-one", "");
    for (const part of printed) part.setAttribute("data-printed", "");
    const done = () => {
      root.removeAttribute("data-print-one");
      for (const part of printed) part.removeAttribute("data-printed");
    };
    window.addEventListener("afterprint", done, { once: true });
    window.print();
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-export], [data-print]");
    if (!button) return;
    if (button.dataset.print === undefined) press(button);
    else print(button.closest("article"));
  });

  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest?.("details.keep[open]");
    if (!menu) return;
    event.preventDefault();
    menu.open = false;
    menu.querySelector("summary").focus();
  });
})();
