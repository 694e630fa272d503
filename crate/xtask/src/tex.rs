//! TeX to MathML, without a single inline style.
//!
//! Beside math-core's TeX it knows three words of this project: `\role{kl}{…}` gives a term the class of its role,
//! `\term{name}{…}` also `data-term="name"`, and `\tag{5}` numbers a display (see [`Typesetter::display`]). A fourth,
//! `\step{derivation/step}`, names the rows of a derivation (see [`steps`]).

use std::collections::{BTreeMap, BTreeSet};

use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};

use crate::steps;

/// The roles a term can have; one colour each, in equations, curves, bars and prose.
pub(crate) const ROLES: [&str; 12] = [
    "reconstruction",
    "kl",
    "elbo",
    "exact",
    "mi",
    "marginal-kl",
    "mmd",
    "prior",
    "posterior",
    "aggregate",
    "score",
    "reparam",
];

/// What every formula needs from a style sheet, before the classes that the formulas themselves ask for.
const SHEET: &str = "\
/* Written by the build: what the formulas need. */
@font-face {
  font-family: \"Latin Modern Math\";
  src: url(\"fonts/latinmodern-math.woff2\") format(\"woff2\");
  font-display: swap;
}
math { font-family: \"Latin Modern Math\", math; }
mtext { font-family: inherit; }
/* The cell padding that MathML Core asks for, none at the outer edges: browsers differ. */
mtd { padding: 0.5ex 0.4em; }
mtr > mtd:first-child { padding-left: 0; }
mtr > mtd:last-child { padding-right: 0; }
";

/// Turns formulas into MathML and remembers what they need from the style sheet.
pub(crate) struct Typesetter {
    converter: LatexToMathML,
    /// Class name by the declarations that it stands for.
    classes: BTreeMap<String, String>,
    /// Equation numbers given so far.
    numbers: BTreeSet<String>,
    /// Steps of derivations so far.
    steps: steps::Names,
}

/// The marks of a term inside a formula.
#[derive(Debug, PartialEq)]
struct Mark {
    class: Option<String>,
    term: Option<String>,
}

impl Typesetter {
    /// A typesetter with no formulas yet.
    pub(crate) fn new() -> Self {
        let converter = LatexToMathML::new(MathCoreConfig::default()).expect("no macros are given, so none is wrong");
        Self { converter, classes: BTreeMap::new(), numbers: BTreeSet::new(), steps: steps::Names::default() }
    }

    /// An inline formula, the TeX between `\(` and `\)`. The error is a sentence about the TeX.
    pub(crate) fn inline(&mut self, tex: &str) -> Result<String, String> {
        if tag(tex)?.is_some() {
            return Err("only a display can carry a \\tag".to_owned());
        }
        if steps::has_command(tex) {
            return Err("only a display can carry a \\step".to_owned());
        }
        self.convert(tex, MathDisplay::Inline)
    }

    /// A display, the TeX between `\[` and `\]`, as `<div class="equation">`.
    ///
    /// With `\tag{5}` the element gets the id `eq-5` and the number at its end. Inside a paragraph, which may hold no
    /// `<div>`, it is a `<span>`.
    pub(crate) fn display(&mut self, tex: &str, in_paragraph: bool) -> Result<String, String> {
        let element = if in_paragraph { "span" } else { "div" };
        let number = tag(tex)?;
        let (steps, rest) = steps::take(number.as_ref().map_or(tex, |(_, rest)| rest))?;
        self.steps.add_all(&steps)?;
        let mut id = String::new();
        let mut end = String::new();
        if let Some((number, _)) = number {
            if !number.chars().all(|c| c.is_ascii_alphanumeric()) || number.is_empty() {
                return Err(format!("the number in \\tag{{{number}}} should be letters and digits only"));
            }
            if !self.numbers.insert(number.clone()) {
                return Err(format!("equation ({number}) has been numbered before"));
            }
            id = format!(" id=\"eq-{number}\"");
            end = format!("<span class=\"equation-number\">({number})</span>");
        }
        let math = steps.marked(&self.convert(&rest, MathDisplay::Block)?)?;
        Ok(format!("<{element} class=\"equation\"{id}{}>{math}{end}</{element}>", steps.attributes()))
    }

    /// Takes down a step of a derivation that is prose. The error is a sentence about its name.
    pub(crate) fn prose_step(&mut self, name: &str) -> Result<(), String> {
        self.steps.add(name)
    }

    /// The style sheet of all formulas so far.
    pub(crate) fn sheet(&self) -> String {
        let mut sheet = SHEET.to_owned();
        for (declarations, class) in &self.classes {
            let important: Vec<String> =
                declarations.split(';').filter(|one| !one.is_empty()).map(|one| format!("{one} !important")).collect();
            sheet += &format!("math .{class} {{ {}; }}\n", important.join("; "));
        }
        sheet
    }

    fn convert(&mut self, tex: &str, display: MathDisplay) -> Result<String, String> {
        let tex = tex.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        let mut marks = Vec::new();
        let plain = mark(&tex, &mut marks)?;
        let result = self.converter.convert_with_local_state(&plain, display).map_err(|error| {
            let near: String = plain.get(error.0.clone()).unwrap_or_default().chars().take(40).collect();
            let place = if near.is_empty() { String::new() } else { format!(" at “{near}”") };
            format!("{}{place}", error.error_message())
        })?;
        self.unstyle(&result.mathml, &marks)
    }

    /// Replaces every `style="…"` by classes: the colours that stand for marks, and the rest by name.
    fn unstyle(&mut self, mathml: &str, marks: &[Mark]) -> Result<String, String> {
        let mut out = String::with_capacity(mathml.len());
        let mut rest = mathml;
        while let Some((before, after)) = rest.split_once(" style=\"") {
            let (declarations, after) = after.split_once('"').ok_or("math-core left a style open")?;
            let open = before.rfind('<').map(|at| &before[at..]).unwrap_or_default();
            if open.contains(" class=") || after.split('>').next().unwrap_or_default().contains("class=") {
                return Err("math-core gave an element a class and a style; xtask/src/tex.rs must learn it".to_owned());
            }
            out += before;
            let mut classes = Vec::new();
            let mut term = None;
            let mut others = String::new();
            for one in declarations.split(';').map(str::trim).filter(|one| !one.is_empty()) {
                if let Some(mark) = colour(one).and_then(|index| marks.get(index)) {
                    classes.extend(mark.class.clone());
                    term = mark.term.clone();
                } else {
                    others += &format!("{one};");
                }
            }
            if !others.is_empty() {
                let next = class_name(&others);
                classes.push(self.classes.entry(others).or_insert(next).clone());
            }
            if !classes.is_empty() {
                out += &format!(" class=\"{}\"", classes.join(" "));
            }
            if let Some(term) = term {
                out += &format!(" data-term=\"{term}\"");
            }
            rest = after;
        }
        out += rest;
        Ok(out)
    }
}

/// A class name that says what it declares: `text-align: right;` becomes `tex-text-align-right`.
fn class_name(declarations: &str) -> String {
    let mut name = "tex".to_owned();
    let words = declarations.replace('.', "p").replace("margin-left:-", "margin-left:minus ");
    for word in words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        name = format!("{name}-{word}");
    }
    name
}

/// The first colour that stands for a mark: no colour a formula would be written in.
const FIRST_COLOUR: usize = 0xF0_E0_00;

/// The index of the mark that a declaration `color:#f0e0nn` stands for.
fn colour(declaration: &str) -> Option<usize> {
    let number = usize::from_str_radix(declaration.strip_prefix("color:#")?, 16).ok()?;
    number.checked_sub(FIRST_COLOUR).filter(|index| *index < 256)
}

/// Replaces `\role` and `\term` by colours that stand for them.
fn mark(tex: &str, marks: &mut Vec<Mark>) -> Result<String, String> {
    let mut out = String::with_capacity(tex.len());
    let mut rest = tex;
    while let Some(at) = rest.find('\\') {
        out += &rest[..at];
        rest = &rest[at..];
        let Some(word) = ["\\role", "\\term"].into_iter().find(|word| is_command(rest, word)) else {
            // A backslash and what it escapes, so that `\\term` is a line break and not a term.
            let length = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
            out += &rest[..length];
            rest = &rest[length..];
            continue;
        };
        let (name, after) = group(&rest[word.len()..]).ok_or_else(|| format!("{word} needs {{a name}}"))?;
        let (body, after) = group(after).ok_or_else(|| format!("{word}{{{name}}} needs {{a formula}}"))?;
        let known = ROLES.contains(&name);
        if word == "\\role" && !known {
            return Err(format!("there is no role “{name}”; the roles are {}", ROLES.join(", ")));
        }
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_') {
            return Err(format!("the name “{name}” should be letters, digits and hyphens"));
        }
        let index = marks.len();
        if index > 255 {
            return Err("more than 256 roles and terms in one formula".to_owned());
        }
        let class = known.then(|| format!("role-{name}"));
        marks.push(Mark { class, term: (word == "\\term").then(|| name.to_owned()) });
        let inner = mark(body, marks)?;
        out += &format!("{{\\color[HTML]{{{:06X}}}{inner}}}", FIRST_COLOUR + index);
        rest = after;
    }
    Ok(out + rest)
}

