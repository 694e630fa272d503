/** How many steps a worker takes at a time, and how many workers share a run. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { workersFor } from "../../www/shell/cores.js";
import { nextSteps, smoothedRate } from "../../www/shell/pump.js";

/** The number of steps that the pump settles on where a turn costs this. */
function settled(perStep, snapshot) {
  let steps = 1;
  for (let turn = 0; turn < 40; turn += 1) steps = nextSteps(steps, snapshot + steps * perStep, snapshot);
  return steps;
}

test("cheap steps fill a turn of 40 ms, snapshot included", () => {
  assert.equal(settled(1, 2), 38);
  assert.equal(settled(0.1, 2), 380);
});

test("where a snapshot is expensive a turn grows, but nobody waits longer than 60 ms", () => {
  assert.equal(settled(1, 25), 25);
  assert.equal(settled(1, 40), 20);
});

test("it is always at least one step, and it grows at most twofold", () => {
  assert.equal(settled(500, 2), 1);
  assert.equal(settled(1, 100), 1);
  assert.equal(nextSteps(3, 3, 2), 6);
});

test("a rate is smoothed over about a second", () => {
  assert.equal(smoothedRate(0, 4, 40), 100);
  const after = (ms) => {
    let rate = 100;
    for (let time = 0; time < ms; time += 40) rate = smoothedRate(rate, 8, 40);
    return rate;
  };
  assert.ok(Math.abs(after(1000) - (200 - 100 / Math.E)) < 1);
  assert.ok(after(5000) > 199);
});

test("one core is left for the page, four workers are the most, and none is opened that would shorten nothing", () => {
  const cases = [[1, 16, 1], [2, 1, 1], [2, 2, 1], [2, 3, 2], [2, 16, 2], [3, 3, 2], [3, 4, 3], [4, 4, 2], [4, 5, 4], [6, 3, 2], [6, 4, 3], [6, 64, 3], [8, 64, 4]];
  for (const [lanes, cores, workers] of cases) assert.equal(workersFor(lanes, cores), workers, `${lanes} lanes on ${cores} cores`);
});
