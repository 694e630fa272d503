//! Assembles the site's readable half: the page with its sections and formulas, styles, shell and data.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::facts::{self, Demo};
use crate::files::{self, Places};
use crate::markup::{self, CONTENTS, PARTS, Reader, SECTIONS, SLIDES};
use crate::tex::Typesetter;

/// What the page may load: its own files, wasm, and the one address that MNIST is fetched from.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; \
                      font-src 'self'; img-src 'self' data: blob:; connect-src 'self' https://cdn.jsdelivr.net/gh/fgnt/mnist/; \
                      base-uri 'none'; form-action 'none'";

/// Assembles the page into `site`.
///
/// Everything that is wrong in the prose is said at once, each with its file and line. Links that lead nowhere are
/// only told, not refused, while the page is a `draft`: sections may still be missing.
pub(crate) fn assemble(places: &Places, site: &Path, draft: bool, demos: &[Demo]) -> Result<()> {
    let mut typesetter = Typesetter::new();
    let mut problems = Vec::new();
    let mut sections = String::new();
    for part in section_files(places)? {
        sections += &section(places, &part, demos, &mut typesetter, &mut problems)?;
    }
    let source = files::read(&places.root.join("index.html"))?;
    let mut html = Reader { places, typesetter: &mut typesetter, problems: &mut problems }.read("index.html", &source);
    for (marker, filling) in [(PARTS, facts::parts(demos)), (CONTENTS, facts::contents(demos)), (SECTIONS, sections)] {
        html = filled(&html, marker, &filling, "index.html", &mut problems);
    }
    let html = with_head(&html, &mut problems);
    let dangling = markup::dangling(&html);
    if draft && !dangling.is_empty() {
        eprintln!("Not yet there: {}. A published page must have them.", dangling.join(", "));
    } else {
        problems.extend(dangling.iter().map(|link| format!("a link leads to {link}, which is nowhere")));
    }
    if !problems.is_empty() {
        bail!("The page cannot be put together:\n\n{}\n", problems.join("\n"));
    }
    files::copy_folder(&places.root.join("www"), site, &["sections"])?;
    files::write(&site.join("math.css"), typesetter.sheet().as_bytes())?;
    files::write(&site.join("index.html"), html.as_bytes())
}

/// One part of the lecture: its own text, and in it the slides of its demos.
fn section(
    places: &Places,
    path: &Path,
    demos: &[Demo],
    typesetter: &mut Typesetter,
    problems: &mut Vec<String>,
) -> Result<String> {
    let name = places.short(path);
    let number = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.split('-').next()?.parse().ok());
    let mut slides = String::new();
    for demo in demos.iter().filter(|demo| Some(demo.part.number) == number) {
        let file = format!("{}/page.html", demo.folder());
        let source = demo.with_readouts(&files::read(&places.root.join(&file))?, problems);
        slides += &Reader { places, typesetter, problems }.read(&file, &source);
    }
    let html = Reader { places, typesetter, problems }.read(&name, &files::read(path)?);
    Ok(filled(&html, SLIDES, &slides, &name, problems))
}

/// The text with the marker replaced, which must be there once.
fn filled(html: &str, marker: &str, filling: &str, name: &str, problems: &mut Vec<String>) -> String {
    let count = html.matches(marker).count();
    if count != 1 {
        problems.push(format!("{name}: it should say {marker} once, and does so {count} times"));
    }
    html.replacen(marker, filling, 1)
}

fn section_files(places: &Places) -> Result<Vec<PathBuf>> {
    let mut found = files::files_under(&places.root.join("www/sections"))?;
    found.retain(|path| path.extension().is_some_and(|ending| ending == "html"));
    Ok(found)
}

