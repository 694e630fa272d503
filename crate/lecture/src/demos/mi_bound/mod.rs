//! Slide 3.1: the average KL bounds the mutual information, with posteriors that the user moves.
//!
//! *Look for:* two bars that stay equally high whatever you do, KL = I(x,z) + KL\[q(z)‖p(z)\]; pull the posteriors apart
//! and I(x,z) climbs to log N and no further, while KL goes on growing; push them all onto the prior and all three are 0. A decoder bounds
//! I(x,z) from below, and reaches it where it inverts the encoder.
//!
//! Equations (14) to (17); the mathematics is `math::mixture`. In one and two dimensions every term is known by
//! quadrature; the Monte Carlo estimates, the only way in more dimensions, are shown beside it with their errors.

mod figures;
mod sketch;
#[cfg(test)]
mod tests;

use figure::Control;

use crate::demo::{Demo, Model, Run};

figure::choice! {
    /// Latent dimensions.
    pub(crate) enum Dims {
        One = "1" "one",
        Two = "2" "two",
    }
}

figure::choice! {
    /// Whose posteriors they are.
    pub(crate) enum Source {
        Hand = "hand" "placed by hand",
        Trained = "trained" "of the page's trained VAE",
        Own = "own" "of the VAE you trained in 1.4",
    }
}

/// The names of its controls.
pub(crate) mod keys {
    use figure::Key;

    pub(crate) const DIMS: Key<super::Dims> = Key::new("dims");
    pub(crate) const SOURCE: Key<super::Source> = Key::new("source");
    pub(crate) const POINTS: Key<usize> = Key::new("points");
    pub(crate) const SPREAD: Key<f64> = Key::new("spread");
    pub(crate) const SIGMA: Key<f64> = Key::new("sigma");
    pub(crate) const DECODER: Key<f64> = Key::new("decoder");
    pub(crate) const SAMPLES: Key<usize> = Key::new("samples");
    pub(crate) const LINE: Key<Vec<f64>> = Key::new("line");
    pub(crate) const PLANE: Key<Vec<f64>> = Key::new("plane");
}

/// Its read-outs.
pub(crate) mod readouts {
    use figure::{ReadoutSpec, Role};

    figure::declare! { ReadoutSpec:
        KL = ReadoutSpec::new("kl", "average KL", "nats", 3).role(Role::Kl).exact();
        MI = ReadoutSpec::new("mi", r"\(I(\mathbf{x}, \mathbf{z})\), sampled", "nats", 3).role(Role::MutualInformation);
        EXACT_MI = ReadoutSpec::new("exact_mi", r"\(I(\mathbf{x}, \mathbf{z})\), exact", "nats", 3).role(Role::MutualInformation).exact();
        MARGINAL_KL = ReadoutSpec::new("marginal_kl", r"\(\mathrm{KL}[q(\mathbf{z})\,\|\,p(\mathbf{z})]\), sampled", "nats", 3).role(Role::MarginalKl);
        EXACT_MARGINAL_KL = ReadoutSpec::new("exact_marginal_kl", "the same, exact", "nats", 3).role(Role::MarginalKl).exact();
        RESIDUAL = ReadoutSpec::new("residual", "residual, sampled", "nats", 3);
        EXACT_RESIDUAL = ReadoutSpec::new("exact_residual", "residual, exact", "nats", -2).exact();
        BELOW = ReadoutSpec::new("below", r"\(\log N + \mathbb{E}[\log p_\theta(\mathbf{x}|\mathbf{z})]\), sampled", "nats", 3).role(Role::Reconstruction);
        EXACT_BELOW = ReadoutSpec::new("exact_below", "the same, exact", "nats", 3).role(Role::Reconstruction).exact();
        LOG_N = ReadoutSpec::new("log_n", r"\(\log N\)", "nats", 3).role(Role::Exact).exact();
    }
}

/// Its figures.
pub(crate) mod slots {
    use figure::FigureSpec;

