//! The steps of a derivation, named so that they can be shown one after the other: `\step{derivation/step}`.
//!
//! It stands at the beginning of every row of an `aligned` display, or of a whole display, and becomes `data-step` on the
//! row or on the display's element, which also says its `data-derivation`. A paragraph between two formulas says
//! `<p data-step="derivation/step">`. A name is given once on the page, and a derivation's steps follow each other.

const COMMAND: &str = "\\step";
const OPEN: &str = "\\begin{aligned}";

/// What a display says about its steps.
#[derive(Debug, PartialEq)]
pub(crate) enum Steps {
    /// Nothing.
    None,
    /// It is one step.
    Whole(String),
    /// Each row is one.
    Rows(Vec<String>),
}

impl Steps {
    /// The attributes of the display's element, a space before each.
    pub(crate) fn attributes(&self) -> String {
        match self {
            Self::None => String::new(),
            Self::Whole(name) => format!(" data-derivation=\"{}\" data-step=\"{name}\"", derivation(name)),
            Self::Rows(names) => format!(" data-derivation=\"{}\"", derivation(&names[0])),
        }
    }

    /// The display's MathML with its rows named.
    pub(crate) fn marked(&self, mathml: &str) -> Result<String, String> {
        let Self::Rows(names) = self else {
            return Ok(mathml.to_owned());
        };
        let rows = rows(mathml);
        if rows.len() != names.len() {
            return Err(format!("{} rows have a name, and {} are set", names.len(), rows.len()));
        }
        let mut out = String::with_capacity(mathml.len() + 40 * rows.len());
        let mut from = 0;
        for (row, name) in rows.into_iter().zip(names) {
            out += &mathml[from..row];
            out += &format!("<mtr data-step=\"{name}\"");
            from = row + "<mtr".len();
        }
        Ok(out + &mathml[from..])
    }
}

/// All steps of the page so far, in their order.
#[derive(Default)]
pub(crate) struct Names(Vec<String>);

impl Names {
    /// Takes a new one down.
    pub(crate) fn add(&mut self, name: &str) -> Result<(), String> {
        check(name)?;
        let own = derivation(name);
        let last = self.0.last().map(|last| derivation(last));
        if self.0.iter().any(|known| known == name) {
            return Err(format!("there is a step {name} before"));
        }
        if last != Some(own) && self.0.iter().any(|known| derivation(known) == own) {
            return Err(format!("the derivation {own} goes on in {name} after another one has begun"));
        }
        self.0.push(name.to_owned());
        Ok(())
    }

    /// Takes those of a display down.
    pub(crate) fn add_all(&mut self, steps: &Steps) -> Result<(), String> {
        match steps {
            Steps::None => Ok(()),
            Steps::Whole(name) => self.add(name),
            Steps::Rows(names) => names.iter().try_for_each(|name| self.add(name)),
        }
    }
}

/// The steps of a display, and its TeX without them.
pub(crate) fn take(tex: &str) -> Result<(Steps, String), String> {
    if !has_command(tex) {
        return Ok((Steps::None, tex.to_owned()));
    }
    let start = tex.trim_start();
    if let Some((name, rest)) = step(start)? {
        if has_command(rest) {
            return Err(format!("the whole display is the step {name}, so its rows cannot be steps"));
        }
        return Ok((Steps::Whole(name), rest.to_owned()));
    }
    let body = start.strip_prefix(OPEN).ok_or_else(misplaced)?;
    let (mut names, mut out) = (Vec::new(), OPEN.to_owned());
    let (mut rest, mut row, mut depth) = (body, true, 0_usize);
    let mut unnamed = 0;
    loop {
        if std::mem::take(&mut row) {
            if let Some((name, after)) = step(rest.trim_start())? {
                names.push(name);
                rest = after;
            } else {
                unnamed += 1;
            }
        }
        let Some(letter) = rest.chars().next() else {
            return Err("an aligned display is not closed".to_owned());
        };
        let mut length = letter.len_utf8();
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '\\' if rest.starts_with("\\begin") => depth += 1,
            '\\' if rest.starts_with("\\end") && depth == 0 => break,
            '\\' if rest.starts_with("\\end") => depth -= 1,
            '\\' if is_command(rest) => return Err(misplaced()),
            '\\' => {
                row = rest.starts_with("\\\\") && depth == 0;
                length += rest[1..].chars().next().map_or(0, char::len_utf8);
                if row && rest[length..].starts_with('[') {
                    length += rest[length..].find(']').map_or(0, |end| end + 1);
                }
            }
            _ => (),
        }
        out += &rest[..length];
        rest = &rest[length..];
    }
    if has_command(rest) {
        return Err(misplaced());
    }
    if unnamed > 0 {
        return Err(format!("{} rows are steps and {unnamed} are not; name all of them", names.len()));
    }
    if names.iter().any(|name| derivation(name) != derivation(&names[0])) {
        return Err("a display belongs to one derivation".to_owned());
    }
    Ok((Steps::Rows(names), out + rest))
}

fn misplaced() -> String {
    "\\step stands at the beginning of a row of an aligned display, or of a whole display".to_owned()
}

