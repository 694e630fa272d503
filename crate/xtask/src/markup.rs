//! The project's HTML: finds formulas and code slots in it, and what a strict page may not contain.

use std::collections::BTreeSet;

use crate::code;
use crate::files::Places;
use crate::tex::Typesetter;

/// Where the parts of the lecture go in `index.html`.
pub(crate) const SECTIONS: &str = "<!-- sections -->";
/// Where the links to the parts go in `index.html`.
pub(crate) const PARTS: &str = "<!-- parts -->";
/// Where the list of all slides goes in `index.html`.
pub(crate) const CONTENTS: &str = "<!-- contents -->";
/// Where the slides of a part go in its file.
pub(crate) const SLIDES: &str = "<!-- slides -->";

/// What the build fills in; any other comment is refused.
const MARKERS: [&str; 4] = [SECTIONS, PARTS, CONTENTS, SLIDES];

/// Elements whose content is no prose.
const RAW: [&str; 5] = ["script", "style", "pre", "code", "textarea"];

/// Turns the formulas and the code slots of one file into HTML.
///
/// What is wrong is added to `problems`, with file and line, and left out of the result.
pub(crate) struct Reader<'a> {
    /// The places, for code slots.
    pub(crate) places: &'a Places,
    /// The one typesetter of the page.
    pub(crate) typesetter: &'a mut Typesetter,
    /// Sentences about everything wrong so far.
    pub(crate) problems: &'a mut Vec<String>,
}

impl Reader<'_> {
    /// Reads the text of the file called `name`.
    pub(crate) fn read(&mut self, name: &str, source: &str) -> String {
        let mut out = String::with_capacity(source.len() * 2);
        let mut at = 0;
        let mut paragraph = false;
        while at < source.len() {
            let rest = &source[at..];
            if let Some(marker) = MARKERS.iter().find(|marker| rest.starts_with(**marker)) {
                out += marker;
                at += marker.len();
            } else if rest.starts_with("<!--") {
                self.complain(name, source, at, "an HTML comment would be published; take it out");
                at += rest.find("-->").map_or(rest.len(), |end| end + 3);
            } else if rest.starts_with('<')
                && rest[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!".contains(c))
            {
                let tag = tag_at(rest);
                at += tag.len();
                self.check_tag(name, source, at - tag.len(), tag);
                self.name_step(name, source, at - tag.len(), tag);
                match element(tag) {
                    "p" => paragraph = !tag.starts_with("</"),
                    raw if RAW.contains(&raw) && !tag.starts_with("</") => {
                        let end = source[at..].find(&format!("</{raw}")).unwrap_or(source.len() - at);
                        out += tag;
                        out += &source[at..at + end];
                        at += end;
                        continue;
                    }
                    _ => (),
                }
                let Some(wanted) = attribute(tag, "data-code") else {
                    out += tag;
                    continue;
                };
                match source[at..].trim_start().strip_prefix("</div>") {
                    Some(after) if element(tag) == "div" => {
                        match code::slot(self.places, wanted) {
                            Ok(html) => out += &html,
                            Err(error) => self.complain(name, source, at - tag.len(), &format!("{error:#}")),
                        }
                        at = source.len() - after.len();
                    }
                    _ => self.complain(
                        name,
                        source,
                        at - tag.len(),
                        "a code slot is an empty <div data-code=\"…\"></div>",
                    ),
                }
            } else if rest.starts_with("\\(") || rest.starts_with("\\[") {
                let display = rest.starts_with("\\[");
                let Some(tex) = formula(&rest[2..], if display { ']' } else { ')' }) else {
                    self.complain(name, source, at, &format!("a formula is opened by {} and not closed", &rest[..2]));
                    at += 2;
                    continue;
                };
                let made = if display { self.typesetter.display(tex, paragraph) } else { self.typesetter.inline(tex) };
                match made {
                    Ok(html) if display => out += &html,
                    Ok(html) => at += unbroken(&mut out, &html, &source[at + tex.len() + 4..]),
                    Err(why) => {
                        let tex = tex.split_whitespace().collect::<Vec<_>>().join(" ");
                        self.complain(name, source, at, &format!("{why}\n    in the formula {tex}"));
                    }
                }
                at += tex.len() + 4;
            } else {
                let length = rest.chars().next().map_or(1, char::len_utf8);
                out += &rest[..length];
                at += length;
            }
        }
        out
    }

    fn complain(&mut self, name: &str, source: &str, at: usize, sentence: &str) {
        let line = 1 + source[..at].matches('\n').count();
        self.problems.push(format!("{name}:{line}: {sentence}"));
    }

    /// A paragraph may be a step of a derivation; the rows of formulas are named in TeX.
    fn name_step(&mut self, name: &str, source: &str, at: usize, tag: &str) {
        if attribute(tag, "data-derivation").is_some() {
            self.complain(name, source, at, "the build writes data-derivation, from \\step{derivation/step}");
        }
        if let Some(step) = attribute(tag, "data-step") {
            if element(tag) != "p" {
                self.complain(name, source, at, "a step of a derivation is a paragraph or a row of a formula");
            } else if let Err(why) = self.typesetter.prose_step(step) {
                self.complain(name, source, at, &why);
            }
        }
    }

    /// The page's security policy and its sub-path allow no inline style or script and no absolute address.
    fn check_tag(&mut self, name: &str, source: &str, at: usize, tag: &str) {
        let wrong = if tag.contains("\\(") || tag.contains("\\[") {
            "a formula cannot stand inside a tag"
        } else if tag.starts_with("<style") {
            "styles belong into www/style.css: the security policy refuses <style>"
        } else if tag.starts_with("<script") && attribute(tag, "src").is_none() {
            "scripts belong into www/shell: the security policy refuses inline scripts"
        } else if attributes(tag).any(|(key, _)| key == "style") {
            "the security policy refuses style=\"…\"; give the element a class"
        } else if attributes(tag).any(|(key, _)| key.starts_with("on")) {
            "the security policy refuses handlers in attributes; bind them in www/shell"
        } else if attributes(tag).any(|(key, value)| ["src", "href"].contains(&key) && value.starts_with('/')) {
            "an address that begins with / breaks under a sub-path; make it relative"
        } else if attributes(tag).any(|(key, value)| key == "src" && value.contains("://")) {
            "nothing is loaded from another origin; put the file into www"
        } else {
            return;
        };
        self.complain(name, source, at, wrong);
    }
}

