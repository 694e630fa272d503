//! What a Bernoulli can reach on grey pixels.
//!
//! ```
//! use math::bernoulli::negative_entropy;
//! assert_eq!(negative_entropy(&[0.0, 1.0]), 0.0); // black and white
//! assert!((negative_entropy(&[0.5]) + 2.0_f64.ln()).abs() < 1e-15);
//! ```

/// −H(x) = Σ x log x + (1−x) log(1−x) over pixels in \[0, 1\], in nats: the largest value of Σ x log π + (1−x) log(1−π), at π = x.
pub fn negative_entropy(x: &[f32]) -> f64 {
    let of = |p: f64| if p > 0.0 { p * libm::log(p) } else { 0.0 };
    x.iter().map(|&x| of(f64::from(x)) + of(1.0 - f64::from(x))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn no_pi_does_better_than_the_pixel_itself() {
        let mut rng = Rng::new(3);
        for _ in 0..200 {
            let (x, pi) = (rng.uniform() as f32, rng.uniform());
            let reached = f64::from(x) * pi.ln() + (1.0 - f64::from(x)) * (1.0 - pi).ln();
            assert!(reached <= negative_entropy(&[x]) + 1e-12, "{x} {pi}");
        }
    }
}
