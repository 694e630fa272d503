//! The true posterior of the image that z₁ is the code of, computed while it is asked for, and once an image.

use std::cell::OnceCell;

use burn::tensor::Tensor;
use figure::Readout;
use math::evidence::posterior::Gaps;

use crate::demos::latent_arithmetic::readouts;
use crate::shared::trained::Trained;
use crate::shared::true_posterior::{Drawn, PosteriorGrid};

/// What was seen of the image last asked for.
struct Seen {
    image: usize,
    drawn: Option<Drawn>,
    gaps: Option<Gaps>,
}

/// The grid, and what was seen on it.
#[derive(Default)]
pub(super) struct Truth {
    /// Made when first asked for; None within where it is not affordable.
    grid: OnceCell<Option<PosteriorGrid>>,
    /// The image wanted now.
    wanted: Option<usize>,
    asked: Option<usize>,
    seen: Option<Seen>,
}

impl Truth {
    /// What is to be read for this image, unless it is known already: log p(x|z) on the grid. `x` `[1, pixel]`.
    pub(super) fn ask(
        &mut self,
        wanted: Option<usize>,
        trained: &Trained,
        x: impl FnOnce(usize) -> Tensor<2>,
    ) -> Option<Tensor<1>> {
        self.wanted = wanted;
        let known = self.seen.as_ref().map(|seen| seen.image);
        self.asked = wanted.filter(|image| Some(*image) != known);
        let x = x(self.asked?);
        let grid = self.grid.get_or_init(|| PosteriorGrid::new(&trained.config, &x.device())).as_ref()?;
        Some(grid.log_likelihoods(&trained.vae.decoder, &trained.config, &x))
    }

    /// Takes the numbers that were asked for; `q` gives q(z|x)'s means and log variances.
    pub(super) fn take<'a>(&mut self, numbers: &[f32], q: impl FnOnce(usize) -> [&'a [f64]; 2]) {
        let (Some(Some(grid)), Some(image)) = (self.grid.get(), self.asked.take()) else { return };
        let numbers: Vec<f64> = numbers.iter().copied().map(f64::from).collect();
        let Some(posterior) = grid.posteriors(&numbers).pop() else { return };
        let q = q(image);
        let gaps = posterior.gaps(q[0], q[1]);
        // With one dimension both axes are z₁: a strip as high as the prior is wide.
        let drawn = Drawn::new(image, &posterior, q, gaps.as_ref(), (-3.0, 3.0));
        self.seen = Some(Seen { image, drawn, gaps });
    }

    fn now(&self) -> Option<&Seen> {
        self.seen.as_ref().filter(|seen| Some(seen.image) == self.wanted)
    }

    /// What to draw under and over the image's code.
    pub(super) fn drawn(&self) -> Option<&Drawn> {
        self.now()?.drawn.as_ref()
    }

    /// log p(x) and the two gaps, where the quadrature is exact.
    pub(super) fn readouts(&self) -> Vec<Readout> {
        let gaps = self.now().and_then(|seen| seen.gaps.as_ref());
        let exact = gaps.filter(|gaps| gaps.evidence.is_exact());
        let of = |number: fn(&Gaps) -> f64| exact.map_or(f64::NAN, number);
        vec![
            readouts::LOG_PX.value(of(|gaps| gaps.evidence.log_px)),
            readouts::APPROXIMATION_GAP.value(of(|gaps| gaps.approximation)),
            readouts::AMORTIZATION_GAP.value(of(|gaps| gaps.amortization)),
        ]
    }
}
