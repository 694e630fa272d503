/** Numbers as they are typed, moved and read. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { brief, defaults, NOTCHES, notchOf, numbersIn, rounded, same, typeset, valueAt } from "../../www/shell/numbers.js";

test("a number shows as many digits as its error has to say", () => {
  assert.deepEqual(rounded(1.23456, 0.0345, 2), { text: "1.23", error: "± 0.03" });
  // A leading 1 keeps one digit more: 0.1 for 0.14 would be off by 40 %.
  assert.deepEqual(rounded(1.23456, 0.0145, 2), { text: "1.235", error: "± 0.015" });
  assert.deepEqual(rounded(1234.5, 25, 2), { text: "1235", error: "± 25" });
});

test("without an error it shows as many digits as the registry asks for", () => {
  assert.equal(rounded(1.23456, null, 2).text, "1.23");
  assert.equal(rounded(1.23456, 0, -3).text, "1.23");
  assert.equal(rounded(1234567, null, -3).text, "1230000");
  assert.equal(rounded(1.5e20, null, -3).text, "1.50e+20");
  assert.equal(rounded(0.0000123, null, -2).text, "0.000012");
  for (const unknown of [NaN, Infinity]) assert.deepEqual(rounded(unknown, 1, 2), { text: "–", error: "" });
});

test("minus signs are set, and none before a zero", () => {
  assert.deepEqual(["-1.5", "-0.00", "-0", "1e-7", "-0.01"].map(typeset), ["−1.5", "0.00", "0", "1e−7", "−0.01"]);
  assert.deepEqual([0, 1234.5, -0.01234, 1e-5].map(brief), ["0", "1230", "−0.0123", "1.00e−5"]);
});

test("a logarithmic slider reaches both ends and comes back to where it was", () => {
  const spec = { min: 0.001, max: 10, integer: false };
  assert.equal(notchOf(spec, 0.001), 0);
  assert.equal(Math.round(notchOf(spec, 10)), NOTCHES);
  assert.equal(valueAt(spec, 0), 0.001);
  assert.equal(valueAt(spec, NOTCHES), 10);
  for (let notch = 0; notch <= NOTCHES; notch += 1) {
    const value = valueAt(spec, notch);
    assert.equal(value, Number(value.toPrecision(3)));
    assert.ok(Math.abs(notchOf(spec, value) - notch) < 0.6, `notch ${notch}`);
  }
  const whole = { min: 1, max: 1000, integer: true };
  for (const notch of [0, 333, 512, NOTCHES]) assert.ok(Number.isInteger(valueAt(whole, notch)));
});

test("numbers are found in what was typed", () => {
  assert.deepEqual(numbersIn(" 1, 10; 100\n1e3 x -2.5"), [1, 10, 100, 1000, -2.5]);
  assert.deepEqual(numbersIn("x"), []);
});

test("defaults are values: a toggle is 0 or 1", () => {
  const specs = [{ name: "on", kind: "toggle", default: true }, { name: "theta", kind: "number", default: 10 }];
  assert.deepEqual(defaults(specs), { on: 1, theta: 10 });
  assert.ok(same([1, 2], [1, 2]) && !same([1, 2], [2, 1]));
});
