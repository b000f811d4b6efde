/* Conversations in the browser's own database, one for each site that the chat is shown in. The server keeps none.
   If the browser blocks storage, the chat works, and a conversation is lost when the page is closed. */
"use strict";

(() => {
  const told = document.querySelector('meta[name="almanac-embed"]');
  const NAME = `almanac-conversations${told ? ` in ${told.dataset.parent || "a frame"}` : ""}`;
  const TABLE = "conversations";
  const MAX_CONVERSATIONS = 200; // the oldest are removed
  let opening = null;

  function open() {
    opening ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(TABLE, { keyPath: "id" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    return opening;
  }

  async function use(mode, action) {
    const table = (await open()).transaction(TABLE, mode).objectStore(TABLE);
    const request = action(table);
    return new Promise((resolve, reject) => {
      table.transaction.oncomplete = () => resolve(request.result);
      table.transaction.onabort = table.transaction.onerror = () => reject(table.transaction.error);
    });
  }

  // Reading and writing never throw: `otherwise` is returned when the browser does not allow it.
  async function safely(action, otherwise) {
    try {
      return await action();
    } catch (refused) {
      return otherwise;
    }
  }

  async function save(conversation) {
    return safely(async () => {
      await use("readwrite", (table) => table.put(conversation));
      const all = await list();
      for (const old of all.slice(MAX_CONVERSATIONS)) await remove(old.id);
      return true;
    }, false);
  }

  const get = (id) => safely(() => use("readonly", (table) => table.get(id)), undefined);
  const remove = (id) => safely(() => use("readwrite", (table) => table.delete(id)), undefined);

  async function list() {
    const all = await safely(() => use("readonly", (table) => table.getAll()), []);
    return all.sort((one, other) => other.changed - one.changed);
  }

  async function clear() {
    await safely(() => use("readwrite", (table) => table.clear()), undefined);
    for (const storage of ["localStorage", "sessionStorage"]) {
      await safely(() => {
        const names = Object.keys(window[storage]).filter((name) => name.startsWith(`${NAME}: `));
        for (const name of names) window[storage].removeItem(name);
      });
    }
  }

  // Short texts: drafts, the place on the page, the conversation that was open last.
  function note(kind, value, storage = "localStorage") {
    try {
      if (value === undefined) return window[storage].getItem(`${NAME}: ${kind}`);
      if (value === null || value === "") window[storage].removeItem(`${NAME}: ${kind}`);
      else window[storage].setItem(`${NAME}: ${kind}`, value);
    } catch (refused) {
      return null;
    }
    return null;
  }

  window.almanacStore = { save, get, remove, list, clear, note };
})();
