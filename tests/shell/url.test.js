/** The address of a demo, there and back. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { format, parse, valuesOf } from "../../www/shell/url.js";

const SPECS = [
  { name: "theta", kind: "number", default: 10 },
  { name: "sizes", kind: "list", default: [1, 10] },
  { name: "baseline", kind: "toggle", default: false },
  { name: "kernel", kind: "choice", default: "rbf" },
  { name: "seed", kind: "number", default: 1 },
];
const DEFAULTS = { theta: 10, sizes: [1, 10], baseline: 0, kernel: "rbf", seed: 1 };

test("only what differs is in the address, and the seed always", () => {
  assert.equal(format("demo", SPECS, DEFAULTS), "#demo?seed=1");
  const values = { ...DEFAULTS, theta: -0.5, sizes: [1, 10, 100], baseline: 1 };
  assert.equal(format("demo", SPECS, values, { hide: ["seed", "theta"], slide: "1.8" }), "#demo?theta=-0.5&sizes=1,10,100&baseline=1&seed=1&hide=seed,theta&slide=1.8");
});

test("what is written is read again", () => {
  const values = { theta: 0.25, sizes: [], baseline: 1, kernel: "a & b", seed: 7 };
  const { name, given, hide, slide } = parse(format("demo", SPECS, values, { hide: ["seed"], slide: "4" }));
  assert.deepEqual([name, hide, slide], ["demo", ["seed"], "4"]);
  assert.deepEqual({ ...DEFAULTS, ...valuesOf(SPECS, given) }, values);
});

test("what cannot be read stays as it is, for the sentence about it", () => {
  const given = { theta: "much", sizes: "1;x 2", baseline: "on", unknown: "1" };
  assert.deepEqual(valuesOf(SPECS, given), { theta: "much", sizes: [1, 2], baseline: 1, unknown: "1" });
});

test("addresses of other kinds", () => {
  assert.deepEqual(parse(""), { name: "", given: {}, hide: [], slide: "" });
  assert.deepEqual(parse("#part-1"), { name: "part-1", given: {}, hide: [], slide: "" });
  assert.equal(parse("#?slide=1.8").slide, "1.8");
  assert.equal(parse("#%E0%A4%A").name, "%E0%A4%A", "a broken escape is no error");
  assert.deepEqual(parse("#demo?theta=1?2").given, { theta: "1?2" });
});
