//! Sample figures with numbers from formulas, as SVG files in target/gallery: `cargo run -p plots --example gallery`.
//! With the argument `palette` it writes www/palette.css instead.

use std::path::Path;

use figure::{Axis, Chart, Dash, Figure, Heat, Images, Layer, Marker, Role};
use plots::Style;
use plotters::drawing::IntoDrawingArea;

/// Device pixels per CSS pixel in the files: fine enough that whole pixels do not show.
const FINE: u32 = 4;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    if std::env::args().nth(1).as_deref() == Some("palette") {
        std::fs::write(root.join("www/palette.css"), plots::palette::css())?;
        return Ok(());
    }
    let folder = root.join("target/gallery");
    std::fs::create_dir_all(&folder)?;
    let figures = figures();
    for (dark, theme) in [(false, "light"), (true, "dark")] {
        for (width, height, base) in [(720, 450, 16.0), (360, 240, 13.0)] {
            let mut page =
                String::from("<!doctype html><meta charset=utf-8><style>body{margin:0} svg{float:left}</style>");
            for figure in &figures {
                let svg = svg(figure, (width, height), dark, base)?;
                std::fs::write(folder.join(format!("{}-{theme}-{width}.svg", figure.name)), &svg)?;
                page.push_str(&svg);
            }
            std::fs::write(folder.join(format!("{theme}-{width}.html")), page)?;
        }
    }
    Ok(())
}

fn svg(figure: &Figure, (width, height): (u32, u32), dark: bool, base: f64) -> Result<String, plots::DrawError> {
    let mut out = String::new();
    let style = Style { dark, scale: f64::from(FINE), base, vector: true, ..Style::default() };
    let fine = (width * FINE, height * FINE);
    let backend = plotters_svg::SVGBackend::with_string(&mut out, fine).into_drawing_area();
    plots::draw(figure, &backend, &style)?;
    drop(backend);
    let size = |w, h| format!("<svg width=\"{w}\" height=\"{h}\"");
    Ok(out.replacen(&size(fine.0, fine.1), &size(width, height), 1))
}

fn curve(role: Role, dash: Dash, label: &str, from: f64, to: f64, f: impl Fn(f64) -> f64) -> Layer {
    let points = (0..=400).map(|i| from + (to - from) * f64::from(i) / 400.0).map(|x| [x, f(x)]).collect();
    Layer::Line { role, dash, label: label.into(), points }
}

/// A number in (0, 1) that looks random.
fn noise(i: u32) -> f64 {
    ((f64::from(i) * 12.9898).sin() * 43_758.545_3).rem_euclid(1.0)
}

/// A standard normal number from two uniform ones (Box and Muller 1958).
fn normal(i: u32) -> f64 {
    (-2.0 * noise(2 * i).max(1e-9).ln()).sqrt() * (std::f64::consts::TAU * noise(2 * i + 1)).cos()
}

fn density(x: f64, mu: f64, sigma: f64) -> f64 {
    (-0.5 * ((x - mu) / sigma).powi(2)).exp() / (sigma * std::f64::consts::TAU.sqrt())
}

fn figures() -> Vec<Figure> {
    vec![
        variance(),
        training(),
        densities(),
        latent(),
        surface(),
        decomposition(),
        histogram(),
        diagram(),
        digits(),
        crowded(),
    ]
}

/// Slide 1.8: the variance of both gradient estimators falls as 1/N, at heights that θ sets.
fn variance() -> Figure {
    let theta: f64 = 10.0;
    let ns: Vec<f64> = (0..=9).map(|i| 2f64.powi(i)).collect();
    let (score, reparam) = (4.0 * theta * theta + 30.0, 4.0);
    let measured = |c: f64, seed: u32| -> Vec<[f64; 2]> {
        ns.iter().enumerate().map(|(i, n)| [*n, c / n * (0.25 * normal(seed + i as u32)).exp()]).collect()
    };
    let errors = |c: f64, role| Layer::Errors { role, points: ns.iter().map(|n| [*n, c / n, 0.3 * c / n]).collect() };
    let mut chart =
        Chart { x: Axis::log("samples N"), y: Axis::log("variance of the gradient estimate"), ..Chart::default() };
    for (role, c, label, marker, seed) in [
        (Role::Score, score, "score function", Marker::Circle, 3),
        (Role::Reparameterized, reparam, "reparameterized", Marker::Square, 40),
    ] {
        chart.layers.push(Layer::Band {
            role,
            label: label.into(),
            points: ns.iter().map(|n| [*n, 0.6 * c / n, 1.6 * c / n]).collect(),
        });
        chart.layers.push(curve(role, Dash::Dashed, label, 1.0, 512.0, |n| c / n));
        chart.layers.push(errors(c, role));
        chart.layers.push(Layer::Points { role, marker, label: String::new(), points: measured(c, seed) });
    }
    Figure::chart("variance", "Both variances fall as 1/N.", chart)
}

