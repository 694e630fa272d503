//! How far cargo is, read from the bar that it draws.

use std::io::{IsTerminal, Read, Write};
use std::time::{Duration, Instant};

/// How many of a build's units are compiled.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Progress {
    /// Units that are done.
    pub(crate) done: usize,
    /// Units there are.
    pub(crate) of: usize,
    /// The crates being compiled now, as cargo names them.
    pub(crate) now: String,
}

/// Reads one drawing of cargo's bar: `Building [==>   ] 12/105: serde, syn`.
pub(crate) fn parse(line: &str) -> Option<Progress> {
    let bar = line.trim_start().strip_prefix("Building [")?;
    let (_, count) = bar.split_once(']')?;
    let (numbers, now) = count.split_once(':').unwrap_or((count, ""));
    let (done, of) = numbers.trim().split_once('/')?;
    Some(Progress { done: done.parse().ok()?, of: of.parse().ok()?, now: now.trim().to_owned() })
}

/// Splits what cargo says at the carriage returns and line ends: bars go to `on_progress`, whole lines to `on_line`.
pub(crate) fn listen(mut from: impl Read, mut on_progress: impl FnMut(Progress), mut on_line: impl FnMut(&str)) {
    let mut pending = Vec::new();
    let mut buffer = [0_u8; 4096];
    while let Ok(length) = from.read(&mut buffer) {
        if length == 0 {
            break;
        }
        for &byte in &buffer[..length] {
            if byte != b'\r' && byte != b'\n' {
                pending.push(byte);
                continue;
            }
            let line = plain(&String::from_utf8_lossy(&pending));
            pending.clear();
            match parse(&line) {
                Some(progress) => on_progress(progress),
                None if byte == b'\n' => on_line(&line),
                None => (),
            }
        }
    }
}

/// Without the terminal's erase-line codes, which cargo puts before a line that replaces its bar.
fn plain(line: &str) -> String {
    line.replace("\u{1b}[K", "")
}

/// Says on the terminal how far a build is: on one moving line, or a line every few seconds into a file.
pub(crate) struct Teller {
    label: String,
    moving: bool,
    last: Instant,
    shown: bool,
}

impl Teller {
    /// A teller for the build called `label`.
    pub(crate) fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), moving: std::io::stdout().is_terminal(), last: Instant::now(), shown: false }
    }

    /// Tells `progress`, not too often.
    pub(crate) fn tell(&mut self, progress: &Progress) {
        let pause = if self.moving { Duration::from_millis(100) } else { Duration::from_secs(10) };
        if self.last.elapsed() < pause {
            return;
        }
        self.last = Instant::now();
        let Progress { done, of, now } = progress;
        if self.moving {
            let line: String = format!("  {}: compiling {done} of {of} ({now})", self.label).chars().take(78).collect();
            print!("\r{line:<78}");
            let _ = std::io::stdout().flush();
            self.shown = true;
        } else {
            println!("  {}: compiling {done} of {of}", self.label);
        }
    }

    /// Clears the moving line.
    pub(crate) fn clear(&mut self) {
        if self.shown {
            print!("\r{:<78}\r", "");
            let _ = std::io::stdout().flush();
            self.shown = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_is_read() {
        let line = "    Building [=>                  ] 12/105: serde, syn(build.rs)   ";
        let expected = Progress { done: 12, of: 105, now: "serde, syn(build.rs)".into() };
        assert_eq!(parse(line), Some(expected));
        assert_eq!(parse("   Compiling serde v1.0.229"), None);
    }

    #[test]
    fn bars_and_lines_are_told_apart() {
        let said = b"   Compiling a v1\n    Building [> ] 1/3: a\r    Building [=>] 2/3: b\r\x1b[Kerror: no\n";
        let (mut bars, mut lines) = (Vec::new(), Vec::new());
        listen(&said[..], |bar| bars.push(bar.done), |line| lines.push(line.to_owned()));
        assert_eq!(bars, [1, 2]);
        assert_eq!(lines, ["   Compiling a v1", "error: no"]);
    }
}
