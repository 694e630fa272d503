//! Each operation against its composition from tensor operations: the same values and the same gradients, whatever is passed in.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::optim::{GradientsParams, ModuleOptimizer};
use burn::tensor::{Device, Tensor};
use math::rng::Rng;

use super::{Activation, composed};
use crate::models::conv::{double, halve};
use crate::models::{Vae, dense, tensor};
use crate::objectives::{Kernel, Likelihood, bernoulli, kernel_sum, kl_per_dimension, log_sum_exp, mean, row_sums};
use crate::trainer::{Recent, adam};

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().expect("f32")
}

/// The largest difference, relative to the largest number or 1.
fn apart(ours: &[f32], theirs: &[f32]) -> f32 {
    assert_eq!(ours.len(), theirs.len());
    let largest = theirs.iter().fold(1.0_f32, |largest, number| largest.max(number.abs()));
    ours.iter().zip(theirs).map(|(ours, theirs)| (ours - theirs).abs() / largest).fold(0.0, f32::max)
}

fn normals<const D: usize>(shape: [usize; D], rng: &mut Rng, device: &Device) -> Tensor<D> {
    tensor(rng.normals(shape.iter().product()), shape, device)
}

fn layer(inputs: usize, outputs: usize, rng: &mut Rng, device: &Device) -> Linear {
    Linear {
        weight: Param::from_tensor(normals([inputs, outputs], rng, device)),
        bias: Some(Param::from_tensor(normals([outputs], rng, device))),
    }
}

/// A value, and the gradients of its weighted sum by its inputs.
fn of<const N: usize, const D: usize, const O: usize>(
    operation: impl Fn([Tensor<D>; N]) -> Tensor<O>,
    inputs: [&Tensor<D>; N],
) -> Vec<Vec<f32>> {
    let inputs = inputs.map(|input| input.clone().require_grad());
    let value = operation(inputs.clone());
    let weights = normals(value.dims(), &mut Rng::new(9), &value.device());
    let gradients = (value.clone() * weights).sum().backward();
    let by = inputs.iter().map(|input| numbers(input.grad(&gradients).expect("it has one")));
    std::iter::once(numbers(value)).chain(by).collect()
}

/// The devices that have passes of their own, without autodiff.
fn devices() -> Vec<Device> {
    #[cfg(feature = "webgpu")]
    let webgpu = super::webgpu_device();
    #[cfg(not(feature = "webgpu"))]
    let webgpu = None;
    std::iter::once(Device::flex()).chain(webgpu).collect()
}

/// The same in one pass and composed, on a device: a shader's exponentials and logarithms may be a few units in the last place away.
fn same(words: &str, device: &Device, work: impl Fn() -> Vec<Vec<f32>>) {
    let (ours, theirs) = (work(), composed(&work));
    assert_eq!(ours.len(), theirs.len());
    let bound = if device.clone().inner() == Device::flex() { 2e-6 } else { 1e-5 };
    for (at, (ours, theirs)) in ours.iter().zip(&theirs).enumerate() {
        let apart = apart(ours, theirs);
        assert!(apart < bound, "{words} on {device:?}, {at}: {apart}");
    }
}

/// A layer's value, and the gradients of its weighted sum by x, W and b.
fn of_layer(layer: &Linear, x: &Tensor<2>, run: impl Fn(&Linear, Tensor<2>) -> Tensor<2>) -> Vec<Vec<f32>> {
    let x = x.clone().require_grad();
    let y = run(layer, x.clone());
    let gradients = (y.clone() * normals(y.dims(), &mut Rng::new(9), &y.device())).sum().backward();
    let by = |of: Tensor<2>| numbers(of.grad(&gradients).expect("every input has one"));
    let bias = layer.bias.as_ref().expect("it has one").val().grad(&gradients).expect("it has one");
    vec![numbers(y), by(x), by(layer.weight.val()), numbers(bias)]
}

