//! The project's own tool: it builds, assembles, serves, publishes and checks the page.
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
#[cfg(feature = "dist")]
mod dist;
mod facts;
mod files;
mod highlight;
mod markup;
mod page;
mod serve;
mod sources;
mod status;
mod steps;
mod tex;
mod toolchain;
#[cfg(feature = "dist")]
mod verify;

use anyhow::Result;
use arguments::Command;
use files::Places;

fn run() -> Result<()> {
    let command = arguments::parse(pico_args::Arguments::from_env())?;
    let places = Places::find()?;
    match command {
        Command::Serve(options) => serve::serve(&places, &options),
        #[cfg(feature = "dist")]
        Command::Dist { cpu_only } => dist::dist(&places, cpu_only),
        #[cfg(feature = "dist")]
        Command::Verify { only } => verify::verify(&places, only.as_deref()),
        #[cfg(not(feature = "dist"))]
        Command::Dist { .. } | Command::Verify { .. } => {
            anyhow::bail!("This tool was built to serve only; type `cargo dist` or `cargo verify`.")
        }
        Command::Help => {
            println!("{}", arguments::HELP);
            Ok(())
        }
    }
}

fn main() -> std::process::ExitCode {
    match run() {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\n{error:#}");
            std::process::ExitCode::FAILURE
        }
    }
}
