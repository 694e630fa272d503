//! The one error type of the tool: sentences for a person at a terminal.

use std::fmt;

/// What went wrong, in words that say what happened and what to do next.
#[derive(Debug)]
pub(crate) struct Problem(String);

impl Problem {
    /// A problem described by `sentence`.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Puts what was being attempted in front of a library's error.
pub(crate) trait While<T> {
    /// Turns the error into a [`Problem`] that begins with `doing()`.
    fn while_doing(self, doing: impl FnOnce() -> String) -> Result<T, Problem>;
}

impl<T, E: fmt::Display> While<T> for Result<T, E> {
    fn while_doing(self, doing: impl FnOnce() -> String) -> Result<T, Problem> {
        self.map_err(|error| Problem::new(format!("{}: {error}", doing())))
    }
}
