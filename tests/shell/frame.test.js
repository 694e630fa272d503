/** The one animation frame: what is asked for between two frames is done in one, in order. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { frames } from "../../www/shell/frame.js";
import { Settings } from "../../www/shell/settings.js";

/** Frames that a test lets through one by one. */
function byHand() {
  const asked = [];
  const made = frames((work) => asked.push(work));
  return { ...made, asked, next: () => asked.shift()() };
}

test("however often it is asked for, it is one frame: every demo updates, then every demo draws", () => {
  const { request, join, asked, next } = byHand();
  const done = [];
  for (const name of ["a", "b"]) join({ update: () => done.push(`update ${name}`), draw: () => done.push(`draw ${name}`), fail: assert.fail });
  for (let events = 0; events < 5; events += 1) request();
  assert.equal(asked.length, 1);
  next();
  assert.deepEqual(done, ["update a", "update b", "draw a", "draw b"]);
  assert.equal(asked.length, 0);
  request();
  assert.equal(asked.length, 1);
});

test("a demo that fails stops no other, and is drawn again", () => {
  const { request, join, asked, next } = byHand();
  const told = [];
  let drawn = 0;
  join({ update: () => { throw new Error("no"); }, draw: () => {}, fail: (error) => told.push(error.message) });
  join({ update: () => {}, draw: () => (drawn += 1), fail: assert.fail });
  request();
  next();
  assert.deepEqual([told, drawn, asked.length], [["no"], 1, 1]);
});

test("one change of several controls is completed once; the device is the shell's own", () => {
  const calls = [];
  const page = {
    complete(demo, values) {
      calls.push([demo, JSON.parse(values)]);
      return JSON.stringify({ values: { ...JSON.parse(values), theta: 20 }, notes: ["It was too large."] });
    },
  };
  const demo = { name: "demo", device: true, controls: [{ name: "theta", kind: "number", default: 10, effect: "live" }, { name: "beta", kind: "number", default: 1, effect: "restart" }] };
  const settings = new Settings(demo, page);
  assert.deepEqual(settings.values, { theta: 10, beta: 1, device: "auto" });
  const { notes, moved } = settings.take({ theta: 1000, device: "abacus" });
  assert.deepEqual(calls, [["demo", { theta: 1000, beta: 1 }]]);
  assert.deepEqual(notes, ["It was too large."]);
  assert.deepEqual(moved.map(({ name }) => name), ["theta"]);
  assert.deepEqual([settings.values, settings.own()], [{ theta: 20, beta: 1, device: "auto" }, { theta: 20, beta: 1 }]);
  assert.deepEqual(settings.take({ device: "cpu" }).moved.map(({ name }) => name), ["device"]);
  assert.equal(settings.device(), "cpu");
});
