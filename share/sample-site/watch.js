// Asks status.so twice a second and shows which worker answered.
"use strict";

const pollMs = 500;
const dotsKept = 200;
const show = (id, text) => { document.getElementById(id).textContent = text; };
const strip = document.getElementById("strip");
const button = document.querySelector("#crash button");
const hues = new Map();          // pid -> hue, in the order the workers were met; never the red of a failure
let answers = 0, failed = 0, worker = null, crashedAt = null;

function addDot(pid) {
  const dot = document.createElement("i");
  if (pid === null) {
    dot.className = "bad";
  } else {
    if (!hues.has(pid)) hues.set(pid, 36 + (hues.size * 137) % 300);
    dot.style.background = `hsl(${hues.get(pid)} 75% 52%)`;
    dot.title = `pid ${pid}`;
  }
  strip.append(dot);
  if (strip.childElementCount > dotsKept) strip.firstChild.remove();
  while (strip.scrollHeight > strip.clientHeight + 4 && strip.firstChild) strip.firstChild.remove();
}

function meet(status) {
  if (worker !== null && worker !== status.pid) {
    const after = crashedAt === null ? "" : ` ${Math.max(1, Math.round(performance.now() - crashedAt))} ms after the button`;
    show("event", `A new worker answers${after}: process ${status.pid} in place of ${worker}. ` +
                  (failed ? `${failed} of this page’s polls have failed.` : "Not one of this page’s polls has failed."));
    crashedAt = null;
  }
  worker = status.pid;
  show("worker", `pid ${status.pid}`);
  show("kill-pid", status.pid);
  show("started", new Date(status.startedAt).toLocaleTimeString());
}

async function poll() {
  let pid = null;
  try {
    const response = await fetch("status.so", {cache: "no-store"});
    if (response.ok) {
      const status = await response.json();
      pid = status.pid;
      addDot(pid);
      meet(status);
    } else if (response.status === 503) {
      show("event", "503: rapid-fail protection has stopped the pool. “osmia start pool DefaultAppPool” brings it back.");
    }
  } catch (error) {
    show("event", "The server does not answer. Has it been stopped?");
  }
  if (pid === null) {
    ++failed;
    addDot(null);
    document.getElementById("failed").classList.add("some");
  } else {
    ++answers;
  }
  show("answers", answers);
  show("failed", failed);
  show("workers", hues.size);
  return pid;
}

async function watch() {
  if (!document.hidden) await poll();
  setTimeout(watch, pollMs);
}

document.getElementById("crash").addEventListener("submit", async (event) => {
  event.preventDefault();
  button.disabled = true;
  crashedAt = performance.now();
  try {
    const response = await fetch("fault.so", {method: "POST"});
    show("event", `The POST got ${response.status}: worker ${worker} is gone. Waiting for the next one …`);
    await poll();
  } finally {
    button.disabled = false;
  }
});

async function showLatest() {
  const response = await fetch("guestbook.so?view=latest");
  if (response.ok) document.getElementById("latest").innerHTML = await response.text();   // escaped by the guestbook
}

watch();
showLatest();