fn training() -> Figure {
    let wiggle = |x: f64, s: u32| 1.6 * normal((x * 7.0) as u32 + s) / (1.0 + x / 300.0);
    let rise = |x: f64| -96.0 - 110.0 * (-x / 180.0).exp();
    let chart = Chart {
        x: Axis::linear("update"),
        y: Axis::linear("nats per image"),
        layers: vec![
            curve(Role::Reconstruction, Dash::Solid, "reconstruction", 0.0, 1300.0, |x| rise(x) + 21.0 + wiggle(x, 5)),
            curve(Role::Elbo, Dash::Solid, "ELBO", 0.0, 1300.0, |x| rise(x) + wiggle(x, 9)),
            curve(Role::Elbo, Dash::Dotted, "held out", 0.0, 1300.0, |x| rise(x) - 3.0 - 0.002 * x),
            Layer::Rule { role: Role::Exact, dash: Dash::Dashed, label: "log p(x)".into(), at: -92.5, vertical: false },
            Layer::Rule {
                role: Role::Neutral,
                dash: Dash::Dotted,
                label: "β = 1 from here".into(),
                at: 400.0,
                vertical: true,
            },
        ],
        ..Chart::default()
    };
    Figure::chart("training", "The ELBO rises.", chart)
}

fn densities() -> Figure {
    let chart = Chart {
        x: Axis::linear("latent z").over(-4.0, 4.0),
        y: Axis::linear("density"),
        layers: vec![
            curve(Role::Prior, Dash::Solid, "prior p(z)", -4.0, 4.0, |z| density(z, 0.0, 1.0)),
            curve(Role::Posterior, Dash::Solid, "posterior q(z|x)", -4.0, 4.0, |z| density(z, 1.4, 0.5)),
            curve(Role::Aggregate, Dash::Solid, "aggregate q(z)", -4.0, 4.0, |z| {
                0.5 * density(z, 1.4, 0.5) + 0.5 * density(z, -1.2, 0.7)
            }),
        ],
        ..Chart::default()
    };
    Figure::chart("densities", "Three densities.", chart)
}

fn latent() -> Figure {
    let (mut points, mut classes) = (Vec::new(), Vec::new());
    for i in 0..1500 {
        let class = i % 10;
        let angle = 0.628 * f64::from(class);
        let radius = if class % 2 == 0 { 2.2 } else { 1.2 };
        points.push([radius * angle.cos() + 0.3 * normal(i), radius * angle.sin() + 0.3 * normal(i + 9000)]);
        classes.push(class as u8);
    }
    let chart = Chart {
        x: Axis::linear("z₁").over(-3.0, 3.0),
        y: Axis::linear("z₂").over(-3.0, 3.0),
        equal: true,
        layers: vec![
            Layer::Classes { marker: Marker::Dot, size: 1.8, points, classes },
            Layer::Ellipses { role: Role::Prior, label: "prior".into(), ellipses: vec![[0.0, 0.0, 2.0, 2.0]] },
            Layer::Ellipses {
                role: Role::Posterior,
                label: "posteriors".into(),
                ellipses: vec![[1.0, 1.0, 0.5, 0.3], [-1.4, 0.6, 0.3, 0.6]],
            },
            Layer::Classes {
                marker: Marker::Numeral,
                size: 8.0,
                points: (0..10)
                    .map(|c| [2.75 * (0.628 * f64::from(c)).cos(), 2.75 * (0.628 * f64::from(c)).sin()])
                    .collect(),
                classes: (0..10).collect(),
            },
        ],
    };
    Figure::chart("latent", "Codes of ten digits.", chart)
}

fn surface() -> Figure {
    let (columns, rows) = (60, 60);
    let at = |i: usize, n: usize| -3.0 + 6.0 * (i as f64 + 0.5) / n as f64;
    let values = (0..columns * rows)
        .map(|i| (at(i % columns, columns), at(i / columns, rows)))
        .map(|(x, y)| (density(x, 0.8, 0.7) * density(y, x * 0.6, 0.6)) as f32)
        .collect();
    let arrows = (0..49)
        .map(|i| (-2.4 + 0.8 * f64::from(i % 7), -2.4 + 0.8 * f64::from(i / 7)))
        .map(|(x, y)| [x, y, x + 0.25 * (0.8 - x), y + 0.25 * (0.5 - y)])
        .collect();
    let chart = Chart {
        x: Axis::linear("z₁").over(-3.0, 3.0),
        y: Axis::linear("z₂").over(-3.0, 3.0),
        equal: true,
        layers: vec![
            Layer::Heat(Heat {
                role: Role::Aggregate,
                x: (-3.0, 3.0),
                y: (-3.0, 3.0),
                columns,
                rows,
                values,
                range: None,
            }),
            Layer::Arrows { role: Role::Data, dash: Dash::Solid, head: true, arrows },
            Layer::Points { role: Role::Exact, marker: Marker::Cross, label: "mode".into(), points: vec![[0.8, 0.48]] },
        ],
    };
    Figure::chart("surface", "A density and its score.", chart)
}

