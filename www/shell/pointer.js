/** Pointer, touch and arrow keys in a figure: they write list controls, or number controls by grips. */

import { brief, crosshair } from "./crosshair.js";
import { added, moved, painted, removed, stepped } from "./lists.js";

/** How near a press must be to a point, in CSS pixels, for a mouse and for a finger. */
const NEAR = { mouse: 16, touch: 32 };
/** How far an arrow key moves, in CSS pixels; with Shift one pixel. */
const KEY_STEP = 8;
/** How far a brush may go without painting, in CSS pixels. */
const BRUSH_STEP = 3;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Binds one canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {{ about: () => any, map: () => any, list: (control: string) => number[], spec: (control: string) => any,
 *   set: (control: string, list: number[]) => void }} stage `about` is the figure as the newest picture tells it
 */
export function pointer(canvas, { about, map, list, spec, set }) {
  const cross = crosshair(canvas);
  /** The point in the hand (index of its group), or the ink of a brush. */
  let held = -1;
  let ink = 1;
  /** Where the brush was last, while it is down. */
  let trail = null;
  /** Where the keys are: CSS pixels, and the selected group, image or pixel. */
  let cursor = null;
  let selected = 0;

  const at = ({ clientX, clientY }) => {
    const { left, top } = canvas.getBoundingClientRect();
    return [clientX - left, clientY - top];
  };
  const act = () => about()?.pointer ?? null;
  const data = ([x, y]) => map()?.locate(x, y) ?? [];
  const points = ({ control, stride = 2, count = Infinity }) => Math.min(count, list(control).length / stride);

  /** Where point `index` is, in CSS pixels; a point without a y follows the pointer's. */
  const place = ({ control, stride = 2, scale = 1 }, index, near) => {
    const numbers = list(control);
    return map().place(scale * numbers[index * stride], stride > 1 ? scale * numbers[index * stride + 1] : (data(near)[1] ?? 0));
  };
  /** Moves a point of the list to where the pointer is, in data units. */
  const move = ({ control, stride, scale = 1 }, index, where) =>
    set(control, moved(list(control), stride, index, where.map((value) => value / scale), spec(control)));
  const nearest = (action, position, reach) => {
    let best = -1;
    let least = reach;
    for (let index = 0; index < points(action); index += 1) {
      const [x, y] = place(action, index, position);
      const distance = action.stride === 1 ? Math.abs(x - position[0]) : Math.hypot(x - position[0], y - position[1]);
      if (distance < least) [best, least] = [index, distance];
    }
    return best;
  };
  /** The grip under a position; -1 when none is near. */
  const gripAt = ({ grips }, position, reach) => {
    const far = grips.map(({ at: [x, y] }) => {
      const [left, top] = map().place(x, y);
      return Math.hypot(left - position[0], top - position[1]);
    });
    const least = Math.min(...far);
    return least < reach ? far.indexOf(least) : -1;
  };
  const steer = ({ control }, value) => set(control, stepped(value, spec(control)));
  /** What a press at a position would hold; -1 when nothing. */
  const holdable = (action, position, reach) =>
    action.kind === "drag" ? nearest(action, position, reach) : action.kind === "steer" ? gripAt(action, position, reach) : -1;
  const reachOf = (event) => (event.pointerType === "touch" || event.touches ? NEAR.touch : NEAR.mouse);

  const follow = (position) => {
    const where = data(position);
    if (where.length === 2) cross.at(...position, `${brief(where[0])}, ${brief(where[1])}`);
    else cross.hide();
    return where;
  };
  const blank = (numbers) => (numbers.length === about().width * about().height ? numbers : new Array(about().width * about().height).fill(0));
  /** Paints from the brush's last place to the next: a fast hand leaves no gaps. */
  const brush = ({ control }, position) => {
    const [x, y] = trail ?? position;
    const places = Math.ceil(Math.hypot(position[0] - x, position[1] - y) / BRUSH_STEP) || 1;
    let numbers = blank(list(control));
    for (let place = 1; place <= places; place += 1) {
      const share = place / places;
      const pixel = map().pixel(x + share * (position[0] - x), y + share * (position[1] - y));
      if (pixel >= 0) numbers = painted(numbers, pixel, about().width, ink);
    }
    trail = position;
    set(control, numbers);
  };

  /** What a press begins, by what the figure allows; true when the figure keeps the pointer. */
  const press = {
    drag: hold,
    steer: hold,
    add: () => false,
    pick(action, position) {
      held = 0;
      pick(action, position);
      return true;
    },
    paint(action, position) {
      const pixel = map().pixel(...position);
      ink = pixel >= 0 && blank(list(action.control))[pixel] > 0.9 ? 0 : 1;
      held = 0;
      brush(action, position);
      return true;
    },
  };
  function hold(action, position, event) {
    held = holdable(action, position, reachOf(event));
    if (held >= 0) selected = held;
    return held >= 0;
  }
  const pull = {
    drag(action, position) {
      const where = data(position);
      if (where.length === 2) move(action, held, where);
    },
    steer({ grips }, position) {
      const where = data(position);
      if (where.length === 2) steer(grips[held], where[0] - grips[held].origin);
    },
    add() {},
    pick: (action, position) => pick(action, position),
    paint: brush,
  };
  function pick(action, position) {
    const image = map().index(...position);
    if (about().kind === "images") {
      if (image >= 0) set(action.control, [(selected = image)]);
      return;
    }
    const where = data(position);
    if (where.length === 2) set(action.control, moved([0, 0], 2, 0, where, spec(action.control)));
  }
  function addOrRemove(action, position, reach) {
    const hit = nearest(action, position, reach);
    const where = data(position);
    if (hit >= 0) set(action.control, removed(list(action.control), 2, hit));
    else if (where.length === 2) set(action.control, added(list(action.control), where, spec(action.control)));
  }

  canvas.addEventListener("pointerdown", (event) => {
    const action = act();
    if (!action || !map() || event.button !== 0) return;
    if (press[action.kind](action, at(event), event)) canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!map()) return;
    follow(at(event));
    const action = act();
    if (!action) return;
    canvas.style.touchAction = { drag: "pan-y", steer: "pan-y", add: "manipulation", pick: about().kind === "images" ? "manipulation" : "none", paint: "none" }[action.kind];
    if (held < 0) {
      const grab = holdable(action, at(event), reachOf(event)) >= 0;
      canvas.style.cursor = grab ? "grab" : "crosshair";
      return;
    }
    for (const part of event.getCoalescedEvents?.() ?? [event]) pull[action.kind](action, at(part));
  });
  const release = () => {
    held = -1;
    trail = null;
  };
  canvas.addEventListener("pointerup", release);
  canvas.addEventListener("pointercancel", release);
  canvas.addEventListener("pointerleave", () => held < 0 && cross.hide());
  canvas.addEventListener("click", (event) => {
    const action = act();
    if (action?.kind === "add" && map()) addOrRemove(action, at(event), reachOf(event));
  });
  // A finger on a point drags it; a finger beside it scrolls the page.
  canvas.addEventListener(
    "touchstart",
    (event) => {
      const action = act();
      if (!action || !map() || event.touches.length > 1) return;
      const position = at(event.touches[0]);
      const keeps = holdable(action, position, NEAR.touch) >= 0 || action.kind === "paint" || (action.kind === "pick" && about().kind !== "images");
      if (keeps) event.preventDefault();
    },
    { passive: false },
  );

  /** What keys do: `direction` is an arrow, or null for Enter and space. */
  const key = {
    drag(action, direction, step) {
      const count = points(action);
      if (count === 0) return;
      if (!direction) selected = (selected + 1) % count;
      selected = Math.min(selected, count - 1);
      const middle = [canvas.clientWidth / 2, canvas.clientHeight / 2];
      const [x, y] = place(action, selected, middle);
      const next = direction ? [x + step * direction[0], y + step * direction[1]] : [x, y];
      const where = follow(next);
      if (direction && where.length === 2) move(action, selected, where);
    },
    steer({ grips }, direction, step) {
      if (!direction) selected += 1;
      selected %= grips.length;
      const grip = grips[selected];
      const here = map().place(...grip.at);
      if (direction?.[0]) {
        // As far as a list's point would go, but at least one step of the control.
        const [there] = data([here[0] + step * direction[0], here[1]]);
        const by = Math.max(Math.abs(there - grip.at[0]) || 0, spec(grip.control).step || 0);
        steer(grip, grip.at[0] - grip.origin + direction[0] * by);
      }
      cross.at(...here, spec(grip.control).label);
    },
    add(action, direction, step) {
      wander(direction, step);
      if (!direction) addOrRemove(action, cursor, NEAR.mouse / 2);
    },
    pick(action, direction, step) {
      if (about().kind !== "images") {
        wander(direction, step);
        pick(action, cursor);
        return;
      }
      const { columns, count } = about();
      if (direction) selected = Math.min(Math.max(selected + direction[0] + columns * direction[1], 0), count - 1);
      set(action.control, [selected]);
    },
    paint(action, direction) {
      const { width, height } = about();
      if (direction) selected = Math.min(Math.max(selected + direction[0] + width * direction[1], 0), width * height - 1);
      const numbers = blank(list(action.control));
      if (!direction) set(action.control, painted(numbers, selected, width, numbers[selected] > 0.9 ? 0 : 1));
      cross.at(4, 4, `row ${Math.floor(selected / width) + 1}, column ${(selected % width) + 1}`, false);
    },
  };
  function wander(direction, step) {
    cursor ??= [canvas.clientWidth / 2, canvas.clientHeight / 2];
    if (direction) {
      const next = [cursor[0] + step * direction[0], cursor[1] + step * direction[1]];
      if (data(next).length === 2) cursor = next;
    }
    follow(cursor);
  }
  canvas.addEventListener("keydown", (event) => {
    const action = act();
    const direction = ARROWS[event.key] ?? null;
    if (!action || !map() || !(direction || event.key === "Enter" || event.key === " ")) return;
    event.preventDefault();
    key[action.kind](action, direction, event.shiftKey ? 1 : KEY_STEP);
  });
  canvas.addEventListener("blur", cross.hide);
}
