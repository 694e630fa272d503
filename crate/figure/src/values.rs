//! The user's settings: a value for every control, clamped to its range.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Control, Key, Kind, Read};

/// The value of one control.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// Numbers, and toggles as 0 or 1.
    Number(f64),
    /// Choices.
    Text(String),
    /// Lists.
    List(Vec<f64>),
}

/// Values by control name. After [`Values::complete`] every control has one, inside its range.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Values(pub BTreeMap<String, Value>);

impl Values {
    /// Every control at its default.
    pub fn defaults(controls: &[Control]) -> Self {
        Self(controls.iter().map(|control| (control.name.to_owned(), default_of(&control.kind))).collect())
    }

    /// `given` completed: missing values take their default, values out of range are clamped to the nearest allowed one, names
    /// of no control are dropped. One sentence is returned for each value clamped or dropped.
    pub fn complete(controls: &[Control], given: &Self) -> (Self, Vec<String>) {
        let mut values = Self::default();
        let mut notes = Vec::new();
        for control in controls {
            let value = match given.0.get(control.name) {
                None => default_of(&control.kind),
                Some(value) => corrected(control, value, &mut notes),
            };
            values.0.insert(control.name.to_owned(), value);
        }
        for name in given.0.keys() {
            if !values.0.contains_key(name) {
                notes.push(format!("There is no control called “{name}”; it was left out."));
            }
        }
        (values, notes)
    }

    /// The same values with one changed, for tests and sweeps.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// The value of a control, as its key says.
    ///
    /// # Panics
    /// When the demo has no such control: a bug, not an input.
    pub fn get<T: Read>(&self, key: Key<T>) -> T {
        T::read(self, key.name)
    }

    /// A number.
    ///
    /// # Panics
    /// When the demo has no such numeric control: a bug, not an input.
    pub fn number(&self, name: &str) -> f64 {
        match self.0.get(name) {
            Some(Value::Number(number)) => *number,
            other => panic!("control `{name}` should hold a number, holds {other:?}"),
        }
    }

    /// A whole number, at least zero.
    ///
    /// # Panics
    /// As [`Values::number`].
    pub fn integer(&self, name: &str) -> usize {
        self.number(name).round().max(0.0) as usize
    }

    /// A toggle.
    ///
    /// # Panics
    /// As [`Values::number`].
    pub fn flag(&self, name: &str) -> bool {
        self.number(name) != 0.0
    }

    /// A choice.
    ///
    /// # Panics
    /// When the demo has no such choice: a bug, not an input.
    pub fn text(&self, name: &str) -> &str {
        match self.0.get(name) {
            Some(Value::Text(text)) => text,
            other => panic!("control `{name}` should hold a choice, holds {other:?}"),
        }
    }

