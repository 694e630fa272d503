/**
 * A worker that computes some lanes of a run. The worker of the run opens it and sends it messages, which it takes in order; a question
 * gets one answer, and after a failure every answer is that failure.
 */

import { openEngine, sentenceOf, start } from "./engine.js";

/** @import { Engine } from "./engine.js" */
/** @import { FromLaneWorker, ToLaneWorker } from "./types.js" */

/** @type {Engine} */
let engine;
/** The sentence of the first failure. */
let failure = "";

/** The answer to a message, where it is a question. @param {ToLaneWorker} message @returns {Promise<FromLaneWorker | undefined>} */
async function answer(message) {
  switch (message.type) {
    case "open":
      engine = await openEngine("cpu", message.module);
      return { type: "ready" };
    case "start":
      start(engine, message);
      engine.share(message.index, message.of);
      return { type: "ready" };
    case "step":
      await engine.step(message.steps);
      return { type: "ready" };
    case "report":
      return { type: "report", bytes: await engine.report(message.steps) };
    case "set":
      return void engine.set(JSON.stringify(message.values));
    case "merge":
      return void engine.merge(message.parts);
  }
}

/** @param {ToLaneWorker} message */
async function take(message) {
  /** @type {FromLaneWorker | undefined} */
  let reply;
  try {
    if (!failure) reply = await answer(message);
  } catch (error) {
    failure = sentenceOf(error);
  }
  if (message.type === "set" || message.type === "merge") return;
  if (failure || !reply) reply = { type: "failed", sentence: failure };
  /** @type {any} */ (self).postMessage(reply, reply.type === "report" ? [reply.bytes.buffer] : []);
}

let last = Promise.resolve();
self.onmessage = ({ data }) => (last = last.then(() => take(data)));
