//! Names of controls with the type of their value, so that both are declared in one place.

use std::marker::PhantomData;

use crate::Values;

/// The name of a control whose value is a `T`: a real number, a whole number (`usize`), a toggle (`bool`), a list
/// (`Vec<f64>`) or one of the [`Options`] of a choice.
pub struct Key<T> {
    /// The name in the address, in [`Values`] and on the native input. Never renamed.
    pub name: &'static str,
    kind: PhantomData<fn() -> T>,
}

impl<T> Clone for Key<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Key<T> {}

impl<T> Key<T> {
    /// A key by its name.
    pub const fn new(name: &'static str) -> Self {
        Self { name, kind: PhantomData }
    }
}

/// The options of a choice: an enum whose variants have names in the address.
pub trait Options: Copy + PartialEq + 'static {
    /// Every option with its value in the address and its label; in the order shown.
    const ALL: &'static [(Self, &'static str, &'static str)];
}

/// An enum of the options of a choice: `choice! { /// … pub enum Path { Linear = "linear" "straight", … } }`, each with its value in
/// the address and its label.
#[macro_export]
macro_rules! choice {
    ($(#[$about:meta])* $public:vis enum $name:ident { $($(#[$doc:meta])* $option:ident = $value:literal $label:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $public enum $name { $($(#[$doc])* $option),+ }

        impl $name {
            /// The value in the address.
            $public const fn value(self) -> &'static str {
                match self { $(Self::$option => $value),+ }
            }
        }

        impl $crate::Options for $name {
            const ALL: &'static [(Self, &'static str, &'static str)] = &[$((Self::$option, $value, $label)),+];
        }
    };
}

/// Types that a control's value can be read as.
pub trait Read: Sized {
    /// The value of the control `name`.
    ///
    /// # Panics
    /// When the demo has no such control: a bug, not an input.
    fn read(values: &Values, name: &str) -> Self;
}

impl Read for f64 {
    fn read(values: &Values, name: &str) -> Self {
        values.number(name)
    }
}

impl Read for usize {
    fn read(values: &Values, name: &str) -> Self {
        values.integer(name)
    }
}

impl Read for u64 {
    fn read(values: &Values, name: &str) -> Self {
        values.integer(name) as Self
    }
}

impl Read for bool {
    fn read(values: &Values, name: &str) -> Self {
        values.flag(name)
    }
}

impl Read for Vec<f64> {
    fn read(values: &Values, name: &str) -> Self {
        values.list(name).to_vec()
    }
}

impl<T: Options> Read for T {
    fn read(values: &Values, name: &str) -> Self {
        let value = values.text(name);
        let found = Self::ALL.iter().find(|(_, known, _)| *known == value);
        found.unwrap_or_else(|| panic!("control `{name}` holds `{value}`, which is none of its options")).0
    }
}

/// Constants of one type and `ALL`, the list of them: `declare! { ReadoutSpec: KL = ReadoutSpec::new(…); … }`. A misspelt name
/// does not compile, and the list is always complete.
#[macro_export]
macro_rules! declare {
    ($type:ty: $($name:ident = $value:expr;)+) => {
        $(pub(crate) const $name: $type = $value;)+
        pub(crate) const ALL: &[$type] = &[$($name),+];
    };
}
