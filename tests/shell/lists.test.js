/** Lists and numbers that pointers change. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { added, moved, painted, removed, stepped } from "../../www/shell/lists.js";

const RANGE = { min: -1, max: 1, longest: 4 };

test("a point is moved within its range, and no other", () => {
  const list = [0.1, 0.2, 0.3, 0.4];
  assert.deepEqual(moved(list, 2, 1, [0.123456, 5], RANGE), [0.1, 0.2, 0.1235, 1]);
  assert.deepEqual(moved(list, 1, 2, [-7, 0], RANGE), [0.1, 0.2, -1, 0.4]);
  assert.deepEqual(list, [0.1, 0.2, 0.3, 0.4]);
});

test("a point is added until the list is full, and removed", () => {
  assert.deepEqual(added([0, 0], [0.5, 2], RANGE), [0, 0, 0.5, 1]);
  assert.deepEqual(added([0, 0, 1, 1], [0.5, 0.5], RANGE), [0, 0, 1, 1]);
  assert.deepEqual(removed([1, 2, 3, 4, 5, 6], 2, 1), [1, 2, 5, 6]);
});

test("a brush on 8×8 is a pixel and its neighbours; it does not run over an edge", () => {
  const blank = new Array(64).fill(0);
  const inside = painted(blank, 9, 8, 1);
  assert.deepEqual([inside[9], inside[8], inside[10], inside[1], inside[17], inside[0]], [1, 0.5, 0.5, 0.5, 0.5, 0]);
  const edge = painted(blank, 15, 8, 1);
  assert.equal(edge[16], 0, "the first pixel of the next row is no neighbour");
  assert.equal(edge.reduce((sum, ink) => sum + ink), 1 + 3 * 0.5);
  assert.deepEqual([painted(inside, 9, 8, 0)[9], painted(inside, 9, 8, 0)[8]], [0, 0.5]);
});

test("on 28×28 it is as thick as a stroke there", () => {
  const stroke = painted(new Array(784).fill(0), 14 * 28 + 14, 28, 1);
  assert.equal(stroke.filter((ink) => ink === 1).length, 5);
});

test("a number keeps to its steps and its range", () => {
  assert.equal(stepped(0.34, { min: 0, max: 1, step: 0.1 }), 0.3);
  assert.equal(stepped(7, { min: 0, max: 1, step: 0.1 }), 1);
  assert.equal(stepped(0.123, { min: 0, max: 1, step: 0 }), 0.123);
});