fn decomposition() -> Figure {
    let bar = |role, label: &str, low: [f64; 4], high: [f64; 4]| Layer::Bars {
        role,
        label: label.into(),
        bars: (0..4).map(|i| [i as f64 - 0.3, i as f64 + 0.3, low[i], high[i]]).collect(),
    };
    let mi = [2.3, 1.9, 1.2, 0.1];
    let marginal = [2.9, 2.2, 1.3, 0.12];
    let chart = Chart {
        x: Axis::linear("").over(-0.6, 3.6).with_ticks(
            ["β = 0.5", "β = 1", "β = 2", "β = 8"]
                .iter()
                .enumerate()
                .map(|(i, t)| (i as f64, (*t).to_owned()))
                .collect(),
        ),
        y: Axis::linear("E KL[q(z|x)‖p(z)] (nats per image)"),
        layers: vec![
            bar(Role::MutualInformation, "I(x,z)", [0.0; 4], mi),
            bar(Role::MarginalKl, "KL[q(z)‖p(z)]", mi, marginal),
        ],
        ..Chart::default()
    };
    Figure::chart("decomposition", "KL split in two.", chart)
}

fn histogram() -> Figure {
    let bars = (0..40)
        .map(|i| -4.0 + 0.2 * f64::from(i))
        .map(|x| {
            [x, x + 0.2, 0.0, 20_000.0 * density(x + 0.1, 0.3, 1.1) * (1.0 + 0.1 * normal((x * 10.0 + 50.0) as u32))]
        })
        .collect();
    let chart = Chart {
        x: Axis::linear("gradient estimate"),
        y: Axis::linear("estimates per unit"),
        layers: vec![
            Layer::Bars { role: Role::Reparameterized, label: "reparameterized".into(), bars },
            curve(Role::Exact, Dash::Dashed, "normal", -4.0, 4.0, |x| 20_000.0 * density(x, 0.3, 1.1)),
        ],
        ..Chart::default()
    };
    Figure::chart("histogram", "A histogram.", chart)
}

fn diagram() -> Figure {
    let text = |role, x, y, size, text: &str| Layer::Text { role, size, at: [x, y], text: text.into() };
    let chart = Chart {
        x: Axis::hidden(0.0, 10.0),
        y: Axis::hidden(0.0, 6.0),
        layers: vec![
            Layer::Ellipses {
                role: Role::Neutral,
                label: String::new(),
                ellipses: vec![[2.0, 3.0, 0.8, 0.8], [8.0, 3.0, 0.8, 0.8]],
            },
            Layer::Arrows { role: Role::Posterior, dash: Dash::Dashed, head: true, arrows: vec![[2.9, 3.3, 7.1, 3.3]] },
            Layer::Arrows {
                role: Role::Reconstruction,
                dash: Dash::Solid,
                head: true,
                arrows: vec![[7.1, 2.7, 2.9, 2.7]],
            },
            text(Role::Data, 2.0, 3.0, 1.5, "x"),
            text(Role::Prior, 8.0, 3.0, 1.5, "z"),
            text(Role::Posterior, 5.0, 3.8, 1.0, "q(z|x)"),
            text(Role::Reconstruction, 5.0, 2.2, 1.0, "p(x|z)"),
        ],
        equal: true,
    };
    Figure::chart("diagram", "Encoder and decoder.", chart)
}

fn digits() -> Figure {
    let (size, columns, rows) = (28usize, 10usize, 3usize);
    let mut values = Vec::new();
    for i in 0..columns * rows {
        let (rx, ry) = (5.0 + (i % columns) as f64 * 0.6, 9.0 - (i / columns) as f64 * 2.0);
        for p in 0..size * size {
            let (x, y) = ((p % size) as f64 - 13.5, (p / size) as f64 - 13.5);
            let ring = ((x / rx).hypot(y / ry) - 1.0).abs() * rx.min(ry);
            values.push((2.2 - ring).clamp(0.0, 1.0) as f32);
        }
    }
    let captions = ["data", "model", "prior"].map(String::from).to_vec();
    Figure::images("digits", "Thirty ovals.", Images::from_unit(&values, columns, size, size).with_captions(captions))
}

/// Too many names for line ends.
fn crowded() -> Figure {
    let layers = (0..9)
        .map(|c| {
            curve(Role::Class(c), Dash::Solid, &format!("class {c}"), 0.0, 2e6, move |x| {
                1e-4 * (1.0 + 0.02 * f64::from(c)) * (-x / 1e6).exp()
            })
        })
        .collect();
    let chart = Chart { x: Axis::linear("weights"), y: Axis::linear("MMD²"), layers, ..Chart::default() };
    Figure::chart("crowded", "Nine curves.", chart)
}
