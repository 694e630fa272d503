//! log p(x) of a model with a latent line or plane by the trapezoid rule, and whether the grid was fine and wide enough for it.
//!
//! It knows no model: the input is four log sums of p(x|z) p(z) over the points of a [`LatentGrid`], from which the rule's value follows
//! at the grid's own spacing and at twice that, and how much of it lies near the border.
//!
//! ```
//! use math::evidence::{Evidence, LatentGrid};
//! use math::gaussian::{log_prior, log_sum_exp};
//! // With p(x|z) = 1 the evidence is the prior's mass: log 1.
//! let grid = LatentGrid::new(2);
//! let sums = grid.parts.clone().map(|part| log_sum_exp(&part.chunks(2).map(log_prior).collect::<Vec<_>>()));
//! let evidence = Evidence::of(&sums, &grid);
//! assert!((evidence.log_px).abs() < 1e-6 && evidence.is_exact());
//! ```

pub mod posterior;

use crate::gaussian::log_sum_exp;
use crate::quadrature::{EXACT, is_converged};

/// Half the side of the square of latent points: beyond it the prior has 4e-9 of its mass.
const REACH: f64 = 6.0;
/// Points farther out than this in one of the dimensions are the border.
const BORDER: f64 = 5.0;
/// Points along a side: an odd number of points, so that every second one has both ends.
const SIDE: [usize; 2] = [4097, 101];

/// Evenly spaced points of a latent line or plane in four parts: those of the coarser grid of twice the spacing and the others, each
/// inside and on the border.
#[derive(Clone, Debug)]
pub struct LatentGrid {
    /// Coarse inside, others inside, coarse on the border, others on the border: `[points, latent]` each, row by row.
    pub parts: [Vec<f64>; 4],
    /// Latent dimensions: 1 or 2.
    pub latent: usize,
    step: f64,
}

impl LatentGrid {
    /// How many points there are.
    pub fn count(latent: usize) -> usize {
        SIDE[latent - 1].pow(latent as u32)
    }

    /// The points of a line (`latent` = 1) or a plane (2).
    pub fn new(latent: usize) -> Self {
        assert!((1..=2).contains(&latent), "a grid of {latent} dimensions is too large");
        let side = SIDE[latent - 1];
        let step = 2.0 * REACH / (side as f64 - 1.0);
        let at = |index: usize| step * index as f64 - REACH;
        let mut parts: [Vec<f64>; 4] = Default::default();
        for row in 0..if latent == 2 { side } else { 1 } {
            for column in 0..side {
                let indices = &[column, row][..latent];
                parts[Self::part(indices, at)].extend(indices.iter().map(|&index| at(index)));
            }
        }
        Self { parts, latent, step }
    }

    /// Which of the parts the point at these indices, one a dimension, belongs to; `at` is an index's coordinate.
    fn part(indices: &[usize], at: impl Fn(usize) -> f64) -> usize {
        let border = indices.iter().any(|&index| at(index).abs() > BORDER);
        let coarse = indices.iter().all(|index| index.is_multiple_of(2));
        2 * usize::from(border) + usize::from(!coarse)
    }
}

/// log p(x) of one x by quadrature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evidence {
    /// log p(x) = log ∫ p(x|z) p(z) dz in nats.
    pub log_px: f64,
    /// The same on the grid of twice the spacing.
    pub coarser: f64,
    /// The share of p(x) on the border.
    pub border: f64,
}

impl Evidence {
    /// From the log sums of p(x|z) p(z) over the four parts of a grid.
    pub fn of(sums: &[f64; 4], grid: &LatentGrid) -> Self {
        let all = log_sum_exp(sums);
        let dimensions = grid.latent as f64;
        Self {
            log_px: all + dimensions * libm::log(grid.step),
            coarser: log_sum_exp(&[sums[0], sums[2]]) + dimensions * libm::log(2.0 * grid.step),
            border: libm::exp(log_sum_exp(&sums[2..]) - all),
        }
    }

    /// Whether it is exact to 1e-3 nats: the spacing is fine enough ([`is_converged`]), and nothing of it lies at the border.
    pub fn is_exact(&self) -> bool {
        is_converged(self.log_px - self.coarser) && self.border < EXACT
    }

    /// Whether it is good to a hundredth of a nat, by the same reasoning: enough for a picture.
    pub fn is_good(&self) -> bool {
        (self.log_px - self.coarser).abs() < 30.0 * EXACT && self.border < EXACT
    }
}

/// The mean of log p(x) over examples; none where it is not exact to 1e-3 nats ([`Evidence::is_exact`]), taken over all of them.
pub fn exact_mean(all: &[Evidence]) -> Option<f64> {
    let mean = |of: fn(&Evidence) -> f64| all.iter().map(of).sum::<f64>() / all.len() as f64;
    let together = Evidence {
        log_px: mean(|one| one.log_px),
        coarser: mean(|one| one.log_px + (one.log_px - one.coarser).abs()),
        border: mean(|one| one.border),
    };
    together.is_exact().then_some(together.log_px)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::elbo::LinearGaussian;
    use crate::gaussian::{log_pdf, log_prior};

    /// p(x|z) = N(x; 1.5 z₁, sigma²), so that p(x) is normal too; a second dimension does nothing.
    fn evidence(latent: usize, x: f64, sigma: f64) -> Evidence {
        let grid = LatentGrid::new(latent);
        let log_joint = |z: &[f64]| log_pdf(x, 1.5 * z[0], 2.0 * sigma.ln()) + log_prior(z);
        let sums = grid.parts.clone().map(|part| log_sum_exp(&part.chunks(latent).map(log_joint).collect::<Vec<_>>()));
        Evidence::of(&sums, &grid)
    }

    #[test]
    fn it_is_the_closed_form_where_it_says_so() {
        for latent in [1, 2] {
            for sigma in [0.003, 0.03, 0.1, 0.25, 1.0] {
                for x in [-7.0, 0.4, 6.5, 9.0] {
                    let model = LinearGaussian { mu_p: 0.0, sigma_p: 1.0, weight: 1.5, bias: 0.0, sigma_x: sigma };
                    let found = evidence(latent, x, sigma);
                    let apart = (found.log_px - model.log_px(x)).abs();
                    assert!(!found.is_exact() || apart < EXACT, "{latent} {sigma} {x}: {apart}");
                }
            }
            assert!(evidence(latent, 0.4, 0.25).is_exact());
        }
    }

    #[test]
    fn the_count_is_that_of_the_points() {
        for latent in [1, 2] {
            let points: usize = LatentGrid::new(latent).parts.iter().map(Vec::len).sum();
            assert_eq!(points, LatentGrid::count(latent) * latent);
        }
    }

    #[test]
    fn too_coarse_and_too_far_out_are_told() {
        assert!(!evidence(2, 0.4, 0.02).is_exact(), "the posterior falls between the points");
        assert!(!evidence(1, 8.4, 0.1).is_exact(), "the posterior lies at 5.6");
        let (good, bad) = (evidence(2, 0.4, 0.5), evidence(2, 0.4, 0.02));
        assert!(exact_mean(&[good, good]) == Some(good.log_px) && exact_mean(&[good, bad]).is_none());
    }
}
