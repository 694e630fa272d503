/** What a press, a drag and the keys do in a figure, for each kind of action that a figure may declare. */

import { added, moved, painted, removed, stepped } from "./lists.js";
import { brief } from "./numbers.js";

/** @import { About, Action, Control, FigureMap, Grip } from "./types.js" */

/** How near a press must be to a point, in CSS pixels, for a mouse and for a finger. */
export const NEAR = { mouse: 16, touch: 32 };
/** How far a brush may go without painting, in CSS pixels. */
const BRUSH_STEP = 3;

/**
 * @typedef {[number, number]} Position  CSS pixels of the canvas
 *
 * @typedef {object} Gesture  the pointer and the keys of one figure
 * @property {{ canvas: HTMLCanvasElement, about: About, map: FigureMap }} figure as it is drawn now
 * @property {(control: string) => number[]} list
 * @property {(control: string) => Control} spec
 * @property {(control: string, value: number | number[]) => void} set
 * @property {ReturnType<typeof import("./crosshair.js").crosshair>} cross
 * @property {number} held the point that a press holds, by its place in the list; -1 while none is
 * @property {number} ink of a brush: 1 draws, 0 rubs out
 * @property {Position | null} trail where the brush was last, while it is down
 * @property {Position | null} cursor where the keys are
 * @property {number} selected the group, image or pixel that the keys work on
 *
 * @typedef {object} Kind
 * @property {(gesture: Gesture) => string} touch the canvas's `touch-action`
 * @property {(gesture: Gesture, action: Action) => boolean} [keeps] whether a touch anywhere belongs to the figure and does not scroll
 * @property {(gesture: Gesture, action: Action, position: Position, reach: number) => number} [holdable] what a press here would hold; -1: nothing
 * @property {(gesture: Gesture, action: Action, position: Position) => void} [press] begins where `holdable` does not say what is held
 * @property {(gesture: Gesture, action: Action, position: Position) => void} [pull] the pointer moved with something held
 * @property {(gesture: Gesture, action: Action, position: Position, reach: number) => void} [click]
 * @property {(gesture: Gesture, action: Action, direction: Position | null, step: number) => void} key an arrow, or null for Enter and space
 */

/** The data under a position; empty outside the axes. @param {Gesture} gesture @param {Position} position */
const data = ({ figure }, [x, y]) => figure.map.locate(x, y);

/** Shows where a position is. @param {Gesture} gesture @param {Position} position */
export function follow(gesture, position) {
  const where = data(gesture, position);
  if (where.length === 2) gesture.cross.at(...position, `${brief(where[0])}, ${brief(where[1])}`);
  else gesture.cross.hide();
  return where;
}

/** Where point `index` is, in CSS pixels; a point without a y follows the pointer's. @param {Gesture} gesture @param {Action} action @param {number} index @param {Position} near */
function placeOf(gesture, { control, stride = 2, scale = 1 }, index, near) {
  const numbers = gesture.list(control);
  const y = stride > 1 ? scale * numbers[index * stride + 1] : (data(gesture, near)[1] ?? 0);
  return /** @type {Position} */ ([...gesture.figure.map.place(scale * numbers[index * stride], y)]);
}

/** @param {Gesture} gesture @param {Action} action */
const points = (gesture, { control, stride = 2, count = Infinity }) => Math.min(count, gesture.list(control).length / stride);

/** The point of a list nearest to a position; -1 when none is within reach. @type {NonNullable<Kind["holdable"]>} */
function nearest(gesture, action, position, reach) {
  let best = -1;
  let least = reach;
  for (let index = 0; index < points(gesture, action); index += 1) {
    const [x, y] = placeOf(gesture, action, index, position);
    const distance = action.stride === 1 ? Math.abs(x - position[0]) : Math.hypot(x - position[0], y - position[1]);
    if (distance < least) [best, least] = [index, distance];
  }
  return best;
}

/** Moves a point to a place given in data units. @param {Gesture} gesture @param {Action} action @param {number} index @param {number[]} where */
function move(gesture, { control, stride = 2, scale = 1 }, index, where) {
  const [x, y] = where.map((value) => value / scale);
  gesture.set(control, moved(gesture.list(control), stride, index, [x, y], gesture.spec(control)));
}

/** Moves the keys' cursor and shows where it is. @param {Gesture} gesture @param {Position | null} direction @param {number} step */
function wander(gesture, direction, step) {
  const cursor = (gesture.cursor ??= middle(gesture));
  if (direction) {
    const next = beside(cursor, direction, step);
    if (data(gesture, next).length === 2) gesture.cursor = next;
  }
  follow(gesture, gesture.cursor);
  return gesture.cursor;
}
/** @param {Gesture} gesture @returns {Position} */
const middle = ({ figure: { canvas } }) => [canvas.clientWidth / 2, canvas.clientHeight / 2];
/** @param {Position} position @param {Position} direction @param {number} step @returns {Position} */
const beside = ([x, y], [right, down], step) => [x + step * right, y + step * down];
/** Moves the selection in a grid of `columns`. @param {Gesture} gesture @param {Position} direction @param {number} columns @param {number} count */
function select(gesture, [right, down], columns, count) {
  gesture.selected = Math.min(Math.max(gesture.selected + right + columns * down, 0), count - 1);
}

/** @param {Gesture} gesture @param {Grip} grip @param {number} value */
const steer = (gesture, { control }, value) => gesture.set(control, stepped(value, gesture.spec(control)));

