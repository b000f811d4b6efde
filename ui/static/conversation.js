/* The conversation: it is asked, stopped, edited and kept here, in the browser. Each question is sent through Gradio with
   the part of the conversation that a follow-up needs; the server answers with one exchange and its sources. */
"use strict";

(() => {
  const root = document.documentElement;
  const store = window.almanacStore;
  const { node, answerIn, turnsOf } = window.almanacShared;
  const framed = root.hasAttribute("data-embed");
  const MAX_QUESTION_LENGTH = 2000;
  const SENT_EXCHANGES = 8; // earlier ones do not change the answer
  const MAX_SENT_TEXT = 1500;
  const MAX_SENT_LAST = 6000;
  const MAX_TITLE = 90;
  const byId = (id) => document.getElementById(id);
  const box = () => document.querySelector("#question textarea");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");

  let conversation = fresh();
  let pending = null; // the question that is being answered: {key, number, asked}
  let editing = null; // the number of the exchange whose question is edited
  let lost = null; // the question to send when the server is back
  let joined = ""; // the key of the question that Gradio has sent
  let accepted = ""; // the key of the question that Gradio's queue has accepted: only then can it be cancelled
  let welcome = null;

  const setting = { level: null };

  function fresh() {
    return { id: "", title: "", named: false, started: 0, changed: 0, exchanges: [] };
  }

  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(9));
    return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  // --- What is on the page -----------------------------------------------------------------------------------------

  // Stored exchanges were made by our server and escaped there; the page's policy runs no script in them.
  function nodes(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    return [...template.content.children];
  }

  function status(words) {
    byId("status").querySelector("[role=status]").textContent = words;
  }

  function show(exchange) {
    const current = byId("current");
    moveToEarlier();
    current.replaceChildren(...nodes(exchange.html));
    addEditing(current.firstElementChild);
    if (exchange.sheet) addSheet(exchange.sheet);
  }

  function moveToEarlier() {
    for (const old of byId("current").querySelectorAll("article")) {
      for (const part of old.querySelectorAll(".next")) part.remove();
      byId("earlier").append(old);
    }
  }

  function addSheet(html) {
    const sheets = document.querySelector("#panel .sheets");
    const [sheet] = nodes(html);
    byId(sheet.id)?.remove();
    sheets.append(sheet);
  }

  function showSheet(number) {
    const shown = byId(`panel-${number}`);
    const sheets = [...document.querySelectorAll("#panel [data-panel]")];
    for (const sheet of sheets) sheet.hidden = sheet !== shown;
    document.querySelector("#panel .sheet-none").hidden = Boolean(shown) || !sheets.length;
  }

  function addEditing(article) {
    const title = article?.querySelector("h2.question");
    if (!title || article.querySelector("[data-edit]")) return;
    const button = node("button", { type: "button", className: "edit", title: "Edit the question" });
    button.dataset.edit = article.dataset.exchange;
    button.setAttribute("aria-label", "Edit the question");
    title.after(button);
  }

  function draw() {
    byId("earlier").replaceChildren();
    byId("current").replaceChildren();
    document.querySelector("#panel .sheets").replaceChildren();
    for (const exchange of conversation.exchanges) show(exchange);
    if (!conversation.exchanges.length) byId("current").replaceChildren(welcome.cloneNode(true));
    showSheet(conversation.exchanges.at(-1)?.number ?? 0);
    title();
  }

  function title() {
    if (framed) return;
    const last = pending?.asked ?? conversation.exchanges.at(-1);
    document.title = last ? `${last.question.slice(0, MAX_TITLE)} · ${setting.name}` : setting.name;
  }

  function toTop(article, smoothly) {
    const head = byId("masthead").offsetHeight + 20;
    window.scrollTo({
      top: article ? article.getBoundingClientRect().top + window.scrollY - head : 0,
      behavior: still.matches || !smoothly ? "auto" : "smooth",
    });
  }

  // --- Asking --------------------------------------------------------------------------------------------------------

  function ask(asked) {
    const question = asked.question.trim();
    note("");
    if (!question) return;
    if (question.length > MAX_QUESTION_LENGTH) {
      note(
        `Your question has ${question.length.toLocaleString("en")} characters; the limit is ` +
          `${MAX_QUESTION_LENGTH.toLocaleString("en")}. Please shorten it.`,
      );
      return;
    }
    stop();
    if (editing !== null) cutBefore(editing);
    setEditing(null);
    if (!conversation.id) start(question);
    const number = Math.max(0, ...conversation.exchanges.map((exchange) => exchange.number)) + 1;
    pending = { key: newId(), number, asked: { ...asked, question }, tries: 0 };
    showPending();
    setBox("");
    send();
  }

  function showPending() {
    const { number, asked } = pending;
    const heading = node("h2", { className: "question", id: `question-${number}`, dir: "auto", textContent: asked.question });
    const dots = node("p", { className: "searching" }, node("span"), node("span"), node("span"));
    const article = node("article", { className: "exchange", id: `exchange-${number}` }, heading, dots);
    Object.assign(article.dataset, { exchange: number, state: "pending" });
    article.setAttribute("aria-labelledby", heading.id);
    moveToEarlier();
    byId("current").replaceChildren(article);
    root.setAttribute("data-asking", "");
    status("Searching…");
    title();
    toTop(article, number > 1);
    box().focus({ preventScroll: true });
  }

  function start(question) {
    conversation.id = newId();
    conversation.started = Date.now();
    conversation.title = question.slice(0, MAX_TITLE);
    setAddress(conversation.id);
  }

  function send() {
    const { key, number, asked } = pending;
    joined = "";
    window.almanacSend?.({
      question: asked.question,
      without: asked.without ?? "",
      mode: asked.mode ?? "",
      level: asked.level ?? setting.level,
      key,
      number,
      turns: turns(),
    });
    // Gradio is ready some time after it has rendered and does not say when: try until it has sent the question.
    setTimeout(() => {
      if (pending?.key !== key || joined === key || pending.tries++ > 25) return;
      send();
    }, 400);
  }

  function turns() {
    const before = conversation.exchanges.slice(-SENT_EXCHANGES);
    return before.flatMap((exchange, position) => {
      const answer = answerIn(nodes(exchange.html)[0]);
      return answer ? turnsOf(answer, position === before.length - 1 ? MAX_SENT_LAST : MAX_SENT_TEXT) : [];
    });
  }

  function received(wire) {
    const answer = wire.querySelector("[data-key]");
    if (!answer || !pending || answer.dataset.key !== pending.key) return; // stopped, or an answer to an older question
    if (answer.dataset.retry !== undefined) {
      giveBack(answer.textContent, Number(answer.dataset.retry));
      return;
    }
    const article = answer.querySelector("article");
    const sheet = answer.querySelector("section.sheet");
    const html = article.outerHTML;
    answer.replaceChildren(); // its ids must be unique on the page
    finish({ number: pending.number, question: pending.asked.question, html, sheet: sheet ? sheet.outerHTML : "" });
    status(answer.dataset.status);
  }

  function finish(exchange) {
    const from = pending.asked;
    exchange.asked = { without: from.without, mode: from.mode, level: from.level };
    pending = null;
    root.removeAttribute("data-asking");
    byId("current").replaceChildren();
    conversation.exchanges.push(exchange);
    show(exchange);
    showSheet(exchange.number);
    byId("panel").scrollTop = 0;
    title();
    keep();
  }

  function keep() {
    conversation.changed = Date.now();
    store.save(conversation).then((saved) => {
      if (saved && framed) store.note("last", conversation.id);
    });
  }

  // --- Stop, edit, ask again -------------------------------------------------------------------------------------------

  function stop() {
    if (!pending) return;
    const { number, asked } = pending;
    if (accepted === pending.key) byId("stop").click(); // Gradio gives the question up
    finishStopped(number, asked);
  }

  function finishStopped(number, asked) {
    const [article] = byId("current").children;
    article.querySelector(".searching")?.remove();
    article.dataset.state = "stopped";
    const again = node("button", { type: "button", className: "tool", textContent: "Ask again" });
    again.dataset.again = number;
    article.append(node("p", { className: "stopped", textContent: "Stopped." }), node("div", { className: "tools" }, again));
    finish({ number, question: asked.question, html: article.outerHTML, sheet: "" });
    status("Stopped.");
    box().focus({ preventScroll: true });
  }

  function cutBefore(number) {
    conversation.exchanges = conversation.exchanges.filter((exchange) => exchange.number < number);
    draw();
  }

  function setEditing(number) {
    editing = number;
    root.toggleAttribute("data-editing", number !== null);
    document.querySelector(".editing")?.remove();
    if (number === null) return;
    const cancel = node("button", { type: "button", className: "tool", textContent: "Cancel" });
    cancel.dataset.cancelEdit = "";
    const later = conversation.exchanges.some((exchange) => exchange.number > number);
    const words = later ? "You edit an earlier question. The answers after it will be replaced." : "You edit the last question.";
    document.querySelector("#alert .notes").append(node("p", { className: "editing" }, words, cancel));
  }

  function edit(number) {
    const exchange = conversation.exchanges.find((one) => one.number === number);
    if (!exchange) return;
    setEditing(number);
    setBox(exchange.question);
    box().focus({ preventScroll: true });
    box().select();
  }

  function again(number) {
    const exchange = conversation.exchanges.find((one) => one.number === number);
    if (!exchange) return;
    editing = number;
    ask({ ...exchange.asked, question: exchange.question });
  }

  // --- Limits and lost connections ---------------------------------------------------------------------------------------

  function note(words) {
    document.querySelector("#alert .refused")?.remove();
    if (!words) return null;
    const line = node("p", { className: "refused", textContent: words });
    line.setAttribute("role", "alert");
    document.querySelector("#alert .notes").append(line);
    return line;
  }

  // The question was not answered: it goes back into the box.
  function giveBack(words, seconds) {
    const { asked } = pending;
    pending = null;
    root.removeAttribute("data-asking");
    status("");
    draw();
    if (!box().value) setBox(asked.question);
    box().focus({ preventScroll: true });
    if (!seconds) {
      note(words);
      return;
    }
    countDown(words, seconds);
  }

  function countDown(words, seconds) {
    const line = note(`${words} You can ask again in ${seconds} s.`);
    line.setAttribute("role", "status");
    const until = Date.now() + seconds * 1000;
    const timer = setInterval(() => {
      const left = Math.ceil((until - Date.now()) / 1000);
      if (!line.isConnected) clearInterval(timer);
      else if (left > 0) line.textContent = `${words} You can ask again in ${left} s.`;
      else {
        clearInterval(timer);
        line.remove();
      }
    }, 500);
  }

  function connectionLost() {
    if (!pending || lost) return;
    lost = pending;
    const line = note("The server cannot be reached. Your question is kept, and sent as soon as the server is back.");
    line.setAttribute("role", "status");
    waitForServer(1000);
  }

  async function waitForServer(pause) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    if (!lost || pending !== lost) {
      lost = null; // stopped by the reader
      note("");
      return;
    }
    try {
      const answer = await plainFetch(new URL("healthz", document.baseURI), { cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
    } catch (unreachable) {
      waitForServer(Math.min(pause * 1.5, 4000));
      return;
    }
    // Gradio's page does not survive a restart of the server. Ours does: it is loaded anew, and asks by itself.
    store.note("resend", JSON.stringify({ id: conversation.id, asked: lost.asked }), "sessionStorage");
    await store.save({ ...conversation, changed: Date.now() });
    if (framed) store.note("last", conversation.id);
    keepPlace();
    location.reload();
  }

  const plainFetch = window.fetch.bind(window);
  const GRADIO = /\/gradio_api\/(queue\/join|queue\/data|app_id)(?:\/?\?|\/?$)/;

  window.fetch = async (resource, options) => {
    const address = resource instanceof Request ? resource.url : String(resource);
    const match = GRADIO.exec(address);
    if (!match) return plainFetch(resource, options);
    if (match[1] === "app_id") throw new TypeError("Gradio must not load the page anew; conversation.js does");
    const key = match[1] === "queue/join" && pending ? pending.key : "";
    if (key) joined = key;
    let answer;
    try {
      answer = await plainFetch(resource, options);
    } catch (unreachable) {
      if (unreachable.name !== "AbortError") connectionLost();
      throw unreachable;
    }
    if (answer.ok && key) {
      setTimeout(() => (accepted = key), 40); // Gradio first reads the number of its event
      // It was stopped while it was sent.
      if (pending?.key !== key) setTimeout(() => pending || byId("stop").click(), 150);
    }
    if (!answer.ok && pending) {
      const retry = Number(answer.headers.get("retry-after")) || 0;
      if (answer.status === 502 || answer.status === 504) connectionLost();
      else giveBack(await whyRefused(answer.clone()), retry);
    }
    return match[1] === "queue/data" && answer.ok ? watched(answer) : answer;
  };

  // A stream that breaks off is a lost connection; Gradio would only show an error of its own.
  function watched(answer) {
    if (!answer.body) return answer;
    const reader = answer.body.getReader();
    const body = new ReadableStream({
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            controller.close();
            setTimeout(() => pending && joined === pending.key && brokenOff(pending.key), 1500);
          } else controller.enqueue(value);
        } catch (broken) {
          if (broken.name !== "AbortError") connectionLost();
          controller.error(broken);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    });
    return new Response(body, { status: answer.status, headers: answer.headers });
  }

  function brokenOff(key) {
    if (pending?.key === key && joined === key && !document.querySelector(`#wire [data-key="${key}"]`)) connectionLost();
  }

  async function whyRefused(answer) {
    try {
      const { message } = (await answer.json()).error;
      return `${message[0].toUpperCase()}${message.slice(1)}.`;
    } catch (other) {
      return "The chat is busy; try again in a moment."; // Gradio's queue is full
    }
  }

  // --- The box -------------------------------------------------------------------------------------------------------

  function setBox(words) {
    const field = box();
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, "value").set.call(field, words);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  const draftName = () => `draft ${conversation.id || "new"}`;

  document.addEventListener("input", (event) => {
    if (event.target.closest("#question")) store.note(draftName(), event.target.value);
  });

  // Before Gradio's own listeners, which would send the box without the conversation.
  window.addEventListener(
    "keydown",
    (event) => {
      const field = event.target instanceof Element ? event.target.closest("#question textarea") : null;
      if (!field) {
        focusByKey(event);
        return;
      }
      if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
        event.stopPropagation();
        if (event.isComposing) return;
        event.preventDefault();
        ask({ question: field.value });
      } else if (event.key === "ArrowUp" && !field.value && conversation.exchanges.length) {
        event.preventDefault();
        setBox(conversation.exchanges.at(-1).question);
        field.setSelectionRange(field.value.length, field.value.length);
      } else if (event.key === "Escape" && editing !== null) {
        event.preventDefault();
        setEditing(null);
        setBox("");
      } else {
        focusByKey(event);
      }
    },
    true,
  );

  function focusByKey(event) {
    const typing = event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable], dialog");
    const slash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
    const command = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey;
    if (!slash && !command) return;
    event.preventDefault();
    if (root.hasAttribute("data-sheet")) window.almanacClosePanel();
    box()?.focus();
  }

  document.addEventListener(
    "click",
    (event) => {
      const on = (selector) => event.target.closest(selector);
      if (on("#send")) {
        event.stopPropagation();
        ask({ question: box().value });
      } else if (on("#stop") && event.isTrusted) {
        const { key, number, asked } = pending ?? {};
        if (accepted !== key) event.stopPropagation();
        if (pending) setTimeout(() => pending?.number === number && finishStopped(number, asked));
      } else if (on("[data-ask]")) {
        const { ask: question, without, mode, level } = on("[data-ask]").dataset;
        ask({ question, without, mode, level });
      } else if (on("[data-edit]")) {
        edit(Number(on("[data-edit]").dataset.edit));
      } else if (on("[data-again]")) {
        again(Number(on("[data-again]").dataset.again));
      } else if (on("[data-cancel-edit]")) {
        setEditing(null);
        setBox("");
        box().focus();
      } else if (on("[data-fresh]")) {
        leave();
        setAddress("");
        box().focus();
      }
    },
    true,
  );

  // --- The address, the place on the page ------------------------------------------------------------------------------

  function setAddress(id) {
    if (framed) {
      store.note("last", id);
      return;
    }
    const address = new URL(location.href);
    address.searchParams.delete("ask");
    address.hash = id ? `c-${id}` : ""; // the server never sees this part of the address
    if (address.href !== location.href) history.pushState(null, "", address);
  }

  const named = () => (framed ? store.note("last") : /^#c-([0-9a-f]+)$/.exec(location.hash)?.[1]) || "";

  function keepPlace() {
    if (conversation.id) store.note(`place ${conversation.id}`, String(Math.round(window.scrollY)), "sessionStorage");
  }

  function leave() {
    if (pending) stop();
    keepPlace();
    setEditing(null);
    note("");
    status("");
    conversation = fresh();
    draw();
    setBox(store.note(draftName()) || "");
    toTop(null);
  }

  async function open(id) {
    leave();
    const stored = id ? await store.get(id) : undefined;
    if (!stored) return false;
    conversation = stored;
    draw();
    setBox(store.note(draftName()) || "");
    const place = store.note(`place ${id}`, undefined, "sessionStorage");
    if (place === null) toTop(byId("current").querySelector("article"));
    else window.scrollTo({ top: Number(place), behavior: "auto" });
    return true;
  }

  window.addEventListener("pagehide", keepPlace);
  document.addEventListener("visibilitychange", keepPlace);
  window.addEventListener("popstate", () => {
    if (named() !== conversation.id) open(named());
  });

  // --- Start -------------------------------------------------------------------------------------------------------------

  async function begin() {
    welcome = document.querySelector("#current .welcome").cloneNode(true);
    setting.name = document.title;
    new MutationObserver(() => received(byId("wire"))).observe(byId("wire"), { subtree: true, childList: true, attributes: true });
    if ("scrollRestoration" in history) history.scrollRestoration = "manual";
    const address = new URL(location.href);
    const question = framed ? "" : (address.searchParams.get("ask") || "").trim();
    const id = question ? "" : named();
    if (id && !(await open(id)) && !framed) history.replaceState(null, "", new URL(".", document.baseURI));
    if (!id) setBox(box().value || store.note(draftName()) || "");
    root.setAttribute("data-kept", ""); // the conversation is back
    const resent = JSON.parse(store.note("resend", undefined, "sessionStorage") || "null");
    store.note("resend", null, "sessionStorage");
    if (resent && resent.id === conversation.id) ask(resent.asked);
    else if (resent && !conversation.exchanges.length) ask(resent.asked);
    else if (question) {
      address.searchParams.delete("ask"); // so that going back or reloading does not ask again
      history.replaceState(null, "", address);
      ask({ question });
    }
  }

  // Opening one from the list is a step that Back undoes.
  window.almanacGo = async (id) => {
    if (id === conversation.id) return;
    setAddress(id);
    await open(id);
    box().focus({ preventScroll: true });
  };

  window.almanac = {
    ask,
    open,
    setLevel: (level) => (setting.level = level || null),
    current: () => conversation,
    isEmpty: () => !conversation.exchanges.length && !pending,
    async forget(id) {
      if (id) await store.remove(id);
      else await store.clear();
      if (!id || id === conversation.id) {
        conversation = fresh(); // nothing of it is saved again
        pending = null;
        root.removeAttribute("data-asking");
        leave();
        setAddress("");
      }
    },
    async rename(id, words) {
      const stored = id === conversation.id ? conversation : await store.get(id);
      if (!stored) return;
      stored.title = words.slice(0, MAX_TITLE);
      await store.save(stored);
    },
  };

  const ready = new MutationObserver(() => {
    if (!root.hasAttribute("data-ready")) return;
    ready.disconnect();
    begin();
  });
  ready.observe(root, { attributes: true, attributeFilter: ["data-ready"] });
  if (root.hasAttribute("data-ready")) begin();
})();
