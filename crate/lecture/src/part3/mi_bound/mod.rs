//! Slide 3.1: the average KL bounds the mutual information, with posteriors that are moved by hand.
//!
//! *Look for:* two bars that stay equally high whatever you do, KL = I(x,z) + KL\[q(z)‖p(z)\]; pull the posteriors apart
//! and I(x,z) climbs to log N and no further, while KL goes on growing; push them all onto the prior and all three are 0.
//!
//! Equations (14) to (17); the mathematics is `math::mixture`. In one and two dimensions every term is known by
//! quadrature; the Monte Carlo estimates stand beside it with their errors, as they must in more dimensions.

mod figures;
mod sketch;
pub mod trained;

use figure::Control;

use crate::demo::{ReadoutSpec, readout};
use crate::{Demo, Run};
use math::gaussian::quantile;

/// The demo `mi-bound`.
pub const DEMO: Demo = Demo {
    name: "mi-bound",
    slide: "3.1",
    title: "The KL term bounds the mutual information",
    ends: false,
    controls,
    readouts: &READOUTS,
    run: Run::Sketch(sketch::sketch),
};

/// The most posteriors.
const MOST: u32 = 32;
/// How far a mean can be dragged, in units of the list.
const REACH: f64 = 6.0;
/// The largest spread.
const WIDEST: f64 = 4.0;

const READOUTS: [ReadoutSpec; 8] = [
    readout("kl", "nats", 3),
    readout("mi", "nats", 3),
    readout("marginal_kl", "nats", 3),
    readout("residual", "nats", 3),
    readout("log_n", "nats", 3),
    readout("exact_mi", "nats", 3),
    readout("exact_marginal_kl", "nats", 3),
    readout("exact_residual", "nats", -2),
];

/// Where the means lie at first, `dims` numbers each: an even sequence over the prior's quantiles, of which any first
/// part is even too (additive recurrence with the inverse plastic numbers; M. Roberts 2018).
fn laid_out(dims: usize) -> Vec<f64> {
    /// 1/ρ and 1/ρ² with ρ³ = ρ + 1, the plastic number; in one dimension the inverse golden ratio.
    const STEPS: [&[f64]; 2] = [&[0.618_033_988_749_895], &[0.754_877_666_246_693, 0.569_840_290_998_053]];
    let coordinate = |n: usize, step: f64| {
        // Two digits are as exact as a hand.
        (quantile((0.5 + step * n as f64).fract().clamp(0.01, 0.99)) * 100.0).round() / 100.0
    };
    (1..=MOST as usize).flat_map(|n| STEPS[dims - 1].iter().map(move |&step| coordinate(n, step))).collect()
}

fn controls() -> Vec<Control> {
    vec![
        Control::choice("dims", "Latent dimensions", &[("1", "one"), ("2", "two")], "1").symbol("M").live().hint(
            "In one dimension every term is exact by quadrature, in two the grid is coarser; beyond, only sampling is left.",
        ),
        Control::choice(
            "source",
            "Posteriors",
            &[("hand", "placed by hand"), ("trained", "of the page's trained VAE"), ("own", "of the VAE you trained in 1.4")],
            "hand",
        )
        .symbol("q(z|x)")
        .live()
        .hint("Placed by hand: drag them in the figure. The page's VAE: 32 held-out digits, encoded after 4,000 steps. Yours: the first 32 held-out images, in the dimensions that say most."),
        Control::integer("points", "Data points", (1, MOST), 6)
            .symbol("N")
            .live()
            .hint("One posterior each. I(x,z) can never pass log N: with N names, no message tells more."),
        Control::number("spread", "Spread of the means", (0.0, WIDEST), 0.05, 1.0)
            .live()
            .hint("Every mean times this: 0 puts them all on the prior's mean, 1 is as placed, more pulls them apart."),
        Control::log("sigma", "Width of each posterior", (0.05, 3.0), 0.5)
            .symbol("σ")
            .live()
            .hint("1 is the prior's width. Only of posteriors placed by hand: a trained VAE's keep their own."),
        Control::log_integer("samples", "Samples per posterior", (2, 1024), 200)
            .symbol("L")
            .live()
            .advanced()
            .hint("Of the Monte Carlo estimate: its error falls as 1/√L."),
        Control::pointed("line", "Means on the line", (-REACH, REACH), 1, MOST as usize, laid_out(1)).live().advanced(),
        Control::pointed("plane", "Means in the plane", (-REACH, REACH), 2, 2 * MOST as usize, laid_out(2))
            .live()
            .advanced(),
        Control::seed().live(),
    ]
}