/// The tag that `rest` begins with, up to its `>`; quotes may hold a `>`.
fn tag_at(rest: &str) -> &str {
    let mut quote = None;
    for (at, c) in rest.char_indices() {
        match (quote, c) {
            (None, '>') => return &rest[..=at],
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => (),
        }
    }
    rest
}

/// The element's name of an opening or closing tag.
fn element(tag: &str) -> &str {
    let name = tag.trim_start_matches(['<', '/']);
    &name[..name.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(name.len())]
}

/// The attributes of a tag, in order.
fn attributes(tag: &str) -> impl Iterator<Item = (&str, &str)> {
    let inner = tag.trim_start_matches('<').trim_end_matches('>').trim_end_matches('/');
    let mut rest = &inner[element(tag).len().min(inner.len())..];
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let key = &rest[..end];
        rest = rest[end..].trim_start();
        if key.is_empty() {
            return None;
        }
        let Some(value) = rest.strip_prefix('=').map(str::trim_start) else {
            return Some((key, ""));
        };
        let quoted =
            value.strip_prefix('"').map(|value| (value, '"')).or(value.strip_prefix('\'').map(|value| (value, '\'')));
        let (value, after) = match quoted {
            Some((value, quote)) => value.split_once(quote).unwrap_or((value, "")),
            None => value.split_once(char::is_whitespace).unwrap_or((value, "")),
        };
        rest = after;
        Some((key, value))
    })
}

/// The value of one attribute.
pub(crate) fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    attributes(tag).find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// The values of an attribute in all of a page's tags, in their order.
pub(crate) fn attribute_values(html: &str, name: &str) -> Vec<String> {
    tags(html).filter_map(|tag| attribute(tag, name)).map(str::to_owned).collect()
}

/// The TeX up to `\)` or `\]`, where a `\\` before a bracket is a line break.
fn formula(rest: &str, close: char) -> Option<&str> {
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        match (escaped, c) {
            (true, c) if c == close => return Some(&rest[..at - 1]),
            (true, '(' | '[') => return None,
            (true, _) => escaped = false,
            (false, '\\') => escaped = true,
            _ => (),
        }
    }
    None
}

/// The equations, slides and parts that links within the page lead to and that do not exist, each once.
pub(crate) fn dangling(html: &str) -> Vec<String> {
    let targets: BTreeSet<&str> = tags(html).filter_map(|tag| attribute(tag, "id")).collect();
    let links = tags(html).filter_map(|tag| attribute(tag, "href")?.strip_prefix('#'));
    let own = links.filter(|link| ["eq-", "slide-", "part-"].iter().any(|start| link.starts_with(start)));
    own.filter(|link| !targets.contains(link))
        .map(|link| format!("a link leads to #{link}, which is nowhere"))
        .collect()
}

fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.match_indices('<').map(|(at, _)| tag_at(&html[at..]))
}

