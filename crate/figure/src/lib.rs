//! The vocabulary between computing and showing: controls, values, snapshots, figures.
//!
//! Plain data with public fields and serde, and nothing else. This room must not know tensors, the browser, plotters or
//! any demo: experiments write these types, plots and the page read them.

#![forbid(unsafe_code)]

mod chart;
mod control;
mod snapshot;
mod values;

pub use chart::{Axis, Chart, Dash, Heat, Layer, Marker, Role, Scale};
pub use control::{Choice, Control, Effect, Kind};
pub use snapshot::{Figure, Grip, Images, Picture, Pointer, Readout, Snapshot, Status};
pub use values::{Value, Values};
