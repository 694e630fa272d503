//! A chart as data: two axes, and layers drawn in order. Layers name meanings, not colours.

use serde::{Deserialize, Serialize};

/// The meaning of a mark. The page gives every role one colour, the same in equations, curves and read-outs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// E_q\[log p(x|z)\], a log-likelihood in nats: larger is better.
    Reconstruction,
    /// KL\[q(z|x)‖p(z)\] in nats.
    Kl,
    /// The evidence lower bound, in nats.
    Elbo,
    /// A closed form, an exact value or an optimum.
    Exact,
    /// The mutual information I(x,z) in nats.
    #[serde(rename = "mi")]
    MutualInformation,
    /// KL\[q(z)‖p(z)\], the marginal KL, in nats.
    MarginalKl,
    /// The squared maximum mean discrepancy.
    Mmd,
    /// The prior p(z).
    Prior,
    /// A posterior q(z|x).
    Posterior,
    /// The aggregate posterior q(z).
    Aggregate,
    /// The score-function gradient estimator.
    Score,
    /// The reparameterized gradient estimator.
    #[serde(rename = "reparam")]
    Reparameterized,
    /// Data without a class.
    Data,
    /// A class 0..=9: ten distinguishable hues.
    Class(u8),
    /// Marks without a meaning of their own: guide lines, labels.
    Neutral,
    /// A posterior with its own parameters for every data point (mean-field); [`Role::Posterior`] is the encoder's.
    MeanField,
}

/// The line style, which shows the same as the colour does. Training curves are solid, held-out ones dotted, exact ones dashed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Dash {
    /// Training data, simulated values.
    #[default]
    Solid,
    /// Exact or optimal values.
    Dashed,
    /// Held-out data.
    Dotted,
}

/// The shape of a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Marker {
    /// A small filled disc.
    #[default]
    Dot,
    /// An open circle (the score estimator).
    Circle,
    /// An open square (the reparameterized estimator).
    Square,
    /// A diagonal cross.
    Cross,
    /// The numeral of the point's class (for large points).
    Numeral,
}

/// How an axis maps numbers to lengths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scale {
    /// Equal differences, equal lengths.
    #[default]
    Linear,
    /// Equal ratios, equal lengths; only positive values are drawn.
    Log,
}

/// An axis: its name with unit, its scale, its range.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// Name, symbol and unit as shown, such as `KL (nats per image)`.
    pub label: String,
    /// Linear or logarithmic.
    pub scale: Scale,
    /// The range shown; `None` fits the layers and changes in steps.
    pub range: Option<(f64, f64)>,
    /// Named positions instead of numeric ticks; numbers when empty.
    pub ticks: Vec<(f64, String)>,
    /// Whether the axis is hidden (diagrams).
    pub hidden: bool,
}

impl Axis {
    /// A linear axis that fits its layers.
    pub fn linear(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }

    /// A logarithmic axis that fits its layers.
    pub fn log(label: impl Into<String>) -> Self {
        Self { label: label.into(), scale: Scale::Log, ..Self::default() }
    }

    /// No axis line, ticks or label, over a fixed range (diagrams).
    pub fn hidden(low: f64, high: f64) -> Self {
        Self { range: Some((low, high)), hidden: true, ..Self::default() }
    }

    /// The same axis with a fixed range.
    #[must_use]
    pub fn over(mut self, low: f64, high: f64) -> Self {
        self.range = Some((low, high));
        self
    }

    /// The same axis with named positions instead of numbers.
    #[must_use]
    pub fn with_ticks(mut self, ticks: Vec<(f64, String)>) -> Self {
        self.ticks = ticks;
        self
    }
}

/// A regular grid of values over a rectangle, drawn as a heat map.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Heat {
    /// The colour of the highest value; the lowest has the background colour.
    pub role: Role,
    /// Left and right edge in data units.
    pub x: (f64, f64),
    /// Bottom and top edge in data units.
    pub y: (f64, f64),
    /// Cells per row.
    pub columns: usize,
    /// Rows, the first at the bottom.
    pub rows: usize,
    /// Values row by row; not finite means not computed yet, drawn as background.
    pub values: Vec<f32>,
    /// The values drawn as background and as full colour; `None`: the smallest and largest.
    pub range: Option<(f32, f32)>,
}

