/** jax-js on the same VAE: one jitted function for the whole step, the data set resident; Adam written out. */

import { adapterName, answer, counted, pace } from "./timing.js";

answer(async ({ backend, pixels, hidden, latent, batch, primeMs, spanMs }) => {
  const counts = counted();
  const jax = await import("/peers/node_modules/@jax-js/jax/dist/index.js");
  const { numpy: np, nn, random, jit, valueAndGrad, init, defaultDevice } = jax;
  if (!(await init(backend)).includes(backend)) throw new Error(`jax-js has no ${backend} backend here`);
  defaultDevice(backend);
  const rows = 1500;
  const numbers = (count, of) => np.array(Float32Array.from({ length: count }, of));
  const data = numbers(rows * pixels, Math.random).reshape([rows, pixels]);
  const layer = (inputs, outputs) => {
    const bound = Math.sqrt(6 / (inputs + outputs));
    return [numbers(inputs * outputs, () => bound * (2 * Math.random() - 1)).reshape([inputs, outputs]), np.zeros([outputs])];
  };
  let parameters = [layer(pixels, hidden), layer(hidden, latent), layer(hidden, latent), layer(latent, hidden), layer(hidden, pixels)].flat();
  let moments = [parameters.map((of) => np.zeros(of.shape)), parameters.map((of) => np.zeros(of.shape))];

  const loss = ([w1, b1, wMu, bMu, wVar, bVar, w2, b2, w3, b3], x, eps) => {
    const h = nn.relu(np.matmul(x.ref, w1).add(b1));
    const mu = np.matmul(h.ref, wMu).add(bMu);
    const logVar = np.matmul(h, wVar).add(bVar);
    const z = mu.ref.add(np.exp(logVar.ref.mul(0.5)).mul(eps));
    const logits = np.matmul(nn.relu(np.matmul(z, w2).add(b2)), w3).add(b3);
    // Sums over everything, as the other peers have it.
    const reconstruction = nn.softplus(logits.ref).sub(x.mul(logits)).sum();
    const kl = np.square(mu).add(np.exp(logVar.ref)).sub(logVar).sub(1).sum().mul(0.5);
    return reconstruction.add(kl).div(batch);
  };
  // Adam as in Kingma & Ba 2015, end of section 2: the corrections are in `rate` and `epsilon`.
  const step = jit((theta, [m, v], data, indices, key, rate, epsilon) => {
    const x = np.take(data, indices, 0);
    const eps = random.normal(key, [batch, latent]);
    const [value, gradient] = valueAndGrad(loss)(theta.map((of) => of.ref), x, eps);
    const newM = m.map((m, at) => m.mul(0.9).add(gradient[at].ref.mul(0.1)));
    const newV = v.map((v, at) => v.mul(0.999).add(np.square(gradient[at]).mul(0.001)));
    const change = (m, v) => m.ref.mul(rate.ref).div(np.sqrt(v.ref).add(epsilon.ref));
    const newTheta = theta.map((of, at) => of.sub(change(newM[at], newV[at])));
    rate.dispose();
    epsilon.dispose();
    return [value, newTheta, [newM, newV]];
  });

  let time = 0;
  const take = async (steps) => {
    let value;
    for (let done = 0; done < steps; done += 1) {
      time += 1;
      const root = Math.sqrt(1 - 0.999 ** time);
      const indices = np.array(Int32Array.from({ length: batch }, () => Math.floor(Math.random() * rows)), { dtype: np.int32 });
      value?.dispose();
      [value, parameters, moments] = step(parameters, moments, data.ref, indices, random.key(time), np.array((0.002 * root) / (1 - 0.9 ** time)), np.array(1e-8 * root));
    }
    const loss = await value.jsAsync();
    if (!Number.isFinite(loss)) throw new Error(`the loss of jax-js is ${loss}`);
  };
  const times = await pace(take, { primeMs, spanMs });
  if (backend !== "webgpu") return times;
  const before = { ...counts };
  await take(1);
  return { ...times, adapter: await adapterName(), dispatches: counts.dispatches - before.dispatches, submits: counts.submits - before.submits };
});