/// Text as HTML shows it.
/// Writes an inline formula together with the bracket before it and the punctuation after it, for browsers break lines between
/// them; its colour, an element around the formula alone, comes along. Returns how much of what follows is written.
fn unbroken(out: &mut String, html: &str, rest: &str) -> usize {
    let colour = out
        .rfind("<span class=\"role-")
        .filter(|start| out[*start..].ends_with('>') && out[*start..].matches('>').count() == 1);
    let (end, after) = match rest.strip_prefix("</span>").filter(|_| colour.is_some()) {
        Some(after) => ("</span>", after),
        None => ("", rest),
    };
    let start = if end.is_empty() { out.len() } else { colour.unwrap_or(out.len()) };
    let punctuation =
        &after[..after.len() - after.trim_start_matches([',', '.', ';', ':', '!', '?', ')', '’', '”']).len()];
    let bracket = if out[..start].ends_with('(') { start - 1 } else { start };
    if punctuation.is_empty() && bracket == start {
        *out += html;
        return 0;
    }
    let before = out.split_off(bracket);
    *out += &format!("<span class=\"unbroken\">{before}{html}{end}{punctuation}</span>");
    end.len() + punctuation.len()
}

pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(source: &str) -> (String, Vec<String>) {
        let places = Places::find().unwrap();
        let mut problems = Vec::new();
        let mut typesetter = Typesetter::new();
        let html =
            Reader { places: &places, typesetter: &mut typesetter, problems: &mut problems }.read("a.html", source);
        (html, problems)
    }

    #[test]
    fn formulas_are_found_and_code_is_left_alone() {
        let (html, problems) = read("<p>Let \\(a<b\\) be.</p>\\[ x \\\\[4pt] y \\]<pre>\\(no\\)</pre>");
        assert_eq!(problems, Vec::<String>::new());
        assert!(html.contains("<mo>&lt;</mo>") && html.contains("<pre>\\(no\\)</pre>"), "{html}");
        assert!(html.contains("<div class=\"equation\"><math display=\"block\">"), "{html}");
    }

    #[test]
    fn a_formula_stays_with_the_bracket_before_it_and_the_punctuation_after() {
        let shape = |source: &str| {
            let (html, problems) = read(source);
            assert_eq!(problems, Vec::<String>::new());
            let (before, rest) = html.split_once("<math>").unwrap();
            format!("{before}*{}", rest.split_once("</math>").unwrap().1)
        };
        for (source, expected) in [
            ("<p>a \\(x\\) b</p>", "<p>a * b</p>"),
            ("<p>a (\\(x\\) b)</p>", "<p>a <span class=\"unbroken\">(*</span> b)</p>"),
            ("<p>a \\(x\\), b</p>", "<p>a <span class=\"unbroken\">*,</span> b</p>"),
            (
                "<p>(<span class=\"role-kl\">\\(x\\)</span>).</p>",
                "<p><span class=\"unbroken\">(<span class=\"role-kl\">*</span>).</span></p>",
            ),
            ("<p><span class=\"role-kl\">a \\(x\\)</span>, b</p>", "<p><span class=\"role-kl\">a *</span>, b</p>"),
            ("<p><em>\\(x\\)</em>, b</p>", "<p><em>*</em>, b</p>"),
        ] {
            assert_eq!(shape(source), expected, "{source}");
        }
    }

    #[test]
    fn a_wrong_formula_is_named_with_its_line() {
        let (_, problems) = read("<p>one\ntwo \\(\\nosuch\\)\n\\(\\frac{1}\\)</p>");
        assert_eq!(problems.len(), 2);
        assert!(problems[0].starts_with("a.html:2: ") && problems[0].contains("\\nosuch"), "{problems:?}");
        assert!(problems[1].starts_with("a.html:3: "), "{problems:?}");
    }

    #[test]
    fn what_the_policy_refuses_fails() {
        for bad in [
            "<p style=\"color:red\">",
            "<style>p{}</style>",
            "<script>1</script>",
            "<b onclick=\"x()\">",
            "<a href=\"/x\">",
            "<img src=\"https://example.org/x.png\">",
            "<!-- note -->",
            "<img alt=\"\\(x\\)\">",
            "\\(x",
            "<div data-step=\"gap/start\">",
            "<p data-step=\"gap\">",
            "<p data-derivation=\"gap\">",
            "<p data-step=\"gap/start\">a</p>\\[ \\step{gap/start} x \\]",
        ] {
            assert_eq!(read(bad).1.len(), 1, "{bad}: {:?}", read(bad).1);
        }
        let fine =
            "<!doctype html><script type=\"module\" src=\"shell/main.js\"></script><a href=\"https://x.y/\">x</a>";
        assert_eq!(read(fine), (fine.to_owned(), Vec::new()));
    }

    #[test]
    fn links_must_arrive() {
        assert_eq!(dangling("<a href=\"#eq-5\">5</a><div id=\"eq-5\"></div>"), Vec::<String>::new());
        assert_eq!(dangling("<a href=\"#eq-6\">6</a><div id=\"eq-5\"></div>").len(), 1);
    }
}
