/** TensorFlow.js on the same VAE: variableGrads and train.adam, everything tidied, the data set resident. */

import { adapterName, answer, counted, pace } from "./timing.js";

const FOLDER = "/peers/node_modules/@tensorflow";

answer(async ({ backend, pixels, hidden, latent, batch, primeMs, spanMs }) => {
  const counts = counted();
  await import(`${FOLDER}/tfjs/dist/tf.min.js`);
  await import(`${FOLDER}/tfjs-backend-${backend}/dist/tf-backend-${backend}.min.js`);
  const { tf } = self;
  if (backend === "wasm") {
    tf.wasm.setWasmPaths(`${FOLDER}/tfjs-backend-wasm/dist/`);
    tf.wasm.setThreadsCount?.(1);
  }
  await tf.setBackend(backend);
  await tf.ready();
  if (tf.getBackend() !== backend) throw new Error(`TensorFlow.js has no ${backend} backend here`);
  const rows = 1500;
  const data = tf.tidy(() => tf.randomUniform([rows, pixels], 0, 1, "float32", 1));
  const glorot = (inputs, outputs, seed) => {
    const bound = Math.sqrt(6 / (inputs + outputs));
    return tf.variable(tf.randomUniform([inputs, outputs], -bound, bound, "float32", seed));
  };
  const layer = (inputs, outputs, seed) => [glorot(inputs, outputs, seed), tf.variable(tf.zeros([outputs]))];
  const layers = [layer(pixels, hidden, 1), layer(hidden, latent, 2), layer(hidden, latent, 3), layer(latent, hidden, 4), layer(hidden, pixels, 5)];
  const dense = (x, [weight, bias]) => x.matMul(weight).add(bias);
  const optimizer = tf.train.adam(0.002, 0.9, 0.999, 1e-8);
  const loss = (indices) => {
    const x = tf.gather(data, indices);
    const h = tf.relu(dense(x, layers[0]));
    const [mu, logVar] = [dense(h, layers[1]), dense(h, layers[2])];
    const z = mu.add(logVar.mul(0.5).exp().mul(tf.randomNormal([batch, latent])));
    const logits = dense(tf.relu(dense(z, layers[3])), layers[4]);
    const reconstruction = tf.losses.sigmoidCrossEntropy(x, logits, undefined, 0, tf.Reduction.SUM);
    const kl = mu.square().add(logVar.exp()).sub(logVar).sub(1).sum().mul(0.5);
    return reconstruction.add(kl).div(batch);
  };
  const take = async (steps) => {
    let last;
    for (let step = 0; step < steps; step += 1) {
      const indices = Int32Array.from({ length: batch }, () => Math.floor(Math.random() * rows));
      last?.dispose();
      last = optimizer.minimize(() => loss(tf.tensor1d(indices, "int32")), true);
    }
    await last.data();
    last.dispose();
  };
  const times = await pace(take, { primeMs, spanMs });
  if (backend !== "webgpu") return times;
  const before = { ...counts };
  await take(1);
  return { ...times, adapter: await adapterName(), dispatches: counts.dispatches - before.dispatches, submits: counts.submits - before.submits };
});
