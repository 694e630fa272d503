/** What pointers do to lists and numbers. Pure: a list in, a list out. */

/** A coordinate within its range, to the four digits that a pointer can mean and an address should carry. */
const within = (value, { min, max }) => Math.min(Math.max(Number(value.toPrecision(4)), min), max);

/** `list` with group `index` moved to (x, y), both kept within [min, max]. */
export function moved(list, stride, index, [x, y], range) {
  const next = [...list];
  next[index * stride] = within(x, range);
  if (stride > 1) next[index * stride + 1] = within(y, range);
  return next;
}

/** `list` of pairs with one more, unless it is full. */
export function added(list, [x, y], range) {
  if (list.length + 2 > range.longest) return list;
  return [...list, within(x, range), within(y, range)];
}

/** `list` without group `index`. */
export function removed(list, stride, index) {
  return list.filter((_, place) => Math.floor(place / stride) !== index);
}

/**
 * A brush: the pixel takes the value fully, its four neighbours half.
 * @param {number[]} list one value in [0, 1] per pixel
 * @param {number} pixel
 * @param {number} width pixels in a row
 * @param {number} ink 1 draws, 0 rubs out
 */
export function painted(list, pixel, width, ink) {
  const next = [...list];
  next[pixel] = ink;
  const column = pixel % width;
  const beside = [column > 0 ? pixel - 1 : -1, column < width - 1 ? pixel + 1 : -1, pixel - width, pixel + width];
  for (const other of beside) {
    if (other < 0 || other >= list.length) continue;
    next[other] = ink === 1 ? Math.max(next[other], 0.5) : Math.min(next[other], 0.5);
  }
  return next;
}

/** `value` on the steps of a number control, within its range. @param {{ min: number, max: number, step: number }} spec */
export function stepped(value, { min, max, step }) {
  const whole = step > 0 ? min + Math.round((value - min) / step) * step : value;
  return Number(Math.min(Math.max(whole, min), max).toPrecision(12));
}
