//! The data types between computation and display: controls, values, snapshots, figures.
//!
//! Plain data with public fields and serde. This crate must not depend on tensors, the browser, plotters or any demo:
//! experiments write these types, plots and the page read them.

#![forbid(unsafe_code)]

mod assets;
mod chart;
mod control;
mod key;
mod readout;
mod snapshot;
mod values;

pub use assets::Assets;
pub use chart::{Axis, Chart, Dash, Heat, Layer, Marker, Role, Scale};
pub use control::{Choice, Control, Effect, Kind, SEED};
pub use key::{Key, Options, Read};
pub use readout::{Readout, ReadoutSpec};
pub use snapshot::{Figure, FigureSpec, Grip, Images, Picture, Pointer, Snapshot, Status};
pub use values::{Value, Values};
