//! The house's own tool: it builds, assembles, serves, publishes and checks the page.
//!
//! It knows where things lie and how they are turned into a site; it must not know anything about the lecture.
//!
//! * `cargo serve` — from a fresh clone to an open page
//! * `cargo dist` — the static site in `dist/`
//! * `cargo verify` — every check there is

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "in a test a panic is the report"))]

mod arguments;
mod code;
mod compile;
mod dist;
mod engines;
mod files;
mod font;
mod highlight;
mod http;
mod markup;
mod page;
mod problem;
mod progress;
mod serve;
mod tex;
mod toolchain;
mod verify;

use arguments::Command;
use files::Places;
use problem::Problem;

fn run() -> Result<(), Problem> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let command = arguments::parse(&words)?;
    let places = Places::find()?;
    match command {
        Command::Serve(wishes) => serve::serve(&places, &wishes),
        Command::Dist(wishes) => dist::dist(&places, wishes.cpu_only),
        Command::Verify(wishes) => verify::verify(&places, wishes.only.as_deref()),
        Command::Help => {
            println!("{}", arguments::HELP);
            Ok(())
        }
    }
}

fn main() -> std::process::ExitCode {
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("\n{problem}");
            std::process::ExitCode::FAILURE
        }
    }
}
