//! The KL term of the ELBO, by Lemma 1.

use burn::tensor::Tensor;

use crate::fused;

/// Kullback–Leibler divergence from a diagonal Gaussian posterior to the standard normal prior, per latent dimension.
///
/// KL_j = ½ ( μ_j² + σ_j² − 1 − log σ_j² ),  with `log_var` = log σ²
///
/// Shapes: `mu`, `log_var` `[batch, latent]` → `[batch, latent]`, in nats. Equations (3) + (4), negated.
pub fn kl_per_dimension(mu: Tensor<2>, log_var: Tensor<2>) -> Tensor<2> {
    fused::kl(&mu, &log_var).unwrap_or_else(|| (mu.square() + log_var.clone().exp() - log_var - 1.0) * 0.5)
}

/// Kullback–Leibler divergence from a diagonal Gaussian posterior to the standard normal prior.
///
/// KL\[q‖p\] = ½ Σ_j ( μ_j² + σ_j² − 1 − log σ_j² )
///
/// Shapes: `mu`, `log_var` `[batch, latent]` → `[batch]`, in nats per example. Equations (3) + (4), negated.
pub fn kl_to_standard_normal(mu: Tensor<2>, log_var: Tensor<2>) -> Tensor<1> {
    row_sums(kl_per_dimension(mu, log_var))
}

/// The sum of every row. Shapes: `[batch, columns]` → `[batch]`.
pub fn row_sums(rows: Tensor<2>) -> Tensor<1> {
    fused::row_sums(&rows).unwrap_or_else(|| rows.sum_dim(1).squeeze_dim(1))
}

/// The KL term with free bits: the first κ nats of every latent dimension cost nothing.
///
/// Σ_j max(κ, mean over the batch of KL_j)
///
/// A dimension whose average KL is below κ has no gradient. With κ = 0 it is the mean of [`kl_to_standard_normal`].
/// D. P. Kingma et al. 2016, "Improved variational inference with inverse autoregressive flow", where κ is called λ; here a group is one
/// dimension.
///
/// Shapes: `kl` `[batch, latent]` from [`kl_per_dimension`], `kappa` in nats per dimension → `[1]`, in nats per example.
pub fn free_bits(kl: Tensor<2>, kappa: f64) -> Tensor<1> {
    kl.mean_dim(0).clamp_min(kappa).sum()
}

/// Log density of the standard normal, summed over dimensions.
///
/// log p(z) = −½ Σ_j ( log 2π + z_j² )
///
/// Shapes: `z` `[batch, latent]` → `[batch]`, in nats.
pub fn log_standard_normal(z: Tensor<2>) -> Tensor<1> {
    let latent = z.dims()[1] as f64;
    (z.square().sum_dim(1) * -0.5 - 0.5 * latent * (2.0 * std::f64::consts::PI).ln()).squeeze_dim(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::tensor;
    use burn::tensor::Device;

    const SIZE: [usize; 2] = [5, 3];

    fn waves(frequency: f32, scale: [f32; 3]) -> Vec<f32> {
        (0..15).map(|at| scale[at % 3] * (frequency * (at as f32 + 1.0)).sin()).collect()
    }

    /// mu and log_var of five examples: average KL of about 0.8, 0.03 and 0.5 nats in the three dimensions.
    fn posteriors() -> [Vec<f32>; 2] {
        [waves(0.7, [1.4, 0.2, 1.1]), waves(1.3, [0.9, 0.2, 0.3])]
    }

    fn of(table: &[f32]) -> Tensor<2> {
        tensor(table.to_vec(), SIZE, &Device::flex().autodiff())
    }

    fn numbers<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
        tensor.to_data().as_slice::<f32>().expect("f32").to_vec()
    }

    /// A term's value and its gradients by mu and log_var.
    fn term(term: impl Fn(Tensor<2>, Tensor<2>) -> Tensor<1>) -> (f32, [Vec<f32>; 2]) {
        let [mu, log_var] = posteriors().map(|table| of(&table).require_grad());
        let value = term(mu.clone(), log_var.clone());
        let gradients = value.backward();
        let by = |of: &Tensor<2>| of.grad(&gradients).map_or(vec![0.0; 15], |gradient| numbers(&gradient));
        (numbers(&value)[0], [by(&mu), by(&log_var)])
    }

    #[test]
    fn without_free_bits_it_is_the_kl() {
        let (value, gradients) = term(|mu, log_var| free_bits(kl_per_dimension(mu, log_var), 0.0));
        let (plain, plain_gradients) = term(|mu, log_var| kl_to_standard_normal(mu, log_var).mean());
        assert!((value - plain).abs() < 1e-6, "{value} {plain}");
        for (ours, plain) in gradients.concat().iter().zip(plain_gradients.concat()) {
            assert!((ours - plain).abs() < 1e-6, "{ours} {plain}");
        }
    }

    /// Between the averages of the second and the third dimension: the second is free, the others have the KL's own gradient.
    #[test]
    fn a_dimension_below_the_threshold_is_not_charged_and_the_others_are_as_before() {
        const KAPPA: f64 = 0.2;
        let charged = |mu, log_var| free_bits(kl_per_dimension(mu, log_var), KAPPA);
        let (value, gradients) = term(charged);
        let (_, plain) = term(|mu, log_var| kl_to_standard_normal(mu, log_var).mean());
        let [mu, log_var] = posteriors().map(|table| of(&table));
        let average = numbers(&kl_per_dimension(mu, log_var).mean_dim(0));
        assert!(average[1] < KAPPA as f32 && average[0] > KAPPA as f32 && average[2] > KAPPA as f32, "{average:?}");
        assert!((value - average[0] - average[2] - KAPPA as f32).abs() < 1e-6);
        for (which, (ours, plain)) in gradients.iter().zip(&plain).enumerate() {
            for (at, (ours, plain)) in ours.iter().zip(plain).enumerate() {
                let expected = if at % 3 == 1 { 0.0 } else { *plain };
                assert!((ours - expected).abs() < 1e-6, "{ours} {expected}");
                // By finite differences of the value itself.
                let moved = |by: f32| {
                    let mut tables = posteriors();
                    tables[which][at] += by;
                    let [mu, log_var] = tables.map(|table| of(&table));
                    numbers(&charged(mu, log_var))[0]
                };
                let difference = (moved(0.01) - moved(-0.01)) / 0.02;
                assert!((ours - difference).abs() < 1e-3, "{ours} {difference}");
            }
        }
    }
}