#[test]
fn a_dense_layer_is_its_composition_and_so_are_its_gradients() {
    for device in devices().into_iter().map(Device::autodiff) {
        let mut rng = Rng::new(1);
        for [batch, inputs, outputs] in [[1, 1, 1], [3, 5, 7], [16, 2, 33], [5, 8, 36], [128, 64, 128]] {
            let layer = layer(inputs, outputs, &mut rng, &device);
            let x: Tensor<2> = normals([batch, inputs], &mut rng, &device);
            // The same numbers in another order in memory.
            let turned = normals([inputs, batch], &mut rng, &device).transpose();
            for x in [x, turned] {
                for activation in [Activation::None, Activation::Relu] {
                    same(&format!("{batch}×{inputs}×{outputs} {activation:?}"), &device, || {
                        of_layer(&layer, &x, |layer, x| dense(layer, x, activation))
                    });
                }
            }
            let (plain, layer) = (device.clone().inner(), layer.valid());
            let x: Tensor<2> = normals([batch, inputs], &mut rng, &plain);
            same("without autodiff", &device, || vec![numbers(dense(&layer, x.clone(), Activation::Relu))]);
        }
    }
}

/// Images most of whose pixels are 0, one of them empty, and a pixel that is 0 in all of them.
#[test]
fn a_layer_of_sparse_inputs_is_its_composition() {
    for device in devices().into_iter().map(Device::autodiff) {
        let mut rng = Rng::new(14);
        for [batch, inputs, outputs] in [[16, 784, 133], [128, 200, 128]] {
            for share in [0.0, 0.05, 0.2] {
                let mut pixel = |at: usize| {
                    let (image, place) = (at / inputs, at % inputs);
                    if image == 1 || place == 2 || rng.uniform() > share { 0.0 } else { rng.uniform() as f32 }
                };
                let x = tensor((0..batch * inputs).map(&mut pixel).collect(), [batch, inputs], &device);
                let layer = layer(inputs, outputs, &mut rng, &device);
                same(&format!("{batch}×{inputs}×{outputs}, {share}"), &device, || {
                    of_layer(&layer, &x, |layer, x| dense(layer, x, Activation::Relu))
                });
            }
        }
    }
}

#[test]
fn a_layer_used_twice_has_the_sum_of_both_gradients() {
    for device in devices().into_iter().map(Device::autodiff) {
        let mut rng = Rng::new(2);
        let layer = layer(4, 4, &mut rng, &device);
        let x: Tensor<2> = normals([6, 4], &mut rng, &device);
        let once = |layer: &Linear, x: Tensor<2>| dense(layer, x, Activation::Relu);
        same("twice", &device, || of_layer(&layer, &x, |layer, x| once(layer, once(layer, x.clone())) + x));
    }
}

/// Else the other tests would compare the compositions with themselves.
#[test]
fn on_these_devices_it_is_one_pass() {
    for device in devices().into_iter().flat_map(|device| [device.clone(), device.autodiff()]) {
        let mut rng = Rng::new(6);
        let layer = layer(2, 3, &mut rng, &device);
        let x: Tensor<2> = normals([4, 2], &mut rng, &device);
        let (images, bias) = (normals([1, 1, 2, 2], &mut rng, &device), normals([1], &mut rng, &device));
        let kernels = normals([1, 1, 4, 4], &mut rng, &device);
        assert!(super::dense(&layer, &x, Activation::Relu).is_some());
        assert!(super::bernoulli(&x, &x).is_some());
        assert!(super::sample(&x, &x, &x).is_some() && super::kl(&x, &x).is_some());
        let cpu = device.clone().inner() == Device::flex();
        assert_eq!(super::halve(&images, &kernels, &bias).is_some(), cpu);
        assert_eq!(super::double(&images, &kernels, &bias).is_some(), cpu);
        assert_eq!(super::log_sum_exp(&x).is_some(), cpu);
        assert_eq!(super::kernel_sum(Kernel::Rbf { two_s2: 1.0 }, &x, &x).is_some(), cpu);
        assert!(composed(|| super::dense(&layer, &x, Activation::Relu)).is_none());
    }
}

