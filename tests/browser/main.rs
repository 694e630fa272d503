//! The built site in a real browser, used as a student would: nothing here looks behind the page.
#![allow(clippy::unwrap_used, reason = "tests")]

mod demos;
mod images;
mod page;
mod same_numbers;
mod simulation;
mod slides;
mod training;
mod workers;
