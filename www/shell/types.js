/**
 * The shapes that cross a border of the shell: the table of contents, the two wasm modules, and every message between the page and
 * its workers. Types only: nothing loads this file.
 *
 * @typedef {Record<string, number | string | number[]>} Values  a value for every control of a demo
 * @typedef {Record<string, Uint8Array>} Assets  what a run is given besides its values, by name: `model`, `images`, `labels`
 * @typedef {"cpu" | "webgpu"} Device
 * @typedef {{ steps: number, sets: [number, Values][] }} Journal  how many steps a run made, and which live values came after how
 *   many of them. The same start and the same journal give the same run.
 *
 * The table of contents, as `contents()` of the page's module gives it:
 * @typedef {{ value: string, label: string }} Option
 * @typedef {{ name: string, label: string, symbol: string, unit: string, hint: string, effect: "live" | "restart", advanced: boolean,
 *   kind: "number" | "choice" | "toggle" | "list", default: any, min: number, max: number, step: number, scale: "linear" | "log",
 *   integer: boolean, options: Option[], stride: number, longest: number, typed: boolean }} Control  from `min` on each where its kind has it
 * @typedef {{ name: string, unit: string, digits: number }} Readout
 * @typedef {{ name: string, slide: string, title: string, run: "sketch" | "answers" | "open" | "ends", device: boolean, rate: boolean,
 *   model: "none" | "gives" | "starts-from" | "shows", images: { control: string, value: string } | null, controls: Control[],
 *   readouts: Readout[] }} Demo
 *
 * The page's module:
 * @typedef {{ contents: () => string, complete: (demo: string, values: string) => string, sketch: (demo: string, values: string) => Picture,
 *   decode: (snapshot: Uint8Array) => Picture, bring: (name: string, bytes: Uint8Array) => void,
 *   file_kind: (file: Uint8Array) => "images" | "labels", describe_images: (images: Uint8Array, labels: Uint8Array) => string }} Page
 * @typedef {{ readouts: () => string, progress: () => number, failure: () => string, notes: () => string,
 *   figures: () => string, svg: (figure: string, width: number, height: number, dark: boolean) => string, csv: (figure: string) => string,
 *   table: () => string, free: () => void,
 *   draw: (figure: string, canvas: HTMLCanvasElement, dark: boolean, ratio: number, base: number) => FigureMap }} Picture
 * @typedef {{ locate: (x: number, y: number) => number[], place: (x: number, y: number) => number[],
 *   index: (x: number, y: number) => number, pixel: (x: number, y: number) => number, free: () => void }} FigureMap  between CSS
 *   pixels of a canvas and data
 * @typedef {{ control: string, at: [number, number], origin: number }} Grip
 * @typedef {{ kind: "drag" | "add" | "pick" | "paint" | "steer", control: string, stride?: number, count?: number, scale?: number,
 *   grips: Grip[] }} Action  what a pointer does in a figure; `grips` where it steers
 * @typedef {{ name: string, alt: string, kind: "chart" | "images", pointer: Action | null, columns: number, count: number, width: number,
 *   height: number }} About  of a figure; the last four where it shows images
 *
 * Page to worker. `run` counts runs: what belongs to an older one is dropped.
 * @typedef {{ type: "open", device: Device, module: WebAssembly.Module, cores: number }
 *   | { type: "start", run: number, demo: string, values: Values, assets: Assets, journal: Journal | null }
 *   | { type: "set", run: number, values: Values }
 *   | { type: "play" | "pause" | "step" | "save" | "stop", run: number }
 *   | { type: "probe", run: number, demo: string, values: Values, assets: Assets }} ToWorker
 *
 * What a snapshot says of its run; after `failed` it is back at its last good weights, and after `done` a control gives it more to do.
 * @typedef {"going" | "done" | "failed"} Status
 *
 * Worker to page:
 * @typedef {{ type: "snapshot", run: number, bytes: Uint8Array, steps: number, stepsPerSecond: number, elapsedMs: number,
 *   workers: number, status: Status }} Snapshot
 * @typedef {{ type: "opened" } | Snapshot | { type: "paused", run: number } | { type: "probed", run: number, msPerStep: number }
 *   | { type: "saved", run: number, bytes: Uint8Array } | { type: "stopped", run: number, journal: Journal }
 *   | { type: "failed", run: number, sentence: string, where: string }} FromWorker
 *
 * Worker to lane worker, where workers share a run; `open`, `start`, `step` and `report` are answered:
 * @typedef {{ type: "open", module: WebAssembly.Module }
 *   | { type: "start", demo: string, values: Values, assets: Assets, index: number, of: number }
 *   | { type: "step" | "report", steps: number } | { type: "set", values: Values }
 *   | { type: "merge", parts: Uint8Array[] }} ToLaneWorker  `parts` is what every worker reported, in the workers' order
 * @typedef {{ type: "ready" } | { type: "report", bytes: Uint8Array } | { type: "failed", sentence: string }} FromLaneWorker
 */

export {};