/// Whether `tex` begins with the command `word` and not with a longer one.
fn is_command(tex: &str, word: &str) -> bool {
    tex.strip_prefix(word).is_some_and(|after| !after.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// The content of the `{…}` that `tex` begins with (after blanks), and what comes after it.
fn group(tex: &str) -> Option<(&str, &str)> {
    let inner = tex.trim_start().strip_prefix('{')?;
    let mut depth = 1;
    let mut escaped = false;
    for (at, c) in inner.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => (),
        }
        if depth == 0 {
            return Some((&inner[..at], &inner[at + 1..]));
        }
    }
    None
}

/// The number in `\tag{…}` and the TeX without it; `None` without a tag.
fn tag(tex: &str) -> Result<Option<(String, String)>, String> {
    let Some((before, after)) = tex.split_once("\\tag") else {
        return Ok(None);
    };
    let (number, after) = group(after).ok_or("\\tag needs {a number}")?;
    if after.contains("\\tag") {
        return Err("a display has one \\tag; write two displays for two numbers".to_owned());
    }
    Ok(Some((number.trim().to_owned(), format!("{before}{after}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_and_terms_become_classes_and_data() {
        let mut typesetter = Typesetter::new();
        let html =
            typesetter.inline(r"\log p(x) - \role{kl}{\mathrm{KL}\term{elbo}{x}} + \term{own}{\sqrt{y}}").unwrap();
        assert!(html.contains("<mrow class=\"role-kl\">"), "{html}");
        assert!(html.contains("<mrow class=\"role-elbo\" data-term=\"elbo\">"), "{html}");
        assert!(html.contains("<mrow data-term=\"own\">"), "{html}");
        assert!(!html.contains(" style="), "{html}");
    }

    #[test]
    fn a_number_becomes_an_id_once() {
        let mut typesetter = Typesetter::new();
        let html = typesetter.display(r"a = b \tag{5}", false).unwrap();
        assert!(html.starts_with("<div class=\"equation\" id=\"eq-5\"><math display=\"block\">"), "{html}");
        assert!(html.ends_with("<span class=\"equation-number\">(5)</span></div>"), "{html}");
        assert!(typesetter.display(r"c \tag{5}", false).unwrap_err().contains("before"));
        assert!(typesetter.inline(r"c \tag{6}").is_err());
        assert!(typesetter.display("c", true).unwrap().starts_with("<span class=\"equation\">"));
    }

    #[test]
    fn styles_become_classes_with_a_sheet() {
        let mut typesetter = Typesetter::new();
        let html = typesetter.display(r"\begin{aligned} a &amp;= b \\ &= c \!\! d \end{aligned}", false).unwrap();
        assert!(!html.contains(" style="), "{html}");
        let sheet = typesetter.sheet();
        assert!(sheet.contains("text-align: right !important"), "{sheet}");
        for class in html.split("class=\"").skip(2).filter_map(|rest| rest.split('"').next()) {
            assert!(sheet.contains(&format!(".{class} {{")), "{class} is in no sheet: {sheet}");
        }
    }

    #[test]
    fn what_does_not_compile_says_why() {
        let mut typesetter = Typesetter::new();
        assert!(typesetter.inline(r"\nosuchcommand x").unwrap_err().contains("nosuchcommand"));
        assert!(typesetter.inline(r"\frac{1}{").is_err());
        assert!(typesetter.inline(r"\role{klx}{x}").unwrap_err().contains("klx"));
        assert!(typesetter.inline(r"\role{kl}").is_err());
    }

    #[test]
    fn the_lectures_own_formulas_compile() {
        let mut typesetter = Typesetter::new();
        for tex in [
            r"\mathbb{E}_{q(z\mid x;\phi)}\left[\log p(x\mid z;\theta)\right] - \mathrm{KL}\left[q\,\middle\|\,p\right]",
            r"\sum_{j=1}^{M} -\tfrac12 \log 2\pi\sigma_{1j}^2 - \frac{(\mu_{2j}-\mu_{1j})^2}{2\sigma_{1j}^2}",
            r"\begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}",
            r"\hat g_{\text{score}} = \frac1N \sum_i \nabla_\phi \log q_\phi(z_i)\, f(z_i), \quad z = \mu + \sigma \odot \varepsilon",
            r"\underbrace{a}_{\text{b}} \overset{(5)}{=} \operatorname{tr}(\Sigma) \bigl( x \bigr) \boldsymbol{\mu} \mathcal{N}(0, I)",
        ] {
            let html = typesetter.display(tex, false).unwrap_or_else(|error| panic!("{tex}: {error}"));
            assert!(!html.contains(" style="), "{html}");
        }
    }
}