/** Takes the point at a position away, or adds one. @type {NonNullable<Kind["click"]>} */
function addOrRemove(gesture, action, position, reach) {
  const { control } = action;
  const hit = nearest(gesture, action, position, reach);
  const [x, y] = data(gesture, position);
  if (hit >= 0) gesture.set(control, removed(gesture.list(control), 2, hit));
  else if (y !== undefined) gesture.set(control, added(gesture.list(control), [x, y], gesture.spec(control)));
}

/** Picks the image or the place at a position. @type {NonNullable<Kind["pull"]>} */
function pick(gesture, { control }, position) {
  if (gesture.figure.about.kind === "images") {
    const image = gesture.figure.map.index(...position);
    if (image >= 0) gesture.set(control, [(gesture.selected = image)]);
    return;
  }
  const [x, y] = data(gesture, position);
  if (y !== undefined) gesture.set(control, moved([0, 0], 2, 0, [x, y], gesture.spec(control)));
}

/** The image that is painted, black where there is none yet. @param {Gesture} gesture @param {Action} action */
function painting(gesture, { control }) {
  const { width, height } = gesture.figure.about;
  const numbers = gesture.list(control);
  return numbers.length === width * height ? numbers : new Array(width * height).fill(0);
}

/** Paints from the brush's last place to the next: a fast pointer leaves no gaps. @type {NonNullable<Kind["pull"]>} */
function brush(gesture, action, position) {
  const { about, map } = gesture.figure;
  const [x, y] = gesture.trail ?? position;
  const places = Math.ceil(Math.hypot(position[0] - x, position[1] - y) / BRUSH_STEP) || 1;
  let numbers = painting(gesture, action);
  for (let place = 1; place <= places; place += 1) {
    const share = place / places;
    const pixel = map.pixel(x + share * (position[0] - x), y + share * (position[1] - y));
    if (pixel >= 0) numbers = painted(numbers, pixel, about.width, gesture.ink);
  }
  gesture.trail = position;
  gesture.set(action.control, numbers);
}

/** @type {Record<Action["kind"], Kind>} */
export const kinds = {
  drag: {
    touch: () => "pan-y",
    holdable: nearest,
    pull(gesture, action, position) {
      const where = data(gesture, position);
      if (where.length === 2) move(gesture, action, gesture.held, where);
    },
    key(gesture, action, direction, step) {
      const count = points(gesture, action);
      if (count === 0) return;
      if (!direction) gesture.selected = (gesture.selected + 1) % count;
      gesture.selected = Math.min(gesture.selected, count - 1);
      const here = placeOf(gesture, action, gesture.selected, middle(gesture));
      const where = follow(gesture, direction ? beside(here, direction, step) : here);
      if (direction && where.length === 2) move(gesture, action, gesture.selected, where);
    },
  },

  steer: {
    touch: () => "pan-y",
    holdable({ figure }, { grips }, position, reach) {
      const far = grips.map(({ at }) => {
        const [x, y] = figure.map.place(...at);
        return Math.hypot(x - position[0], y - position[1]);
      });
      const least = Math.min(...far);
      return least < reach ? far.indexOf(least) : -1;
    },
    pull(gesture, { grips }, position) {
      const where = data(gesture, position);
      if (where.length === 2) steer(gesture, grips[gesture.held], where[0] - grips[gesture.held].origin);
    },
    key(gesture, { grips }, direction, step) {
      gesture.selected = (gesture.selected + (direction ? 0 : 1)) % grips.length;
      const grip = grips[gesture.selected];
      const [x, y] = gesture.figure.map.place(...grip.at);
      if (direction?.[0]) {
        // As far as a list's point would go, but at least one step of the control.
        const [there] = data(gesture, [x + step * direction[0], y]);
        const by = Math.max(Math.abs(there - grip.at[0]) || 0, gesture.spec(grip.control).step || 0);
        steer(gesture, grip, grip.at[0] - grip.origin + direction[0] * by);
      }
      gesture.cross.at(x, y, gesture.spec(grip.control).label);
    },
  },

  add: {
    touch: () => "manipulation",
    click: addOrRemove,
    key(gesture, action, direction, step) {
      const cursor = wander(gesture, direction, step);
      if (!direction) addOrRemove(gesture, action, cursor, NEAR.mouse / 2);
    },
  },

  pick: {
    touch: ({ figure }) => (figure.about.kind === "images" ? "manipulation" : "none"),
    keeps: ({ figure }) => figure.about.kind !== "images",
    press: pick,
    pull: pick,
    key(gesture, action, direction, step) {
      const { kind, columns, count } = gesture.figure.about;
      if (kind !== "images") return pick(gesture, action, wander(gesture, direction, step));
      if (direction) select(gesture, direction, columns, count);
      gesture.set(action.control, [gesture.selected]);
    },
  },

  paint: {
    touch: () => "none",
    keeps: () => true,
    press(gesture, action, position) {
      const pixel = gesture.figure.map.pixel(...position);
      gesture.ink = pixel >= 0 && painting(gesture, action)[pixel] > 0.9 ? 0 : 1;
      brush(gesture, action, position);
    },
    pull: brush,
    key(gesture, action, direction) {
      const { width, height } = gesture.figure.about;
      if (direction) select(gesture, direction, width, width * height);
      const { selected } = gesture;
      const numbers = painting(gesture, action);
      if (!direction) gesture.set(action.control, painted(numbers, selected, width, numbers[selected] > 0.9 ? 0 : 1));
      gesture.cross.at(4, 4, `row ${Math.floor(selected / width) + 1}, column ${(selected % width) + 1}`, false);
    },
  },
};
