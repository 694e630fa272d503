//! The built site in a real browser, used as a student would; only `frame` looks behind the page, to count its frames.
#![allow(clippy::unwrap_used, reason = "tests")]

mod demos;
mod frame;
mod images;
mod page;
mod same_numbers;
mod simulation;
mod slides;
mod training;
mod workers;
