//! The continuous Bernoulli, a density on \[0, 1\]: p(x) = e^(l·x) l / (e^l − 1) with the logit l.
//!
//! G. Loaiza-Ganem and J. P. Cunningham, "The continuous Bernoulli: fixing a pervasive error in variational autoencoders", 2019. It is
//! their equation (3) written in l = log λ/(1−λ): the normalising constant 2 artanh(1−2λ)/(1−2λ) is l / tanh(l/2).

use burn::tensor::Tensor;

/// Below this |l|/2 the closed forms lose digits by cancellation, and their series are exact to single precision.
const SMALL: f64 = 0.4;

/// log((e^l − 1)/l) of each logit, as l/2 + log(sinh u / u) with u = |l|/2: finite and smooth for every l.
pub(super) fn log_normaliser(logits: Tensor<2>) -> Tensor<2> {
    // The branch that is not chosen is evaluated too, at a number where it and its derivative are finite.
    let half = logits.clone().abs() * 0.5;
    let large = half.clone().clamp_min(SMALL);
    let small = half.clone().clamp_max(SMALL).square();
    // log sinh u − log u = u + log(1 − e^(−2u)) − log 2u
    let closed = large.clone() + (-(large.clone() * -2.0).exp() + 1.0).log() - (large * 2.0).log();
    // u²/6 − u⁴/180 + u⁶/2835 − u⁸/37800
    let series = small.clone()
        * (small.clone() * (small.clone() * (small * (-1.0 / 37800.0) + 1.0 / 2835.0) - 1.0 / 180.0) + 1.0 / 6.0);
    closed.mask_where(half.lower_elem(SMALL), series) + logits * 0.5
}

/// Mean of each pixel: 1/(1 − e^(−l)) − 1/l = ½ + ½ (coth u − 1/u), u = l/2.
pub(super) fn mean(logits: Tensor<2>) -> Tensor<2> {
    let u = logits * 0.5;
    let size = u.clone().abs();
    let large = size.clone().clamp_min(SMALL);
    let closed = large.clone().tanh().recip() - large.recip();
    let square = size.clone().clamp_max(SMALL).square();
    // u/3 − u³/45 + 2u⁵/945 − u⁷/4725
    let series = size.clone()
        * (square.clone() * (square.clone() * (square * (-1.0 / 4725.0) + 2.0 / 945.0) - 1.0 / 45.0) + 1.0 / 3.0);
    closed.mask_where(size.lower_elem(SMALL), series) * u.sign() * 0.5 + 0.5
}

/// Variance of each pixel: ¼ (1/u² − 1/sinh² u), u = l/2.
pub(super) fn variance(logits: Tensor<2>) -> Tensor<2> {
    let size = logits.abs() * 0.5;
    let large = size.clone().clamp_min(SMALL);
    // 1/sinh² u = 4 e^(−2u) / (1 − e^(−2u))²
    let decay = (large.clone() * -2.0).exp();
    let closed = large.square().recip() - decay.clone() * 4.0 / (-decay + 1.0).square();
    let square = size.clone().clamp_max(SMALL).square();
    // 1/3 − u²/15 + 2u⁴/189 − u⁶/675
    let series = square.clone() * (square.clone() * (square * (-1.0 / 675.0) + 2.0 / 189.0) - 1.0 / 15.0) + 1.0 / 3.0;
    closed.mask_where(size.lower_elem(SMALL), series) * 0.25
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Device;

    const LOGITS: [f64; 13] = [-90.0, -20.0, -3.0, -0.81, -0.79, -0.01, 0.0, 0.01, 0.79, 0.81, 3.0, 20.0, 90.0];

    fn of(function: fn(Tensor<2>) -> Tensor<2>) -> Vec<f64> {
        let logits = Tensor::<1>::from_floats(LOGITS.map(|l| l as f32), &Device::flex()).unsqueeze::<2>();
        function(logits).into_data().try_to_vec::<f32>().expect("f32").into_iter().map(f64::from).collect()
    }

    /// ∫ x^power e^(l·x) dx over [0, 1] by the midpoint rule, divided by e^max(l, 0).
    fn integral(l: f64, power: i32) -> f64 {
        const STEPS: usize = 200_000;
        let term = |at: usize| {
            let x = (at as f64 + 0.5) / STEPS as f64;
            x.powi(power) * (l * x - l.max(0.0)).exp()
        };
        (0..STEPS).map(term).sum::<f64>() / STEPS as f64
    }

    #[test]
    fn normaliser_mean_and_variance_are_the_integrals() {
        let (normalisers, means, variances) = (of(log_normaliser), of(mean), of(variance));
        for (n, l) in LOGITS.into_iter().enumerate() {
            let [zeroth, first, second] = [0, 1, 2].map(|power| integral(l, power));
            let log = zeroth.ln() + l.max(0.0);
            assert!((normalisers[n] - log).abs() < 3e-6 * (1.0 + log.abs()), "{l}: {} or {log}", normalisers[n]);
            let exact = first / zeroth;
            assert!((means[n] - exact).abs() < 1e-6, "{l}: {} or {exact}", means[n]);
            let exact = second / zeroth - exact * exact;
            assert!((variances[n] - exact).abs() < 2e-6, "{l}: {} or {exact}", variances[n]);
        }
    }
}