#[test]
fn a_number_that_is_none_stays_none() {
    let device = Device::flex();
    let layer = layer(2, 3, &mut Rng::new(3), &device);
    let x = tensor(vec![f32::NAN, 1.0], [1, 2], &device);
    assert!(numbers(dense(&layer, x, Activation::Relu)).iter().all(|y| y.is_nan()));
    let one =
        |x: f32, l: f32| numbers(bernoulli(tensor(vec![x], [1, 1], &device), tensor(vec![l], [1, 1], &device)))[0];
    assert!(one(f32::NAN, 1.0).is_nan() && one(1.0, f32::NAN).is_nan());
    for place in [0, 4, 9] {
        let mut values = vec![1.0; 10];
        values[place] = f32::NAN;
        assert!(numbers(log_sum_exp(tensor(values, [1, 10], &device)))[0].is_nan(), "{place}");
    }
}

#[test]
fn a_bernoulli_is_its_composition_and_so_are_its_gradients() {
    for device in devices().into_iter().map(Device::autodiff) {
        let mut rng = Rng::new(4);
        for [batch, pixels] in [[1, 1], [3, 7], [5, 8], [4, 64], [2, 785]] {
            let x = tensor((0..batch * pixels).map(|_| rng.uniform() as f32).collect(), [batch, pixels], &device);
            // From the middle of the logistic function to far out on both sides.
            for spread in [1.0, 30.0, 300.0] {
                let logits = normals([batch, pixels], &mut rng, &device) * spread;
                same(&format!("{batch}×{pixels}, logits of {spread}"), &device, || {
                    of(|[x, l]| bernoulli(x, l), [&x, &logits])
                });
            }
            let row: Tensor<2> = normals([1, pixels], &mut rng, &device);
            same("repeated rows", &device, || {
                of(|[x, l]| bernoulli(x, l.repeat_dim(0, 3)), [&x.clone().narrow(0, 0, 1).repeat_dim(0, 3), &row])
            });
        }
    }
}

/// Twenty steps of both optimisers down the same gradients.
#[test]
fn adam_is_its_composition() {
    for device in devices().into_iter().map(Device::autodiff) {
        let walk = |mut optimizer: ModuleOptimizer| {
            let mut rng = Rng::new(5);
            let mut layer = layer(3, 5, &mut rng, &device);
            for step in 1..=20 {
                let x: Tensor<2> = normals([4, 3], &mut rng, &device) * (0.1 * f64::from(step));
                let loss = dense(&layer, x, Activation::None).square().mean();
                let gradients = GradientsParams::from_grads(loss.backward(), &layer);
                layer = optimizer.step(0.01, layer, gradients);
            }
            let bias = layer.bias.as_ref().expect("it has one").val();
            [numbers(layer.weight.val().inner()), numbers(bias.inner())].concat()
        };
        let (ours, theirs) = (walk(adam()), composed(|| walk(adam())));
        assert!(apart(&ours, &theirs) < 1e-6, "{ours:?} {theirs:?}");
    }
}

#[test]
fn a_gaussians_sample_and_divergence_are_their_compositions() {
    for device in devices().into_iter().map(Device::autodiff) {
        let mut rng = Rng::new(7);
        for shape in [[1, 1], [5, 3], [128, 2]] {
            let [mu, eps]: [Tensor<2>; 2] = [(); 2].map(|()| normals(shape, &mut rng, &device));
            // From a posterior of almost no width to one far wider than the prior.
            for spread in [0.5, 8.0] {
                let log_var = normals(shape, &mut rng, &device) * spread;
                same("sample", &device, || {
                    of(|[mu, log_var, eps]| Vae::reparameterize(mu, log_var, eps), [&mu, &log_var, &eps])
                });
                same("KL", &device, || of(|[mu, log_var]| kl_per_dimension(mu, log_var), [&mu, &log_var]));
            }
        }
    }
}

#[test]
fn a_log_sum_is_its_composition() {
    let device = Device::flex().autodiff();
    let mut rng = Rng::new(8);
    for shape in [[1, 1], [3, 7], [4, 8], [5, 130]] {
        for spread in [1.0, 200.0] {
            let values: Tensor<2> = normals(shape, &mut rng, &device) * spread - 1e3;
            same("log Σ exp", &device, || of(|[values]| log_sum_exp(values), [&values]));
        }
    }
    let nothing = tensor(vec![f32::NEG_INFINITY; 3], [1, 3], &Device::flex());
    assert_eq!(numbers(log_sum_exp(nothing)), [f32::NEG_INFINITY]);
}

