//! Tables of a run, with named columns and bounded memory: rows at a fixed stride of steps, halved in number when there are
//! too many. Curves are its columns; an export is the whole of it.

use std::marker::PhantomData;
use std::ops::Index;

use serde::{Deserialize, Serialize};

/// The most rows kept; enough for a smooth curve on any screen.
const MOST_ROWS: usize = 512;

/// The names of a table's columns: an enum that [`columns!`](crate::columns) declares.
pub trait Columns: Copy + 'static {
    /// Every column, in order.
    const ALL: &'static [Self];
    /// The column's name in an export.
    fn name(self) -> &'static str;
    /// Its position in [`Columns::ALL`].
    fn index(self) -> usize;
}

/// Declares the columns of a table: an enum, each variant with its name in an export.
///
/// ```
/// learn::columns! {
///     /// The terms of the ELBO, in nats per image.
///     enum Column {
///         Reconstruction = "reconstruction",
///         Kl = "kl",
///     }
/// }
/// let row = learn::Row::from([(Column::Kl, 2.5)]);
/// assert_eq!(row[Column::Kl], 2.5);
/// assert!(row[Column::Reconstruction].is_nan());
/// ```
#[macro_export]
macro_rules! columns {
    ($(#[$about:meta])* $vis:vis enum $name:ident { $($(#[$of_column:meta])* $column:ident = $text:literal),+ $(,)? }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        $vis enum $name { $($(#[$of_column])* $column),+ }

        impl $crate::Columns for $name {
            const ALL: &'static [Self] = &[$(Self::$column),+];
            fn name(self) -> &'static str {
                match self { $(Self::$column => $text),+ }
            }
            fn index(self) -> usize {
                self as usize
            }
        }
    };
}

/// The numbers of a row, by column, and where a row has them also one for each latent dimension.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(bound = "")]
pub struct Row<C> {
    numbers: Vec<f64>,
    /// Numbers beyond the columns, one for each latent dimension.
    pub by_dimension: Vec<f64>,
    columns: PhantomData<C>,
}

impl<C: Columns> Row<C> {
    /// The value of every column.
    pub fn from_fn(value: impl FnMut(C) -> f64) -> Self {
        Self { numbers: C::ALL.iter().copied().map(value).collect(), by_dimension: Vec::new(), columns: PhantomData }
    }

    /// A row of which nothing is known.
    pub fn unknown() -> Self {
        Self::from_fn(|_| f64::NAN)
    }

    /// Sets a column.
    pub fn set(&mut self, column: C, value: f64) {
        self.numbers[column.index()] = value;
    }

    /// All numbers, in the columns' order.
    pub fn numbers(&self) -> &[f64] {
        &self.numbers
    }
}

/// Columns that are not named are not known: NaN.
impl<C: Columns, const N: usize> From<[(C, f64); N]> for Row<C> {
    fn from(named: [(C, f64); N]) -> Self {
        let mut row = Self::unknown();
        named.into_iter().for_each(|(column, value)| row.set(column, value));
        row
    }
}

impl<C: Columns> Index<C> for Row<C> {
    type Output = f64;

    fn index(&self, column: C) -> &f64 {
        &self.numbers[column.index()]
    }
}

/// Rows by step. Which steps have rows depends on the number of steps only, never on timing: the same seed gives the same table.
#[derive(Clone, Debug)]
pub struct Table<C> {
    stride: u64,
    rows: Vec<(u64, Row<C>)>,
}

impl<C: Columns> Table<C> {
    /// An empty table with a row every `stride` steps at first.
    pub fn new(stride: u64) -> Self {
        Self { stride, rows: Vec::new() }
    }

    /// Whether a row is due after this many steps.
    pub fn due(&self, step: u64) -> bool {
        step.is_multiple_of(self.stride)
    }