    /// A list.
    ///
    /// # Panics
    /// When the demo has no such list: a bug, not an input.
    pub fn list(&self, name: &str) -> &[f64] {
        match self.0.get(name) {
            Some(Value::List(list)) => list,
            other => panic!("control `{name}` should hold a list, holds {other:?}"),
        }
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<f64>> for Value {
    fn from(list: Vec<f64>) -> Self {
        Self::List(list)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Number(f64::from(u8::from(flag)))
    }
}

fn default_of(kind: &Kind) -> Value {
    match kind {
        Kind::Number { default, .. } => Value::Number(*default),
        Kind::Choice { default, .. } => Value::Text((*default).to_owned()),
        Kind::Toggle { default } => Value::from(*default),
        Kind::List { default, .. } => Value::List(default.clone()),
    }
}

fn corrected(control: &Control, value: &Value, notes: &mut Vec<String>) -> Value {
    let name = control.label;
    match (&control.kind, value) {
        (Kind::Number { min, max, integer, .. }, Value::Number(number)) if number.is_finite() => {
            let whole = if *integer { number.round() } else { *number };
            let inside = whole.clamp(*min, *max);
            if inside != *number {
                notes.push(format!(
                    "{name} {number} is outside {min} to {max}{}; {inside} is used.",
                    whole_word(*integer)
                ));
            }
            Value::Number(inside)
        }
        (Kind::Toggle { .. }, Value::Number(number)) => Value::from(*number != 0.0),
        (Kind::Choice { options, default }, Value::Text(text)) => {
            if options.iter().any(|option| option.value == text) {
                Value::Text(text.clone())
            } else {
                let known: Vec<_> = options.iter().map(|option| option.value).collect();
                notes.push(format!("{name} “{text}” is none of {}; {default} is used.", known.join(", ")));
                Value::Text((*default).to_owned())
            }
        }
        (Kind::List { min, max, stride, longest, .. }, Value::List(list)) => {
            corrected_list(name, list, (*min, *max), *stride, *longest, notes)
        }
        (Kind::List { min, max, stride, longest, .. }, Value::Number(number)) => {
            corrected_list(name, &[*number], (*min, *max), *stride, *longest, notes)
        }
        (kind, _) => {
            notes.push(format!("{name} could not be read; its default is used."));
            default_of(kind)
        }
    }
}

fn corrected_list(
    name: &str,
    list: &[f64],
    (min, max): (f64, f64),
    stride: usize,
    longest: usize,
    notes: &mut Vec<String>,
) -> Value {
    let mut inside: Vec<f64> = list.iter().filter(|x| x.is_finite()).map(|x| x.clamp(min, max)).collect();
    inside.truncate(longest);
    inside.truncate(inside.len() - inside.len() % stride.max(1));
    if inside != list {
        notes.push(format!("{name} was corrected: entries from {min} to {max}, at most {longest} of them."));
    }
    Value::List(inside)
}

fn whole_word(integer: bool) -> &'static str {
    if integer { " (whole numbers)" } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::choice! { enum Likelihood { Bernoulli = "bernoulli" "Bernoulli", Gaussian = "gaussian" "Gaussian" } }
    const LIKELIHOOD: Key<Likelihood> = Key::new("likelihood");

    #[test]
    fn a_key_reads_what_its_control_holds() {
        let values = Values::defaults(&controls()).with("likelihood", Likelihood::Gaussian.value()).with("theta", 3.0);
        assert_eq!(values.get(LIKELIHOOD), Likelihood::Gaussian);
        assert_eq!((values.get(Key::<f64>::new("theta")), values.get(Key::<usize>::new("repeats"))), (3.0, 100));
        assert!(!values.get(Key::<bool>::new("baseline")) && values.get(Key::<Vec<f64>>::new("points")).is_empty());
    }

    fn controls() -> Vec<Control> {
        vec![
            Control::number(Key::new("theta"), "Mean", (-20.0, 20.0), 0.1, 10.0),
            Control::integer(Key::new("repeats"), "Estimates", (2, 1000), 100),
            Control::choice(LIKELIHOOD, "Likelihood", Likelihood::Bernoulli),
            Control::toggle(Key::new("baseline"), "Baseline", false),
            Control::pointed(Key::new("points"), "Points", (-5.0, 5.0), 2, 6, vec![]),
        ]
    }

    #[test]
    fn missing_values_take_defaults_without_a_note() {
        let (values, notes) = Values::complete(&controls(), &Values::default());
        assert_eq!(values, Values::defaults(&controls()));
        assert!(notes.is_empty());
    }

    #[test]
    fn what_is_out_of_range_is_corrected_with_a_note() {
        let given: Values =
            serde_json::from_str(r#"{"theta":1e9,"repeats":2.6,"likelihood":"poisson","points":[1,2,9],"ghost":1}"#)
                .expect("valid JSON");
        let (values, notes) = Values::complete(&controls(), &given);
        assert_eq!(values.number("theta"), 20.0);
        assert_eq!(values.integer("repeats"), 3);
        assert_eq!(values.text("likelihood"), "bernoulli");
        assert_eq!(values.list("points"), [1.0, 2.0]);
        assert_eq!(notes.len(), 5, "{notes:?}");
    }

    #[test]
    fn completing_twice_changes_nothing() {
        let given = Values::default().with("theta", 99.0).with("points", vec![9.0, 1.0, 3.0]);
        let (once, _) = Values::complete(&controls(), &given);
        let (twice, notes) = Values::complete(&controls(), &once);
        assert_eq!(once, twice);
        assert!(notes.is_empty());
    }
}