    figure::declare! { FigureSpec:
        POSTERIORS = FigureSpec("posteriors");
        BARS = FigureSpec("bars");
        SWEEP = FigureSpec("sweep");
    }
}

use math::gaussian::quantile;

/// The demo `mi-bound`.
pub const DEMO: Demo = Demo {
    name: "mi-bound",
    slide: "3.1",
    title: "A bound on mutual information",
    run: Run::Sketch(sketch::sketch),
    device: false,
    rate: false,
    elapsed: false,
    model: Model::Shows,
    images: None,
    controls,
    readouts: readouts::ALL,
    figures: slots::ALL,
};

/// The most posteriors.
const MOST: u32 = crate::shared::posteriors::COUNT as u32;
/// How far a mean can be dragged, in units of the list.
const REACH: f64 = 6.0;
/// The widths of the decoder.
const DECODER: (f64, f64) = (0.5, 4.0);
/// The largest spread.
const WIDEST: f64 = 4.0;

/// Initial means, `dims` numbers each: an even sequence over the prior's quantiles, of which any first
/// part is even too (additive recurrence with the inverse plastic numbers; M. Roberts 2018).
fn laid_out(dims: usize) -> Vec<f64> {
    /// 1/ρ and 1/ρ² with ρ³ = ρ + 1, the plastic number; in one dimension the inverse golden ratio.
    const STEPS: [&[f64]; 2] = [&[0.618_033_988_749_895], &[0.754_877_666_246_693, 0.569_840_290_998_053]];
    let coordinate = |n: usize, step: f64| {
        // Two digits are as exact as dragging.
        (quantile((0.5 + step * n as f64).fract().clamp(0.01, 0.99)) * 100.0).round() / 100.0
    };
    (1..=MOST as usize).flat_map(|n| STEPS[dims - 1].iter().map(move |&step| coordinate(n, step))).collect()
}

fn controls() -> Vec<Control> {
    vec![
        Control::choice(keys::DIMS, "Latent dimensions", Dims::One).symbol("M").live().hint(
            "In one and two dimensions every term is exact by quadrature; beyond, only sampling is left.",
        ),
        Control::choice(keys::SOURCE, "Posteriors", Source::Hand)
        .symbol("q(z|x)")
        .live()
        .hint("Placed by hand: drag them in the figure. The page's VAE: 32 held-out digits, encoded. Yours: the first 32 held-out images, in the dimensions that say most."),
        Control::integer(keys::POINTS, "Data points", (1, MOST), 6)
            .symbol("N")
            .live()
            .hint("One posterior each. I(x,z) can never pass log N: with N names, no message tells more."),
        Control::number(keys::SPREAD, "Spread of the means", (0.0, WIDEST), 0.05, 1.0)
            .live()
            .hint("Every mean times this: 0 puts them all on the prior's mean, 1 is as placed, more pulls them apart."),
        Control::log(keys::SIGMA, "Width of each posterior", (0.05, 3.0), 0.5)
            .symbol("σ")
            .live()
            .hint("1 is the prior's width. Only of posteriors placed by hand: a trained VAE's keep their own."),
        Control::log(keys::DECODER, "Width the decoder takes for it", DECODER, 2.0)
            .symbol("w")
            .live()
            .hint("The decoder inverts an encoder whose posteriors are w times as wide. At 1 it is the inverse, (16) is an equality, and the bound from below is I(x,z)."),
        Control::log_integer(keys::SAMPLES, "Samples per posterior", (2, 1024), 200)
            .symbol("L")
            .live()
            .advanced()
            .hint("Of the Monte Carlo estimate: its error falls as 1/√L."),
        Control::pointed(keys::LINE, "Means on the line", (-REACH, REACH), 1, MOST as usize, laid_out(1)).live().advanced(),
        Control::pointed(keys::PLANE, "Means in the plane", (-REACH, REACH), 2, 2 * MOST as usize, laid_out(2))
            .live()
            .advanced(),
        Control::seed().live(),
    ]
}