/// Puts the security policy first into the head, where it holds for all that follows, and the formulas' style sheet
/// before the page's own, which may overrule it.
fn with_head(html: &str, problems: &mut Vec<String>) -> String {
    if html.to_ascii_lowercase().contains("content-security-policy") {
        problems.push("index.html: the build writes the Content-Security-Policy; take this one out".to_owned());
    }
    let Some((before, after)) = html.split_once("<head>") else {
        problems.push("index.html: it has no <head>".to_owned());
        return html.to_owned();
    };
    // The character set must be said within the first 1024 bytes, so it goes before the policy.
    let charset = "<meta charset=\"utf-8\">";
    let after = after.replacen(charset, "", 1);
    format!(
        "{before}<head>\n{charset}\n<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
         <link rel=\"stylesheet\" href=\"math.css\">{after}"
    )
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::facts::tests::demo;

    #[test]
    fn the_only_foreign_address_is_the_one_that_mnist_comes_from() {
        let foreign: Vec<&str> = POLICY.split([' ', ';']).filter(|word| word.contains("//") || *word == "*").collect();
        assert_eq!(foreign, ["https://cdn.jsdelivr.net/gh/fgnt/mnist/"]);
        let allowed = POLICY.split(';').find(|rule| rule.contains(foreign[0])).unwrap();
        assert!(allowed.trim().starts_with("connect-src "), "{allowed}");
    }

    #[test]
    fn the_policy_comes_before_anything_it_governs() {
        let mut problems = Vec::new();
        let html = with_head(
            "<head><meta charset=\"utf-8\"><link rel=\"stylesheet\" href=\"style.css\"></head>",
            &mut problems,
        );
        assert_eq!(problems, Vec::<String>::new());
        let place = |word: &str| html.find(word).unwrap();
        assert!(place("charset") < place("default-src 'none'"));
        assert!(place("default-src 'none'") < place("math.css") && place("math.css") < place("style.css"));
        assert_eq!(html.matches("charset").count(), 1);
    }

    /// A project of two sections in a folder of its own.
    fn project(name: &str, second: &str) -> Places {
        let root = files::scratch(&format!("page-{name}"));
        let frame = format!("<!doctype html><head><title>t</title></head><body>{PARTS}{CONTENTS}{SECTIONS}</body>");
        let slide = "<p id=\"slide-1-1\"><canvas data-figure=\"curve\"></canvas><dl class=\"readouts\"></dl>";
        for (file, text) in [
            ("index.html", frame.as_str()),
            ("www/sections/1-a.html", &format!("<h2 id=\"part-1\">One</h2>\\[ x \\tag{{1}} \\]{SLIDES}")),
            ("www/sections/2-b.html", &format!("{second}{SLIDES}")),
            ("crate/lecture/src/demos/a_b/page.html", slide),
            ("www/style.css", "p{}"),
            ("www/shell/main.js", "1"),
        ] {
            files::write(&root.join(file), text.as_bytes()).unwrap();
        }
        Places { site: root.join("target/site"), dist: root.join("dist"), root }
    }

    #[test]
    fn a_page_is_put_together_from_all_its_files() {
        let places = project("whole", "<p>Two, after <a href=\"#eq-1\">(1)</a></p>");
        assemble(&places, &places.site, false, &[demo(1, "a-b")]).unwrap();
        let html = files::read(&places.site.join("index.html")).unwrap();
        assert!(html.find("One").unwrap() < html.find("Two").unwrap(), "{html}");
        assert!(html.contains("id=\"eq-1\"") && !html.contains("<!--"), "{html}");
        for file in ["style.css", "shell/main.js", "math.css"] {
            assert!(places.site.join(file).is_file(), "{file}");
        }
        assert!(!places.site.join("sections").exists());
    }

    /// The lecture itself, put together once for all tests of it.
    static LECTURE: LazyLock<String> = LazyLock::new(|| {
        let site = files::scratch("page-of-this-project");
        let places = Places::find().unwrap();
        assemble(&places, &site, false, &facts::read(&places).unwrap()).unwrap();
        files::read(&site.join("index.html")).unwrap()
    });

    /// The lecture itself: every formula, every link and every function that a demo shows.
    #[test]
    fn this_projects_page_is_put_together() {
        let places = Places::find().unwrap();
        let html = LECTURE.as_str();
        let count = |words: &str| html.matches(words).count();
        assert_eq!(count("<details class=\"code\">"), count("class=\"demo\""));
        assert_eq!(count("class=\"code-column\""), 2 * count("class=\"demo\""));
        let mut written = Vec::new();
        for demo in facts::read(&places).unwrap() {
            let source = files::read(&places.root.join(format!("{}/page.html", demo.folder()))).unwrap();
            written.extend(steps(&source));
            // A row that begins with a sign goes on where the one before it ended.
            for display in source.split("\\[").skip(1).filter_map(|rest| rest.split("\\]").next()) {
                let goes_on = display.lines().any(|row| row.trim_start().starts_with("&="));
                assert!(
                    !goes_on || display.contains("\\step{"),
                    "{}: the rows of a derivation are named by \\step:\n{display}",
                    demo.name
                );
            }
        }
        assert_eq!(steps(html), written);
    }

    /// A character that the font was not made for would be drawn by whatever font a reader has.
    #[test]
    fn every_character_of_a_formula_is_in_the_font() {
        let made_for = files::read(&Places::find().unwrap().root.join("www/fonts/latinmodern-math.txt")).unwrap();
        // The build writes these few as entities; the rest of a formula's text is itself.
        let text = |html: &str| html.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        for formula in LECTURE.split("<math").skip(1).filter_map(|rest| rest.split("</math>").next()) {
            for (tag, inside) in formula.split('<').filter_map(|part| part.split_once('>')) {
                let inside = text(inside);
                let alone = tag.starts_with("mi") && inside.chars().count() == 1;
                for character in inside.chars() {
                    let drawn = if alone { italic(character) } else { character };
                    let invisible =
                        character.is_whitespace() || matches!(character, '\u{2061}'..='\u{2064}' | '\u{fe00}');
                    assert!(
                        invisible || made_for.contains(drawn),
                        "The math font was made without {drawn}: make it anew, as crate/xtask/font.py says."
                    );
                }
            }
        }
    }

    /// What a browser draws for a single letter of `<mi>`: MathML Core, "italic mappings".
    fn italic(letter: char) -> char {
        let shifted = |from: char, to: u32| char::from_u32(to + letter as u32 - from as u32).unwrap();
        match letter {
            'h' => 'ℎ',
            'A'..='Z' => shifted('A', 0x1D434),
            'a'..='z' => shifted('a', 0x1D44E),
            'Α'..='Ω' => shifted('Α', 0x1D6E2),
            'α'..='ω' => shifted('α', 0x1D6FC),
            'ϵ' => '𝜖',
            'ϕ' => '𝜙',
            '∂' => '𝜕',
            other => other,
        }
    }

    /// The names of all steps of derivations, in their order.
    fn steps(text: &str) -> Vec<String> {
        let text = text.replace("\\step{", "data-step=\"").replace('}', "\"");
        text.split("data-step=\"").skip(1).filter_map(|rest| rest.split('"').next().map(str::to_owned)).collect()
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let places = project("wrong", "<p>\n\\(\\nosuch\\) <a href=\"#eq-7\">7</a> \\[ y \\tag{1} \\]</p>");
        let words = assemble(&places, &places.site, false, &[demo(1, "a-b")]).unwrap_err().to_string();
        for expected in ["www/sections/2-b.html:2: ", "\\nosuch", "#eq-7", "equation (1) has been numbered before"] {
            assert!(words.contains(expected), "{expected} is not in {words}");
        }
        assert!(!places.site.join("index.html").exists());
    }

    #[test]
    fn a_frame_without_a_head_is_a_problem() {
        let mut problems = Vec::new();
        with_head("<body></body>", &mut problems);
        assert_eq!(problems.len(), 1);
    }
}
