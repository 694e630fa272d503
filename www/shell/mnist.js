/** MNIST, fetched from the one address that is known to answer pages of other origins. */

const ADDRESS = new URL("https://cdn.jsdelivr.net/gh/fgnt/mnist/");
const FILES = ["train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"];
/** Progress changes no faster than can be read. */
const PROGRESS_EVERY_BYTES = 1e6;

/** What the button says before anything is asked for. */
export const OFFER = `Fetch MNIST (11 MB) from ${ADDRESS.host.split(".").at(-2)}`;

/** @typedef {{ name: string, bytes: Uint8Array }} NamedFile */

/** The files of MNIST. @param {(text: string) => void} progress @returns {Promise<NamedFile[]>} */
export async function fetchMnist(progress) {
  const files = [];
  for (const name of FILES) files.push({ name, bytes: await download(name, progress) });
  return files;
}

/** @param {string} name @param {(text: string) => void} progress */
async function download(name, progress) {
  const { host } = ADDRESS;
  progress(`Asking ${host} for ${name}`);
  const response = await fetch(new URL(name, ADDRESS)).catch(() => {
    throw new Error(`${host} does not answer. Is there a network? Files from your own disk do as well.`);
  });
  if (!response.ok || !response.body) throw new Error(`${host} does not give ${name} (${response.status} ${response.statusText}).`);
  const total = Number(response.headers.get("content-length"));
  const of = total > 0 ? ` of ${(total / 1e6).toFixed(1)}` : "";
  const parts = [];
  let received = 0;
  let due = 0;
  try {
    for (const reader = response.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      received += value.length;
      if (received < due) continue;
      due = received + PROGRESS_EVERY_BYTES;
      progress(`Fetching ${name}: ${(received / 1e6).toFixed(1)}${of} MB`);
    }
  } catch {
    throw new Error(`${host} stopped after ${(received / 1e6).toFixed(1)} MB. Press Fetch MNIST again.`);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
