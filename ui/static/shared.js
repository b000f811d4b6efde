/* What several scripts of the chat use. */
"use strict";

(() => {
  const MAX_SENT_CITED = 12;

  // An element, made without markup strings.
  function node(name, properties, ...inside) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...inside);
    return made;
  }

  // One line of text at the end of an element, for what a button in it did; a later one replaces it.
  function tell(container, className, words, wrong) {
    let line = container.querySelector(`.${className}`);
    if (!line) {
      line = node("p", { className });
      line.setAttribute("role", "status");
      container.append(line);
    }
    line.classList.toggle("wrong", Boolean(wrong));
    line.textContent = words;
  }

  // The answer in an article, as the server gave it; null if it has none.
  function answerIn(article) {
    const data = article?.querySelector(".answer-data");
    return data ? JSON.parse(data.content.textContent) : null;
  }

  // A question and its answer as two messages of a conversation.
  function turnsOf(answer, longest = Infinity) {
    const words = answer.sentences.map((sentence) => sentence.text).join(" ") || answer.reason || answer.text;
    const cited = [...new Set(answer.citations.map((citation) => citation.entry_id))].slice(0, MAX_SENT_CITED);
    return [
      { role: "user", content: answer.question, searched_for: answer.searched_for },
      { role: "assistant", content: words.slice(0, longest), cited, suggestions: answer.suggestions },
    ];
  }

  window.almanacShared = { node, tell, answerIn, turnsOf };
})();
