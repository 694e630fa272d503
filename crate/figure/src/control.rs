//! The controls of a demo, declared once: the panel, the address, the tests and the help are made from these declarations.

use serde::Serialize;

use crate::{Key, Options, Scale};

/// The seed, the same control in every demo.
pub const SEED: Key<usize> = Key::new("seed");

/// The effect of a changed control on a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Applied during the run.
    Live,
    /// Starts a new run; the page says so beforehand.
    Restart,
}

/// One option of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The value in the address and in `Values`.
    pub value: &'static str,
    /// The label.
    pub label: &'static str,
}

/// What kind of value a control holds, with its range and default.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Kind {
    /// A real or whole number on a slider with a number field.
    Number {
        /// Smallest allowed value.
        min: f64,
        /// Largest allowed value.
        max: f64,
        /// Step of the slider (linear scale) and of the number field.
        step: f64,
        /// The default value.
        default: f64,
        /// Linear or logarithmic slider.
        #[serde(serialize_with = "lowercase_scale")]
        scale: Scale,
        /// Whether only whole numbers make sense.
        integer: bool,
    },
    /// One of a few named options.
    Choice {
        /// In the order shown.
        options: Vec<Choice>,
        /// The default value.
        default: &'static str,
    },
    /// On or off; `1` or `0` in `Values`.
    Toggle {
        /// The default value.
        default: bool,
    },
    /// A list of numbers: typed, or set with the pointer in a figure.
    List {
        /// Smallest allowed entry.
        min: f64,
        /// Largest allowed entry.
        max: f64,
        /// Numbers per entry (2 for points in the plane); the length is always a multiple of it.
        stride: usize,
        /// Most entries kept.
        longest: usize,
        /// The default value.
        default: Vec<f64>,
        /// Whether the panel shows a text field; otherwise only figures (and the address) set it.
        typed: bool,
    },
}

fn lowercase_scale<S: serde::Serializer>(scale: &Scale, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(match scale {
        Scale::Linear => "linear",
        Scale::Log => "log",
    })
}

/// A control: name, label, symbol, unit, range, default, effect and one line of help.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Control {
    /// The name in the address, in `Values` and on the native input. Never renamed.
    pub name: &'static str,
    /// The label.
    pub label: &'static str,
    /// The symbol used in formulas, such as `β`; may be empty.
    pub symbol: &'static str,
    /// The unit; may be empty.
    pub unit: &'static str,
    /// One line of help, shown on focus.
    pub hint: &'static str,
    /// Live or restart.
    pub effect: Effect,
    /// Whether it is in the section "more controls".
    pub advanced: bool,
    /// Range and default.
    #[serde(flatten)]
    pub kind: Kind,
}

impl Control {
    fn new(name: &'static str, label: &'static str, kind: Kind) -> Self {
        Self { name, label, symbol: "", unit: "", hint: "", effect: Effect::Restart, advanced: false, kind }
    }

    /// A real number on a linear slider.
    pub fn number(key: Key<f64>, label: &'static str, (min, max): (f64, f64), step: f64, default: f64) -> Self {
        Self::new(key.name, label, Kind::Number { min, max, step, default, scale: Scale::Linear, integer: false })
    }

    /// A positive real number on a logarithmic slider.
    pub fn log(key: Key<f64>, label: &'static str, (min, max): (f64, f64), default: f64) -> Self {
        Self::new(key.name, label, Kind::Number { min, max, step: 0.0, default, scale: Scale::Log, integer: false })
    }

    /// A whole number on a linear slider.
    pub fn integer(key: Key<usize>, label: &'static str, (min, max): (u32, u32), default: u32) -> Self {
        let kind = Kind::Number {
            min: f64::from(min),
            max: f64::from(max),
            step: 1.0,
            default: f64::from(default),
            scale: Scale::Linear,
            integer: true,
        };
        Self::new(key.name, label, kind)
    }

    /// A whole number on a logarithmic slider.
    pub fn log_integer(key: Key<usize>, label: &'static str, (min, max): (u32, u32), default: u32) -> Self {
        let kind = Kind::Number {
            min: f64::from(min),
            max: f64::from(max),
            step: 1.0,
            default: f64::from(default),
            scale: Scale::Log,
            integer: true,
        };
        Self::new(key.name, label, kind)
    }

    /// One of a few options.
    pub fn choice<T: Options>(key: Key<T>, label: &'static str, default: T) -> Self {
        let options = T::ALL.iter().map(|&(_, value, label)| Choice { value, label }).collect();
        let default = T::ALL.iter().find(|(option, ..)| *option == default).map_or("", |(_, value, _)| *value);
        Self::new(key.name, label, Kind::Choice { options, default })
    }

    /// On or off.
    pub fn toggle(key: Key<bool>, label: &'static str, default: bool) -> Self {
        Self::new(key.name, label, Kind::Toggle { default })
    }

    /// A list of numbers typed into a field.
    pub fn list(
        key: Key<Vec<f64>>,
        label: &'static str,
        (min, max): (f64, f64),
        longest: usize,
        default: Vec<f64>,
    ) -> Self {
        Self::new(key.name, label, Kind::List { min, max, stride: 1, longest, default, typed: true })
    }

    /// A list set with the pointer in figures, in groups of `stride` numbers.
    pub fn pointed(
        key: Key<Vec<f64>>,
        label: &'static str,
        (min, max): (f64, f64),
        stride: usize,
        longest: usize,
        default: Vec<f64>,
    ) -> Self {
        Self::new(key.name, label, Kind::List { min, max, stride, longest, default, typed: false })
    }

    /// The seed, the same in every demo: a whole number that takes effect on restart.
    pub fn seed() -> Self {
        Self::integer(SEED, "Seed", (0, 9999), 1).hint("The same seed gives the same run, on every machine.").advanced()
    }

    /// The same control with a symbol.
    #[must_use]
    pub fn symbol(mut self, symbol: &'static str) -> Self {
        self.symbol = symbol;
        self
    }

    /// The same control with a unit.
    #[must_use]
    pub fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }

    /// The same control with one line of help.
    #[must_use]
    pub fn hint(mut self, hint: &'static str) -> Self {
        self.hint = hint;
        self
    }

    /// The same control, applied during the run.
    #[must_use]
    pub fn live(mut self) -> Self {
        self.effect = Effect::Live;
        self
    }

    /// The same control, in the section "more controls".
    #[must_use]
    pub fn advanced(mut self) -> Self {
        self.advanced = true;
        self
    }
}