/// The name in the `\step{…}` that `tex` begins with, and what follows it.
fn step(tex: &str) -> Result<Option<(String, &str)>, String> {
    if !is_command(tex) {
        return Ok(None);
    }
    let inner = tex[COMMAND.len()..].strip_prefix('{').and_then(|inner| inner.split_once('}'));
    let (name, rest) = inner.ok_or("\\step needs {derivation/step}")?;
    check(name)?;
    Ok(Some((name.to_owned(), rest)))
}

fn is_command(tex: &str) -> bool {
    tex.strip_prefix(COMMAND).is_some_and(|after| !after.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// Whether TeX, a display's or an inline formula's, names a step anywhere.
pub(crate) fn has_command(tex: &str) -> bool {
    tex.match_indices(COMMAND).any(|(at, _)| is_command(&tex[at..]))
}

/// A name is two words in small letters, digits and hyphens.
fn check(name: &str) -> Result<(), String> {
    let plain = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
    };
    match name.split_once('/') {
        Some((derivation, step)) if plain(derivation) && plain(step) => Ok(()),
        _ => Err(format!("a step is named derivation/step, in small letters and hyphens, and not “{name}”")),
    }
}

/// The derivation that a step belongs to.
fn derivation(name: &str) -> &str {
    name.split('/').next().unwrap_or_default()
}

/// Where the rows of the outermost table begin in MathML.
fn rows(mathml: &str) -> Vec<usize> {
    let (mut depth, mut found) = (0, Vec::new());
    for (at, _) in mathml.match_indices('<') {
        let tag = &mathml[at..];
        if tag.starts_with("<mtable") {
            depth += 1;
        } else if tag.starts_with("</mtable") {
            depth -= 1;
        } else if tag.starts_with("<mtr") && depth == 1 {
            found.push(at);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tex::Typesetter;

    #[test]
    fn rows_are_named_in_their_order() {
        let tex = r"\begin{aligned} \step{gap/start} a &= \begin{cases} 1 & x \\ 2 & y \end{cases} \\[4pt] \step{gap/end} &= c \end{aligned}";
        let html = Typesetter::new().display(&format!("{tex} \\tag{{5}}"), false).unwrap();
        assert!(html.starts_with("<div class=\"equation\" id=\"eq-5\" data-derivation=\"gap\"><math"), "{html}");
        let names: Vec<&str> =
            html.split("<mtr data-step=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(names, ["gap/start", "gap/end"]);
        assert!(!html.contains("\\step") && html.matches("<mtr").count() > 3, "{html}");
    }

    #[test]
    fn a_display_of_one_row_is_named_itself() {
        let html = Typesetter::new().display(r"\step{gap/kl} a = b", true).unwrap();
        assert!(
            html.starts_with("<span class=\"equation\" data-derivation=\"gap\" data-step=\"gap/kl\"><math"),
            "{html}"
        );
        let plain = Typesetter::new().display("a = b", true).unwrap();
        assert_eq!(html.replace(" data-derivation=\"gap\" data-step=\"gap/kl\"", ""), plain);
    }

    #[test]
    fn a_step_stands_where_it_may_or_is_refused() {
        for (bad, why) in [
            (r"a \step{gap/start} = b", "stands at the beginning"),
            (r"\begin{aligned} a &= \step{gap/start} b \end{aligned}", "stands at the beginning"),
            (r"\begin{aligned} \step{gap/start} a &= b \end{aligned} \step{gap/end}", "stands at the beginning"),
            (r"\begin{aligned} \step{gap/start} a &= {b \\ \step{gap/end} c} \end{aligned}", "stands at the beginning"),
            (r"\begin{aligned} \step{gap/start} a &= b \\ &= c \end{aligned}", "1 rows are steps and 1 are not"),
            (r"\begin{aligned} a &= b \\ \step{gap/end} &= c \end{aligned}", "1 rows are steps and 1 are not"),
            (r"\begin{aligned} \step{gap/start} a &= b \\ \step{kl/end} &= c \end{aligned}", "one derivation"),
            (r"\begin{aligned} \step{gap/end} a &= b \\ \step{gap/end} &= c \end{aligned}", "gap/end before"),
            (r"\step{gap/start} \begin{aligned} \step{gap/end} &= c \end{aligned}", "cannot be steps"),
            (r"\step{gap} a", "is named derivation/step"),
            (r"\step{Gap/start} a", "is named derivation/step"),
            (r"\step a", "needs {derivation/step}"),
        ] {
            let said = Typesetter::new().display(bad, false).unwrap_err();
            assert!(said.contains(why), "{bad}: {said}");
        }
        assert!(Typesetter::new().inline(r"\step{gap/start} a").is_err());
    }

    #[test]
    fn names_are_given_once_and_a_derivation_is_not_interrupted() {
        let mut names = Names::default();
        names.add("gap/start").unwrap();
        names.add("gap/end").unwrap();
        assert!(names.add("gap/start").unwrap_err().contains("before"));
        names.add("kl/start").unwrap();
        assert!(names.add("gap/more").unwrap_err().contains("after another"));
    }
}