/// One layer of a chart. Coordinates are in data units; points that are not finite break a line and are not drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Layer {
    /// A line through points in order, labelled at its end.
    Line {
        /// Meaning, hence colour.
        role: Role,
        /// The line style.
        dash: Dash,
        /// The text at the line's end, also its name in the CSV; may be empty.
        label: String,
        /// (x, y).
        points: Vec<[f64; 2]>,
    },
    /// Unconnected points of one role.
    Points {
        /// Meaning, hence colour.
        role: Role,
        /// Shape.
        marker: Marker,
        /// Name in the CSV and beside the last point; may be empty.
        label: String,
        /// (x, y).
        points: Vec<[f64; 2]>,
    },
    /// Unconnected points, each with a class that gives colour and numeral.
    Classes {
        /// Shape; `Numeral` draws the class itself.
        marker: Marker,
        /// Radius in CSS pixels.
        size: f64,
        /// (x, y).
        points: Vec<[f64; 2]>,
        /// A class for each point; 255 means none and takes the neutral colour.
        classes: Vec<u8>,
    },
    /// The region between two curves over the same x, such as a confidence band.
    Band {
        /// Meaning, hence colour (drawn light).
        role: Role,
        /// Name in the CSV.
        label: String,
        /// (x, lower, upper).
        points: Vec<[f64; 3]>,
    },
    /// Vertical bars from y0 to y1 between x0 and x1: histograms, bar charts, stacked bars.
    Bars {
        /// Meaning, hence colour.
        role: Role,
        /// Name in the CSV; may be empty.
        label: String,
        /// (x0, x1, y0, y1).
        bars: Vec<[f64; 4]>,
    },
    /// A straight line across the chart at a given y (horizontal) or x (vertical).
    Rule {
        /// Meaning, hence colour.
        role: Role,
        /// The line style.
        dash: Dash,
        /// Its label, written beside it.
        label: String,
        /// Where it crosses the axis.
        at: f64,
        /// Whether it is vertical (x = at) or horizontal (y = at).
        vertical: bool,
    },
    /// Axis-parallel ellipses (centre x, centre y, radius x, radius y).
    Ellipses {
        /// Meaning, hence colour.
        role: Role,
        /// Name in the CSV.
        label: String,
        /// (x, y, rx, ry).
        ellipses: Vec<[f64; 4]>,
    },
    /// Error bars: (x, y, half length).
    Errors {
        /// Meaning, hence colour.
        role: Role,
        /// (x, y, half length).
        points: Vec<[f64; 3]>,
    },
    /// A heat map under the other layers.
    Heat(Heat),
    /// Arrows or, without heads, segments (x0, y0, x1, y1).
    Arrows {
        /// Meaning, hence colour.
        role: Role,
        /// The line style.
        dash: Dash,
        /// Whether the far end has a head.
        head: bool,
        /// (x0, y0, x1, y1).
        arrows: Vec<[f64; 4]>,
    },
    /// Text centred on a point.
    Text {
        /// Meaning, hence colour.
        role: Role,
        /// Text size in multiples of the figure's base size.
        size: f64,
        /// (x, y).
        at: [f64; 2],
        /// The text.
        text: String,
    },
}

/// Layers with their fields in order.
impl Layer {
    /// [`Layer::Line`].
    pub fn line(role: Role, dash: Dash, label: impl Into<String>, points: Vec<[f64; 2]>) -> Self {
        Self::Line { role, dash, label: label.into(), points }
    }

    /// [`Layer::Points`].
    pub fn points(role: Role, marker: Marker, label: impl Into<String>, points: Vec<[f64; 2]>) -> Self {
        Self::Points { role, marker, label: label.into(), points }
    }

    /// [`Layer::Classes`].
    pub fn classes(marker: Marker, size: f64, points: Vec<[f64; 2]>, classes: Vec<u8>) -> Self {
        Self::Classes { marker, size, points, classes }
    }

    /// [`Layer::Band`].
    pub fn band(role: Role, label: impl Into<String>, points: Vec<[f64; 3]>) -> Self {
        Self::Band { role, label: label.into(), points }
    }

    /// [`Layer::Bars`].
    pub fn bars(role: Role, label: impl Into<String>, bars: Vec<[f64; 4]>) -> Self {
        Self::Bars { role, label: label.into(), bars }
    }

    /// A horizontal [`Layer::Rule`].
    pub fn rule(role: Role, dash: Dash, label: impl Into<String>, at: f64) -> Self {
        Self::Rule { role, dash, label: label.into(), at, vertical: false }
    }

    /// A vertical [`Layer::Rule`].
    pub fn vertical_rule(role: Role, dash: Dash, label: impl Into<String>, at: f64) -> Self {
        Self::Rule { role, dash, label: label.into(), at, vertical: true }
    }

    /// [`Layer::Ellipses`].
    pub fn ellipses(role: Role, label: impl Into<String>, ellipses: Vec<[f64; 4]>) -> Self {
        Self::Ellipses { role, label: label.into(), ellipses }
    }

    /// [`Layer::Errors`].
    pub fn errors(role: Role, points: Vec<[f64; 3]>) -> Self {
        Self::Errors { role, points }
    }

    /// [`Layer::Text`].
    pub fn text(role: Role, size: f64, at: [f64; 2], text: impl Into<String>) -> Self {
        Self::Text { role, size, at, text: text.into() }
    }
}

/// Two axes and layers, drawn in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis.
    pub y: Axis,
    /// Drawn first to last.
    pub layers: Vec<Layer>,
    /// Whether one unit is as long on both axes (latent planes).
    pub equal: bool,
}

impl Chart {
    /// Layers over two axes of their own lengths.
    pub fn new(x: Axis, y: Axis, layers: Vec<Layer>) -> Self {
        Self { x, y, layers, equal: false }
    }

    /// One unit is as long on both axes.
    #[must_use]
    pub fn with_equal_axes(self) -> Self {
        Self { equal: true, ..self }
    }
}
