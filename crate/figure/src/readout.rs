//! A number on the page, declared once: its name, its label, its unit, and how many digits are shown.

use serde::{Deserialize, Serialize};

use crate::Role;

/// The declaration of a read-out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReadoutSpec {
    /// The name of its `<output data-readout>`. Never renamed.
    pub name: &'static str,
    /// The label before the number: HTML, with TeX between `\(` and `\)`. Empty where the slide's own text names it.
    pub label: &'static str,
    /// The unit; may be empty.
    pub unit: &'static str,
    /// Digits after the point; significant digits when negative.
    pub digits: i8,
    /// Its meaning, which decides its colour.
    pub role: Option<Role>,
    /// Whether it is a closed form, an exact value or an optimum that an estimate is held against: drawn dashed.
    pub exact: bool,
    /// Whether it has no random error: exact, or a closed form or a sum over all the data at the parameters of the moment.
    pub without_error: bool,
}

impl ReadoutSpec {
    /// A read-out without a colour.
    pub const fn new(name: &'static str, label: &'static str, unit: &'static str, digits: i8) -> Self {
        Self { name, label, unit, digits, role: None, exact: false, without_error: false }
    }

    /// The same read-out with a meaning, hence a colour.
    #[must_use]
    pub const fn role(mut self, role: Role) -> Self {
        self.role = Some(role);
        self
    }

    /// The same read-out as a closed form, an exact value or an optimum.
    #[must_use]
    pub const fn exact(mut self) -> Self {
        self.exact = true;
        self.without_error()
    }

    /// The same read-out as one that no random draw changes. A number in nats is this, or comes with its standard error.
    #[must_use]
    pub const fn without_error(mut self) -> Self {
        self.without_error = true;
        self
    }

    /// Its value.
    pub fn value(&self, value: f64) -> Readout {
        Readout { name: self.name.to_owned(), value, error: None }
    }

    /// An estimate of it with the estimate's standard error.
    pub fn estimate(&self, value: f64, error: f64) -> Readout {
        Readout { name: self.name.to_owned(), value, error: Some(error) }
    }
}

/// A number on the page, unrounded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Readout {
    /// The name of its `<output data-readout>`. Never renamed.
    pub name: String,
    /// The value; not finite when not known yet.
    pub value: f64,
    /// Its standard error where it is an estimate.
    pub error: Option<f64>,
}
