//! The words after `cargo serve`, `cargo dist` and `cargo verify`.

use anyhow::{Context, Result, bail};
use pico_args::Arguments;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
cargo serve [--port N] [--cpu-only] [--open]
    Builds the page, serves it on 127.0.0.1 (port 8080 unless told otherwise), and builds it again after an edit.
    --cpu-only  leave the WebGPU engine out
    --open      open the page in the browser

cargo dist [--cpu-only]
    Writes the static site to dist/.

cargo verify [--only NAME,NAME]
    Runs every check, cheapest first, or those of these names: tools, format, typos, deny, shell, clippy, doc, test,
    site, browser; and dist, the site as it is published, which browser then tests in place of the quickly built one.";

/// One of the three commands, with its options.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    /// `cargo serve`
    Serve(Serve),
    /// `cargo dist`, with the WebGPU engine or without.
    Dist { cpu_only: bool },
    /// `cargo verify`, of some steps or of all.
    Verify { only: Option<String> },
    /// `--help`, or no command at all.
    Help,
}

/// Options of `cargo serve`.
#[derive(Debug, PartialEq)]
pub(crate) struct Serve {
    /// Port on the loopback address.
    pub(crate) port: u16,
    /// Leave the WebGPU engine out.
    pub(crate) cpu_only: bool,
    /// Open the page in the browser when it is there.
    pub(crate) open: bool,
}

/// Reads the command line (without the program's own name).
pub(crate) fn parse(mut words: Arguments) -> Result<Command> {
    if words.contains(["-h", "--help"]) {
        return Ok(Command::Help);
    }
    let wrong = "The command line cannot be read";
    let name = words.subcommand().context(wrong)?;
    let command = match name.as_deref() {
        Some("serve") => Command::Serve(Serve {
            port: words.opt_value_from_str("--port").context(wrong)?.unwrap_or(8080),
            cpu_only: words.contains("--cpu-only"),
            open: words.contains("--open"),
        }),
        Some("dist") => Command::Dist { cpu_only: words.contains("--cpu-only") },
        Some("verify") => Command::Verify { only: words.opt_value_from_str("--only").context(wrong)? },
        None => Command::Help,
        Some(other) => bail!("There is no command “{other}”.\n\n{HELP}"),
    };
    match words.finish().first() {
        None => Ok(command),
        Some(word) => bail!("There is no option “{}”.\n\n{HELP}", word.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Command> {
        parse(Arguments::from_vec(line.split_whitespace().map(Into::into).collect()))
    }

    #[test]
    fn options_are_read_in_any_order() {
        let expected = Serve { port: 9000, cpu_only: true, open: false };
        assert_eq!(parsed("serve --cpu-only --port 9000").unwrap(), Command::Serve(expected));
        assert_eq!(parsed("verify --only test").unwrap(), Command::Verify { only: Some("test".to_owned()) });
        assert_eq!(parsed("serve --help").unwrap(), Command::Help);
    }

    #[test]
    fn a_wrong_word_is_named() {
        let sentence = |line| format!("{:#}", parsed(line).unwrap_err());
        assert!(sentence("dist --gpu").contains("--gpu"));
        assert!(sentence("serve --port 70000").contains("70000"));
        assert!(sentence("bake").contains("bake"));
    }
}
