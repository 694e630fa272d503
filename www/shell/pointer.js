/** Pointer, touch and arrow keys of a figure: the events, which the figure's kind of action turns into values. */

import { crosshair } from "./crosshair.js";
import { follow, kinds, NEAR } from "./figure-actions.js";

/** @import { Gesture, Kind, Position } from "./figure-actions.js" */
/** @import { Figure } from "./figures.js" */
/** @import { Action } from "./types.js" */

/** How far an arrow key moves, in CSS pixels; with Shift one pixel. */
const KEY_STEP = 8;
/** @type {Record<string, [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Binds the canvas of one figure.
 * @param {Figure} figure
 * @param {Pick<Gesture, "list" | "spec" | "set">} values
 */
export function pointer(figure, values) {
  const { canvas } = figure;
  const cross = crosshair(canvas);
  const gesture = /** @type {Gesture} */ ({ figure, cross, held: -1, ink: 1, trail: null, cursor: null, selected: 0, ...values });

  /** @param {{ clientX: number, clientY: number }} event @returns {Position} */
  const at = ({ clientX, clientY }) => {
    const { left, top } = canvas.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };
  /** The figure's action with its kind, once the figure is drawn. */
  const now = () => {
    const action = figure.map && figure.about?.pointer;
    return action ? { action, kind: kinds[action.kind] } : null;
  };
  /** @param {{ action: Action, kind: Kind }} is @param {Position} position @param {number} reach */
  const holdable = ({ action, kind }, position, reach) => kind.holdable?.(gesture, action, position, reach) ?? -1;
  const reachOf = (/** @type {PointerEvent} */ event) => (event.pointerType === "touch" ? NEAR.touch : NEAR.mouse);

  canvas.addEventListener("pointerdown", (event) => {
    const is = now();
    if (!is || event.button !== 0) return;
    const { action, kind } = is;
    gesture.held = kind.press ? 0 : holdable(is, at(event), reachOf(event));
    if (gesture.held < 0) return;
    if (kind.press) kind.press(gesture, action, at(event));
    else gesture.selected = gesture.held;
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!figure.map) return;
    follow(gesture, at(event));
    const is = now();
    if (!is) return;
    const { action, kind } = is;
    canvas.style.touchAction = kind.touch(gesture);
    if (gesture.held >= 0) for (const part of event.getCoalescedEvents?.() ?? [event]) kind.pull?.(gesture, action, at(part));
    else canvas.style.cursor = holdable(is, at(event), reachOf(event)) >= 0 ? "grab" : "crosshair";
  });
  const release = () => Object.assign(gesture, { held: -1, trail: null });
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("pointerleave", () => gesture.held < 0 && cross.hide());
  canvas.addEventListener("click", (event) => {
    const is = now();
    is?.kind.click?.(gesture, is.action, at(event), reachOf(/** @type {PointerEvent} */ (event)));
  });
  // A finger on a point drags it; a finger beside it scrolls the page.
  const touched = (/** @type {TouchEvent} */ event) => {
    const is = event.touches.length === 1 && now();
    if (is && (is.kind.keeps?.(gesture, is.action) || holdable(is, at(event.touches[0]), NEAR.touch) >= 0)) event.preventDefault();
  };
  canvas.addEventListener("touchstart", touched, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const is = now();
    const direction = ARROWS[event.key] ?? null;
    if (!is || !(direction || event.key === "Enter" || event.key === " ")) return;
    event.preventDefault();
    is.kind.key(gesture, is.action, direction, event.shiftKey ? 1 : KEY_STEP);
  });
  canvas.addEventListener("blur", cross.hide);
}
