//! The words after `cargo serve`, `cargo dist` and `cargo verify`.

use crate::problem::Problem;

/// What `--help` prints.
pub(crate) const HELP: &str = "\
cargo serve [--port N] [--cpu-only] [--open] [--profile-fast]
    Builds the page and serves it on 127.0.0.1 (port 8080 unless told otherwise).
    --cpu-only      leave the WebGPU engine out
    --open          open the page in the browser
    --profile-fast  quicker builds that run slower (no link-time optimisation)

cargo dist [--cpu-only]
    Writes the static site to dist/.

cargo verify [--only NAME]
    Runs every check, cheapest first: tools, format, clippy, clippy-wasm, test, dist, browser.";

/// One of the three commands, with its wishes.
#[derive(Debug, PartialEq)]
pub(crate) enum Command {
    /// `cargo serve`
    Serve(Serve),
    /// `cargo dist`
    Dist(Dist),
    /// `cargo verify`
    Verify(Verify),
    /// `--help`, or no command at all
    Help,
}

/// Wishes of `cargo serve`.
#[derive(Debug, PartialEq)]
pub(crate) struct Serve {
    /// Port on the loopback address.
    pub(crate) port: u16,
    /// Leave the WebGPU engine out.
    pub(crate) cpu_only: bool,
    /// Open the page in the browser when it is there.
    pub(crate) open: bool,
    /// Build without link-time optimisation.
    pub(crate) fast: bool,
}

/// Wishes of `cargo dist`.
#[derive(Debug, PartialEq)]
pub(crate) struct Dist {
    /// Leave the WebGPU engine out.
    pub(crate) cpu_only: bool,
}

/// Wishes of `cargo verify`.
#[derive(Debug, PartialEq)]
pub(crate) struct Verify {
    /// The one step to run.
    pub(crate) only: Option<String>,
}

/// Reads the command line (without the program's own name).
pub(crate) fn parse(words: &[String]) -> Result<Command, Problem> {
    let Some((command, rest)) = words.split_first() else {
        return Ok(Command::Help);
    };
    if rest.iter().any(|word| word == "--help" || word == "-h") {
        return Ok(Command::Help);
    }
    let mut rest = rest.iter().map(String::as_str);
    match command.as_str() {
        "serve" => {
            let mut wishes = Serve { port: 8080, cpu_only: false, open: false, fast: false };
            while let Some(word) = rest.next() {
                match word {
                    "--port" => wishes.port = port(rest.next())?,
                    "--cpu-only" => wishes.cpu_only = true,
                    "--open" => wishes.open = true,
                    "--profile-fast" => wishes.fast = true,
                    other => return Err(unknown(command, other)),
                }
            }
            Ok(Command::Serve(wishes))
        }
        "dist" => {
            let mut wishes = Dist { cpu_only: false };
            for word in rest {
                match word {
                    "--cpu-only" => wishes.cpu_only = true,
                    other => return Err(unknown(command, other)),
                }
            }
            Ok(Command::Dist(wishes))
        }
        "verify" => {
            let mut wishes = Verify { only: None };
            while let Some(word) = rest.next() {
                match word {
                    "--only" => {
                        let name = rest.next().ok_or_else(|| Problem::new("--only needs the name of a step."))?;
                        wishes.only = Some(name.to_owned());
                    }
                    other => return Err(unknown(command, other)),
                }
            }
            Ok(Command::Verify(wishes))
        }
        "help" | "--help" | "-h" => Ok(Command::Help),
        other => Err(Problem::new(format!("There is no command “{other}”.\n\n{HELP}"))),
    }
}

fn port(word: Option<&str>) -> Result<u16, Problem> {
    word.and_then(|word| word.parse().ok())
        .filter(|port| *port > 0)
        .ok_or_else(|| Problem::new("--port needs a number from 1 to 65535, for example: cargo serve --port 8081"))
}

fn unknown(command: &str, word: &str) -> Problem {
    Problem::new(format!("cargo {command} does not know “{word}”.\n\n{HELP}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn serve_reads_its_wishes() {
        let expected = Serve { port: 9000, cpu_only: true, open: false, fast: false };
        assert_eq!(parse(&words("serve --cpu-only --port 9000")).unwrap(), Command::Serve(expected));
    }

    #[test]
    fn a_wrong_word_is_named() {
        let sentence = parse(&words("dist --gpu")).unwrap_err().to_string();
        assert!(sentence.contains("--gpu"), "{sentence}");
        assert!(parse(&words("serve --port 70000")).is_err());
        assert!(parse(&words("serve --port 0")).is_err());
    }
}
