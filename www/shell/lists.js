/** What pointers do to lists and numbers: a list in, a list out. */

/** @typedef {{ min: number, max: number }} Range */

/** A coordinate within its range, to the four digits that a pointer can mean and an address should carry. @param {number} value @param {Range} range */
const within = (value, { min, max }) => Math.min(Math.max(Number(value.toPrecision(4)), min), max);

/**
 * `list` with group `index` moved to (x, y), both kept within their range.
 * @param {number[]} list
 * @param {number} stride numbers that belong together
 * @param {number} index
 * @param {[number, number]} to
 * @param {Range} range
 */
export function moved(list, stride, index, [x, y], range) {
  const next = [...list];
  next[index * stride] = within(x, range);
  if (stride > 1) next[index * stride + 1] = within(y, range);
  return next;
}

/** `list` of pairs with one more, unless it is full. @param {number[]} list @param {[number, number]} pair @param {Range & { longest: number }} range */
export function added(list, [x, y], range) {
  if (list.length + 2 > range.longest) return list;
  return [...list, within(x, range), within(y, range)];
}

/** `list` without group `index`. @param {number[]} list @param {number} stride @param {number} index */
export function removed(list, stride, index) {
  return list.filter((_, place) => Math.floor(place / stride) !== index);
}

/** Pixels across an image for each pixel of the brush's radius: 0 on 8×8, 1 on 28×28, as thick as a digit's stroke there. */
const PIXELS_PER_RADIUS = 28;

/**
 * A round brush: pixels within its radius take the value fully, those up to one further half. On 8×8 that is the pixel itself and its
 * four neighbours.
 * @param {number[]} list one value in [0, 1] per pixel
 * @param {number} pixel
 * @param {number} width pixels in a row
 * @param {number} ink 1 draws, 0 rubs out
 */
export function painted(list, pixel, width, ink) {
  const next = [...list];
  const radius = Math.round(width / PIXELS_PER_RADIUS);
  const [row, column] = [Math.floor(pixel / width), pixel % width];
  for (let down = -radius - 1; down <= radius + 1; down += 1) {
    for (let right = -radius - 1; right <= radius + 1; right += 1) {
      const distance = Math.hypot(down, right);
      const other = (row + down) * width + column + right;
      if (distance > radius + 1 || column + right < 0 || column + right >= width || other < 0 || other >= list.length) continue;
      if (distance <= radius) next[other] = ink;
      else next[other] = ink === 1 ? Math.max(next[other], 0.5) : Math.min(next[other], 0.5);
    }
  }
  return next;
}

/** `value` on the steps of a number control, within its range. @param {number} value @param {Range & { step: number }} spec */
export function stepped(value, { min, max, step }) {
  const whole = step > 0 ? min + Math.round((value - min) / step) * step : value;
  return Number(Math.min(Math.max(whole, min), max).toPrecision(12));
}
