/** How many steps a worker takes at a time, and how many workers share a run. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { workersFor } from "../../www/shell/cores.js";
import { nextSteps, settledPace, smoothedRate, snapshotDue } from "../../www/shell/pump.js";

/** The number of steps that the pump settles on where one step costs this. */
function settled(perStep) {
  let steps = 1;
  for (let turn = 0; turn < 40; turn += 1) steps = nextSteps(steps, steps * perStep);
  return steps;
}

test("steps fill a slice of 25 ms, whatever a snapshot costs", () => {
  assert.equal(settled(1), 25);
  assert.equal(settled(0.1), 250);
});

test("it is always at least one step, and it grows at most twofold", () => {
  assert.equal(settled(500), 1);
  assert.equal(nextSteps(3, 3), 6);
});

test("there are 25 snapshots a second, and they take a quarter of the time at most", () => {
  for (const snapshot of [0, 1, 10, 40, 100, 1000]) {
    let stepped = 0;
    while (!snapshotDue(stepped, snapshot)) stepped += 1;
    const turn = stepped + snapshot;
    assert.ok(turn >= 40 && snapshot <= turn / 4, `${snapshot} of ${turn} ms`);
    assert.ok(turn === Math.max(40, 4 * snapshot), `${snapshot} of ${turn} ms`);
  }
});

/** A device on a clock of its own: `cost` is what a step takes at a time. */
function device(cost) {
  let time = 0;
  return [async (steps) => { for (let step = 0; step < steps; step += 1) time += cost(time); }, () => time];
}

test("the pace of a device is what it settles on, not what it begins with", async () => {
  const compiled = device((time) => (time < 50_000 ? 50_000 : 4));
  assert.ok(Math.abs((await settledPace(...compiled)) - 4) < 0.1, "shaders first");
  const tiered = device((time) => (time < 800 ? 90 : 3));
  assert.ok(Math.abs((await settledPace(...tiered)) - 3) < 0.1, "unoptimised code first");
  const dear = device(() => 700);
  assert.equal(await settledPace(...dear), 700);
  assert.ok(dear[1]() < 6000, "and it ends");
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