    /// Adds a row. When there are too many, every second one is dropped and the stride doubles.
    pub fn push(&mut self, step: u64, row: impl Into<Row<C>>) {
        if !self.due(step) {
            return; // requested before the stride doubled
        }
        self.rows.push((step, row.into()));
        if self.rows.len() > MOST_ROWS {
            self.stride *= 2;
            let stride = self.stride;
            self.rows.retain(|(step, _)| step.is_multiple_of(stride));
        }
    }

    /// The last row, with its step.
    pub fn last(&self) -> Option<(u64, &Row<C>)> {
        self.rows.last().map(|(step, row)| (*step, row))
    }

    /// A column of the last row; NaN before there is one.
    pub fn latest(&self, column: C) -> f64 {
        self.last().map_or(f64::NAN, |(_, row)| row[column])
    }

    /// All rows, by step.
    pub fn rows(&self) -> &[(u64, Row<C>)] {
        &self.rows
    }

    /// One column as points (step, value).
    pub fn column(&self, column: C) -> Vec<[f64; 2]> {
        self.curve(|row| row[column])
    }

    /// A number of every row as points (step, value).
    pub fn curve(&self, value: impl Fn(&Row<C>) -> f64) -> Vec<[f64; 2]> {
        self.rows.iter().map(|(step, row)| [*step as f64, value(row)]).collect()
    }

    /// Drops every row after a step (the run went back to it).
    pub fn rewind(&mut self, step: u64) {
        self.rows.retain(|(at, _)| *at <= step);
    }

    /// The header of an export: the step, then the columns' names.
    pub fn header() -> Vec<String> {
        std::iter::once("step").chain(C::ALL.iter().map(|column| column.name())).map(str::to_owned).collect()
    }

    /// The rows of an export under [`Table::header`]; `write` gives a number's digits.
    pub fn lines(&self, write: impl Fn(f64) -> String) -> impl Iterator<Item = Vec<String>> {
        let line = move |(step, row): &(u64, Row<C>)| {
            std::iter::once(step.to_string()).chain(row.numbers.iter().map(|&number| write(number))).collect()
        };
        self.rows.iter().map(line)
    }

    /// The export: the header and all rows, every number with all its digits.
    pub fn export(&self) -> Vec<Vec<String>> {
        std::iter::once(Self::header()).chain(self.lines(|number| number.to_string())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::columns! {
        enum Column { Step = "at", Square = "square" }
    }

    fn row(step: u64) -> [(Column, f64); 1] {
        [(Column::Step, step as f64)]
    }

    #[test]
    fn thinning_keeps_the_ends_and_an_even_stride() {
        let mut table = Table::new(5);
        for step in 0..20_000 {
            if table.due(step) {
                table.push(step, row(step));
            }
        }
        let rows = table.rows();
        assert!(rows.len() <= MOST_ROWS && rows.len() >= MOST_ROWS / 2 - 1, "{}", rows.len());
        assert_eq!(rows[0].0, 0);
        assert!(rows.windows(2).all(|pair| pair[1].0 - pair[0].0 == table.stride));
        assert!(rows.iter().all(|(step, row)| row[Column::Step] == *step as f64));
    }

    #[test]
    fn late_rows_of_the_old_stride_are_left_out() {
        let mut table = Table::new(1);
        for step in 0..=MOST_ROWS as u64 {
            table.push(step, row(step));
        }
        let rows = table.rows().len();
        table.push(MOST_ROWS as u64 + 1, row(0));
        assert_eq!(table.rows().len(), rows);
    }

    #[test]
    fn an_export_has_a_name_over_every_number_and_the_last_row_is_the_latest() {
        let mut table = Table::new(1);
        table.push(0, [(Column::Step, 0.5), (Column::Square, 0.25)]);
        table.push(1, row(1));
        let expected = [["step", "at", "square"], ["0", "0.5", "0.25"], ["1", "1", "NaN"]];
        assert_eq!(table.export(), expected.map(|line| line.map(str::to_owned).to_vec()));
        assert_eq!(table.latest(Column::Step), 1.0);
        table.rewind(0);
        assert_eq!((table.latest(Column::Square), table.column(Column::Square)), (0.25, vec![[0.0, 0.25]]));
    }
}
