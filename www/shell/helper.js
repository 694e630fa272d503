/**
 * A helper: a worker that the worker of a run opens to compute some of the run's lanes. It does what it is told, in order.
 * A question gets one answer; after a failure every answer is that failure.
 */

import { begin, openEngine, wordsOf } from "./lab.js";
import { known, toHelper } from "./messages.js";

/** @type {any} the exports of the engine */
let engine = null;
/** The sentence of the first failure. */
let failure = "";

const actions = {
  async open({ module }) {
    ({ engine } = await openEngine("cpu", module));
    return { type: "ready" };
  },
  start(message) {
    begin(engine, message);
    engine.share(message.index, message.of);
    return { type: "ready" };
  },
  async report({ steps }) {
    return { type: "report", bytes: await engine.report(steps) };
  },
  set({ values }) {
    engine.set(JSON.stringify(values));
  },
  hear({ parts }) {
    engine.hear(parts);
  },
};
const questions = ["open", "start", "report"];

async function obey(message) {
  let answer = null;
  try {
    if (!failure) answer = await actions[known(toHelper, message).type](message);
  } catch (error) {
    failure = wordsOf(error);
  }
  if (!questions.includes(message.type)) return;
  if (failure) self.postMessage({ type: "failed", sentence: failure });
  else self.postMessage(answer, answer.bytes ? [answer.bytes.buffer] : []);
}

let last = Promise.resolve();
self.onmessage = ({ data }) => (last = last.then(() => obey(data)));
