//! Mean-field against amortized inference, slide 1.1, natively on the CPU device.
#![allow(clippy::unwrap_used, reason = "tests")]

mod families;
mod formulas;
mod reference;

use burn::module::{Module, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor};
use figure::{Snapshot, Values};
use learn::models::tensor;
use math::rng::Rng;
use math::wheel::{Gaussian, Wheel};

use super::DEMO;
use super::training::mean_field::{MeanField, Shape};
use super::training::objective::{Nodes, elbo};
use crate::testing::given::numbers;
use crate::testing::{advance, defaults, start, value};

const DIAGONAL: Shape = Shape { latent: 2, below: 0 };

/// A column of the table behind the read-outs, one number per point.
fn column(snapshot: &Snapshot, name: &str) -> Vec<f64> {
    let index = snapshot.table[0].iter().position(|header| header == name).unwrap();
    snapshot.table[1..].iter().map(|row| row[index].parse().unwrap()).collect()
}

fn values(change: impl FnOnce(Values) -> Values) -> Values {
    change(defaults(DEMO))
}

/// Some points of the model, and Gaussians as a table `[point, number]`.
fn some(
    model: &Wheel,
    below: usize,
    count: usize,
    device: &Device,
) -> (Vec<[f64; 2]>, Tensor<2>, Vec<Gaussian>, Tensor<2>) {
    let mut rng = Rng::new(8);
    let latent = model.latent();
    let (mut x, mut q, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..count {
        x.push(model.sample(&mut rng));
        let mut draw = |scale: f64, shift: f64| -> [f64; 2] {
            std::array::from_fn(|_| f64::from((scale * rng.normal() + shift) as f32))
        };
        let mut last = Gaussian::diagonal(draw(1.0, 0.0), draw(0.6, -1.5));
        if below > 0 {
            last.lower = draw(0.5, 0.0)[0];
        }
        rows.extend(last.mu[..latent].iter().chain(&last.log_var[..latent]).map(|&value| value as f32));
        rows.extend([last.lower as f32; 1][..below].iter());
        q.push(last);
    }
    let flat = x.iter().flatten().map(|&value| value as f32).collect();
    (x, tensor(flat, [count, 2], device), q, tensor(rows, [count, 2 * latent + below], device))
}

fn of_table(model: &Wheel, x: &Tensor<2>, table: &Tensor<2>, nodes: &Nodes) -> Tensor<1> {
    let (latent, numbers) = (model.latent(), table.dims()[1]);
    elbo(model, x.clone(), table.clone().narrow(1, 0, latent), table.clone().narrow(1, latent, numbers - latent), nodes)
}

#[test]
fn the_elbo_at_the_nodes_and_its_gradient_are_the_closed_ones() {
    let device = Device::flex().autodiff();
    for (model, below) in [
        (Wheel::new(1, 0.3), 0),
        (Wheel::new(2, 0.5), 0),
        (Wheel::new(2, 1.0), 0),
        (Wheel::new(2, 0.5), 1),
        (Wheel::new(2, 1.0), 1),
    ] {
        let (points, x, q, table) = some(&model, below, 24, &device);
        let table = table.require_grad();
        let found = of_table(&model, &x, &table, &Nodes::quadrature(model.latent(), &device));
        let gradients = found.clone().sum().backward();
        let width = 2 * model.latent() + below;
        let gradient = numbers(&table.grad(&gradients).unwrap());
        for (i, found) in numbers(&found.inner()).into_iter().enumerate() {
            let exact = model.elbo(points[i], &q[i]);
            assert!((found - exact).abs() < 1e-4 * (1.0 + exact.abs()), "{model:?} {found} {exact}");
            let slope = model.gradient_first(points[i], &q[i]);
            let mut pairs = vec![(gradient[i * width], slope[0]), (gradient[i * width + model.latent()], slope[1])];
            if below > 0 {
                pairs.push((gradient[i * width + 4], model.gradient_lower(&q[i])));
            }
            for (found, exact) in pairs {
                assert!((found - exact).abs() < 1e-3 * (1.0 + exact.abs()), "{model:?} {found} {exact}");
            }
        }
    }
}

#[test]
fn one_sample_is_an_unbiased_estimate_of_the_elbo() {
    let device = Device::flex();
    let model = Wheel::new(2, 0.5);
    for below in [0, 1] {
        let (points, x, q, table) = some(&model, below, 1, &device);
        let many = 40_000;
        let nodes = Nodes::sample(2, many, &mut Rng::new(3), &device);
        let drawn = numbers(&of_table(&model, &x.repeat_dim(0, many), &table.repeat_dim(0, many), &nodes));
        let estimate = math::estimate::Estimate::of(&drawn);
        let exact = model.elbo(points[0], &q[0]);
        assert!((estimate.mean - exact).abs() < 4.5 * estimate.standard_error, "{estimate:?} {exact}");
    }
}

#[derive(Module, Debug)]
struct Table {
    table: Param<Tensor<2>>,
}

#[test]
fn rows_climb_as_under_burns_adam_and_a_late_row_as_if_alone() {
    let device = Device::flex();
    let model = Wheel::new(2, 0.5);
    let autodiff = device.clone().autodiff();
    let (_, x, _, _) = some(&model, 0, 3, &autodiff);
    let nodes = Nodes::quadrature(2, &autodiff);
    let gradient = |table: Tensor<2>, x: &Tensor<2>| {
        let table = Tensor::from_inner(table).to_device(&autodiff).require_grad();
        table.grad(&of_table(&model, x, &table, &nodes).sum().backward()).unwrap()
    };
    let mut ours = MeanField::new(3, 1, DIAGONAL, &device);
    let mut module = Table { table: Param::from_tensor(Tensor::from_inner(ours.table()).to_device(&autodiff)) };
    let mut adam = learn::trainer::adam();
    let mut late = MeanField::new(2, 1, DIAGONAL, &device);
    let first = x.clone().narrow(0, 0, 2);
    let third = |table: Tensor<2>| numbers(&table.narrow(0, 2, 1));
    for step in 0..60 {
        ours.ascend(gradient(ours.table(), &x), 0.05);
        let loss = -of_table(&model, &x, &module.table.val(), &nodes).sum();
        module = adam.step(0.05, module.clone(), GradientsParams::from_grads(loss.backward(), &module));
        late.ascend(gradient(late.table(), if step < 20 { &first } else { &x }), 0.05);
        if step == 19 {
            late = late.regrouped(&[0, 1], 1);
        }
        if step == 39 {
            assert_ne!(third(late.table()), third(ours.table()));
        }
    }
    for (a, b) in numbers(&ours.table()).iter().zip(numbers(&module.table.val().inner())) {
        assert!((a - b).abs() < 1e-5, "{a} {b}");
    }
    // The third row of `late` has 40 steps: as many as `ours` had after 40.
    let mut alone = MeanField::new(3, 1, DIAGONAL, &device);
    for _ in 0..40 {
        alone.ascend(gradient(alone.table(), &x), 0.05);
    }
    assert_eq!(third(late.table()), third(alone.table()));
    // Removing points leaves the other rows as they were.
    assert_eq!(third(late.regrouped(&[1, 0, 2], 0).table()), third(late.table()));
}

#[test]
fn once_converged_mean_field_is_the_best_gaussian_and_held_out_points_pay_more() {
    for (latent, covariance) in [(1.0, "diagonal"), (2.0, "diagonal"), (2.0, "full")] {
        let mut run = start(DEMO, |v| v.with("latent", latent).with("points", 60.0).with("covariance", covariance));
        let snapshot = advance(run.as_mut(), 400);
        for gap in column(&snapshot, "approximation_gap") {
            assert!(gap >= 0.0);
        }
        for (mean_field, best) in column(&snapshot, "mean_field_elbo").iter().zip(column(&snapshot, "best_elbo")) {
            assert!((-1e-5..2e-3).contains(&(best - mean_field)), "{mean_field} {best}");
        }
        assert!(value(&snapshot, "amortization_gap") > 0.0);
        assert!(value(&snapshot, "heldout_amortization_gap") > value(&snapshot, "amortization_gap"));
    }
}

/// Both gaps against the best Gaussian of each point: never negative, at no point, at no step, before mean-field has converged either.
#[test]
fn neither_gap_is_ever_negative() {
    for (seed, latent, sigma_x, covariance) in [
        (0.0, 1.0, 0.5, "diagonal"),
        (1.0, 2.0, 0.5, "diagonal"),
        (2.0, 1.0, 0.1, "full"),
        (3.0, 2.0, 0.1, "diagonal"),
        (4.0, 1.0, 1.0, "diagonal"),
        (5.0, 2.0, 0.1, "full"),
    ] {
        let mut run = start(DEMO, |v| {
            let v = v.with("latent", latent).with("points", 40.0).with("heldout", 40.0);
            v.with("seed", seed).with("sigma_x", sigma_x).with("covariance", covariance)
        });
        for steps in [0, 1, 10, 100] {
            let snapshot = advance(run.as_mut(), steps);
            for gap in ["approximation_gap", "amortization_gap"] {
                for (point, size) in column(&snapshot, gap).into_iter().enumerate() {
                    assert!(size > -1e-6, "seed {seed}, point {point}: {gap} {size}");
                }
            }
            assert!(value(&snapshot, "heldout_amortization_gap") > -1e-6);
        }
    }
}

#[test]
fn the_gaps_add_up_to_log_px_at_every_step() {
    let mut run = start(DEMO, |v| v.with("points", 20.0).with("latent", 2.0));
    for steps in [0, 3, 40] {
        let snapshot = advance(run.as_mut(), steps);
        let sum =
            |names: &[&str]| names.iter().map(|name| value(&snapshot, name)).sum::<f64>() - value(&snapshot, "log_px");
        assert!(sum(&["amortized_elbo", "amortization_gap", "approximation_gap"]).abs() < 1e-9);
        assert!(sum(&["mean_field_elbo", "optimisation_gap", "approximation_gap"]).abs() < 1e-9);
        let mean = |name: &str| column(&snapshot, name)[..20].iter().sum::<f64>() / 20.0;
        assert!((mean("mean_field_elbo") - value(&snapshot, "mean_field_elbo")).abs() < 1e-5);
    }
}

#[test]
fn parameters_are_counted() {
    for (latent, points, hidden, layers, covariance) in [
        (1.0, 60.0, 16.0, 2.0, "diagonal"),
        (2.0, 7.0, 5.0, 1.0, "diagonal"),
        (2.0, 300.0, 3.0, 3.0, "diagonal"),
        (1.0, 60.0, 16.0, 2.0, "full"),
        (2.0, 7.0, 5.0, 1.0, "full"),
    ] {
        let mut run = start(DEMO, |v| {
            let v = v.with("latent", latent).with("points", points).with("covariance", covariance);
            v.with("hidden", hidden).with("layers", layers)
        });
        // 2·M + M·(M - 1)/2 with a full covariance.
        let below = if covariance == "full" { 0.5 * latent * (latent - 1.0) } else { 0.0 };
        let snapshot = advance(run.as_mut(), 0);
        assert_eq!(value(&snapshot, "free_parameters"), (2.0 * latent + below) * points);
        let outputs = (hidden + 1.0) * (2.0 * latent + below);
        let network = 3.0 * hidden + (layers - 1.0) * (hidden + 1.0) * hidden + outputs;
        assert_eq!(value(&snapshot, "break_even_points"), network / (2.0 * latent + below));
        assert_eq!(value(&snapshot, "network_parameters"), network);
        let stored: usize = run.weights().iter().map(|weight| weight.shape.iter().product::<usize>()).sum();
        assert_eq!(stored as f64, network);
    }
}

#[test]
fn an_added_point_costs_the_encoder_nothing_and_mean_field_a_new_optimisation() {
    let settings = |v: Values| v.with("points", 30.0).with("added", Vec::new());
    let (mut run, mut alone) = (start(DEMO, settings), start(DEMO, settings));
    advance(run.as_mut(), 150);
    advance(alone.as_mut(), 250);
    run.set(&values(|v| settings(v).with("added", vec![0.5, -1.2, -2.0, 0.3])));
    let fresh = advance(run.as_mut(), 0);
    // The encoder has an answer at once, mean-field is at its start.
    let below = |snapshot: &Snapshot| {
        column(snapshot, "best_elbo").last().unwrap() - column(snapshot, "mean_field_elbo").last().unwrap()
    };
    assert!(below(&fresh) > 0.1, "{}", below(&fresh));
    assert!(value(&fresh, "new_steps").is_nan());
    assert_eq!(column(&fresh, "x1").last(), Some(&-2.0));
    let after = advance(run.as_mut(), 100);
    assert!(below(&after) < 1e-2);
    let steps = value(&after, "new_steps");
    assert!((1.0..100.0).contains(&steps), "{steps}");
    assert!(after.notes[0].contains(&format!("needed {steps} steps")), "{:?}", after.notes);
    // The other points did not change.
    let before = advance(alone.as_mut(), 0);
    for name in ["mean_field_elbo", "amortized_elbo", "heldout_mean_field_elbo", "heldout_amortized_elbo"] {
        assert!((value(&after, name) - value(&before, name)).abs() < 2e-3, "{name}");
    }
    // One point is removed, the other keeps its optimised row.
    run.set(&values(|v| settings(v).with("added", vec![-2.0, 0.3])));
    let left = advance(run.as_mut(), 0);
    assert_eq!(left.table.len(), after.table.len() - 1);
    assert_eq!(left.table.last(), after.table.last());
    assert_eq!(value(&left, "new_steps"), steps);
}

#[test]
fn steps_are_counted_however_it_is_looked_at() {
    let mut once = start(DEMO, |v| v.with("seed", 7.0).with("points", 20.0));
    let mut often = start(DEMO, |v| v.with("seed", 7.0).with("points", 20.0));
    for _ in 0..6 {
        advance(often.as_mut(), 15);
    }
    let (once, often) = (advance(once.as_mut(), 90), advance(often.as_mut(), 0));
    assert!(once == often, "two snapshots of one run differ");
    let mut other = start(DEMO, |v| v.with("seed", 8.0).with("points", 20.0));
    assert_ne!(value(&advance(other.as_mut(), 90), "amortized_elbo"), value(&once, "amortized_elbo"));
}

#[test]
fn one_start_ends_on_the_wrong_hump_at_some_points() {
    let left = |starts: f64| {
        let mut run = start(DEMO, |v| v.with("points", 60.0).with("starts", starts));
        value(&advance(run.as_mut(), 300), "optimisation_gap")
    };
    assert!(left(1.0) > 0.1 && left(6.0) < 1e-3);
}

#[test]
fn a_pressed_bar_shows_its_point() {
    let mut run = start(DEMO, |v| v.with("points", 20.0));
    let before = advance(run.as_mut(), 5);
    run.set(&values(|v| v.with("points", 20.0).with("chosen", vec![2.2, 0.4])));
    let after = advance(run.as_mut(), 0);
    let mut gaps = column(&before, "approximation_gap")[..20].to_vec();
    gaps.sort_by(|a, b| b.total_cmp(a));
    assert!((value(&after, "shown_approximation_gap") - gaps[2]).abs() < 1e-5);
    assert!(after.figure("posterior").unwrap().alt.starts_with("Training point"));
    assert!(before.figure("posterior").unwrap().alt.starts_with("Added point 2"));
}

#[test]
fn every_corner_has_all_its_figures_and_numbers() {
    for (points, latent, starts, sigma_x, gradient, covariance) in [
        (2.0, 2.0, 1.0, 0.1, "sample", "full"),
        (2.0, 1.0, 9.0, 1.0, "quadrature", "full"),
        (1000.0, 2.0, 2.0, 0.3, "sample", "diagonal"),
        (1000.0, 1.0, 6.0, 0.5, "quadrature", "diagonal"),
    ] {
        let mut run = start(DEMO, |v| {
            let v = v.with("points", points).with("latent", latent).with("starts", starts);
            v.with("sigma_x", sigma_x).with("gradient", gradient).with("covariance", covariance)
        });
        for steps in [0, 3] {
            let snapshot = advance(run.as_mut(), steps);
            for name in ["plane", "posterior", "gaps", "elbo", "distance", "new_points", "parameters"] {
                assert!(snapshot.figure(name).is_some(), "{name}");
            }
            let unknown: Vec<_> = snapshot.readouts.iter().filter(|readout| !readout.value.is_finite()).collect();
            assert!(unknown.iter().all(|readout| readout.name == "new_steps"), "{unknown:?}");
        }
    }
}

#[test]
fn a_run_that_diverges_says_so_and_goes_back() {
    let mut run =
        start(DEMO, |v| v.with("sigma_x", 0.1).with("learning_rate", 0.3).with("hidden", 128.0).with("layers", 3.0));
    for _ in 0..20 {
        let snapshot = advance(run.as_mut(), 10);
        assert!(value(&snapshot, "amortized_elbo").is_finite());
        if let figure::Status::Failed(sentence) = &snapshot.status {
            assert!(sentence.contains("learning rate"), "{sentence}");
            return;
        }
    }
    panic!("a learning rate of 0.3 was survived: the test shows nothing any more");
}