#[test]
fn a_kernels_sum_is_its_composition() {
    let device = Device::flex().autodiff();
    let mut rng = Rng::new(9);
    for [n, m, dim] in [[1, 1, 1], [3, 9, 2], [16, 8, 5], [40, 33, 2]] {
        let (a, b): (Tensor<2>, Tensor<2>) =
            (normals([n, dim], &mut rng, &device), normals([m, dim], &mut rng, &device));
        for kernel in [Kernel::Rbf { two_s2: 2.0 }, Kernel::InverseMultiquadratic { c: 4.0 }] {
            same("a kernel", &device, || of(|[a, b]| kernel_sum(kernel, a, b), [&a, &b]));
            // Of one set with itself both halves of the derivative are the set's.
            same("a kernel within a set", &device, || of(|[a]| kernel_sum(kernel, a.clone(), a), [&a]));
        }
    }
}

#[test]
fn the_convolutions_are_their_compositions_and_so_are_their_gradients() {
    let device = Device::flex().autodiff();
    let mut rng = Rng::new(10);
    for [batch, channels, side, others] in [[1, 1, 2, 1], [3, 2, 4, 5], [5, 8, 14, 16]] {
        let x: Tensor<4> = normals([batch, channels, side, side], &mut rng, &device);
        // The same numbers in another order in memory.
        for x in [x.clone(), x.swap_dims(2, 3)] {
            let bias: Tensor<1> = normals([others], &mut rng, &device);
            let layer = |shape: [usize; 4], rng: &mut Rng| normals(shape, rng, &device);
            let (halving, doubling) =
                (layer([others, channels, 4, 4], &mut rng), layer([channels, others, 4, 4], &mut rng));
            let flat = |bias: Tensor<4>| bias.reshape([others]);
            let bias = bias.reshape([1, 1, 1, others]);
            same("halve", &device, || of(|[x, weight, bias]| halve(x, weight, flat(bias)), [&x, &halving, &bias]));
            same("double", &device, || of(|[x, weight, bias]| double(x, weight, flat(bias)), [&x, &doubling, &bias]));
        }
    }
}

/// Value and gradient, also where the gradient that arrives is the same number for all.
#[test]
fn the_sums_of_rows_are_their_composition() {
    for device in devices().into_iter().map(Device::autodiff) {
        let mut rng = Rng::new(11);
        for shape in [[1, 1], [5, 3], [128, 2]] {
            let rows: Tensor<2> = normals(shape, &mut rng, &device);
            same("sums of rows", &device, || of(|[rows]| row_sums(rows), [&rows]));
            same("their mean", &device, || of(|[rows]| row_sums(rows).mean(), [&rows]));
            let log_var: Tensor<2> = normals(shape, &mut rng, &device);
            same("a mean of divergences", &device, || {
                of(|[mu, log_var]| row_sums(kl_per_dimension(mu, log_var)).mean(), [&rows, &log_var])
            });
        }
    }
}

#[test]
fn probabilities_and_recent_means_are_their_compositions() {
    for device in devices() {
        let mut rng = Rng::new(12);
        for spread in [1.0, 30.0] {
            let logits = normals([5, 7], &mut rng, &device) * spread;
            let p = |logits: Tensor<2>| numbers(mean(Likelihood::Bernoulli, logits, 7));
            same("probabilities", &device, || vec![p(logits.clone()), p(logits.clone().transpose())]);
        }
        same("means", &device, || {
            let (mut recent, mut rng) = (Recent::default(), Rng::new(13));
            for batch in [1, 3, 64, 200] {
                recent.add_means(&[(); 2].map(|()| normals([batch], &mut rng, &device)));
            }
            let (means, steps) = recent.take().expect("four steps");
            vec![numbers(means), vec![steps as f32]]
        });
    }
}
