//! Light emphasis for shown code: comments quieter, keywords stronger. A lexer of what that needs, and no grammar.

use crate::markup::escape;

/// What the code is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Rust,
    Python,
}

/// Words that hold a program together. Left out are those that only name something: `self`, `crate`, `true`.
const RUST: [&str; 29] = [
    "as", "async", "await", "break", "const", "continue", "dyn", "else", "enum", "extern", "fn", "for", "if", "impl",
    "in", "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "static", "struct", "trait", "where",
    "while",
];
const PYTHON: [&str; 28] = [
    "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except",
    "finally", "for", "from", "if", "import", "in", "is", "lambda", "not", "or", "pass", "raise", "return", "with",
    "yield",
];

/// The code as HTML. Its text is that of `code`, to the last space, but that brackets in Rust doc comments lose the
/// backslash that keeps them from being links.
///
/// `<span class="doc">` is a whole line of a Rust doc comment with its line break, which the style sheet may wrap;
/// `comment` is any other comment and a Python docstring, `keyword` a keyword.
pub(crate) fn emphasise(language: Language, code: &str) -> String {
    let mut html = String::with_capacity(code.len() * 2);
    let mut at = 0;
    while at < code.len() {
        let line_start = at == 0 || code[..at].ends_with('\n');
        let (length, class) = token(language, &code[at..], line_start);
        let text = escape(&code[at..at + length]);
        match class {
            Some("doc") => html += &format!("<span class=\"doc\">{}</span>", unlinked(&text)),
            Some(class) => html += &format!("<span class=\"{class}\">{text}</span>"),
            None => html += &text,
        }
        at += length;
    }
    html
}

fn unlinked(doc: &str) -> String {
    doc.replace("\\[", "[").replace("\\]", "]")
}

/// The first token of `rest`: how long it is, and what it is if that is shown. `rest` is not empty.
fn token(language: Language, rest: &str, line_start: bool) -> (usize, Option<&'static str>) {
    let line = rest.find('\n').unwrap_or(rest.len());
    let first = rest.chars().next().unwrap_or(' ');
    match language {
        Language::Rust if line_start && rest.starts_with("///") => ((line + 1).min(rest.len()), Some("doc")),
        Language::Rust if rest.starts_with("//") => (line, Some("comment")),
        Language::Python if first == '#' => (line, Some("comment")),
        Language::Rust if first == '\'' => (quote_length(rest), None),
        _ if first.is_alphanumeric() || first == '_' => {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            let (word, after) = rest.split_at(length);
            match string_length(language, word, after) {
                Some(string) => (length + string, None),
                None => (length, is_keyword(language, word).then_some("keyword")),
            }
        }
        _ => match string_length(language, "", rest) {
            Some(length) => (length, ["\"\"\"", "'''"].iter().any(|q| rest.starts_with(q)).then_some("comment")),
            None => (first.len_utf8(), None),
        },
    }
}

fn is_keyword(language: Language, word: &str) -> bool {
    match language {
        Language::Rust => RUST.contains(&word),
        Language::Python => PYTHON.contains(&word),
    }
}

/// The length of the text literal that `rest` begins with, after a `prefix` such as `r` or `b`; none if there is none.
fn string_length(language: Language, prefix: &str, rest: &str) -> Option<usize> {
    let raw = prefix.contains('r') || prefix.contains('R');
    match language {
        Language::Rust if ["r", "br", "cr"].contains(&prefix) => {
            let hashes = rest.find(|c| c != '#').filter(|&at| rest[at..].starts_with('"'))?;
            let close = format!("\"{}", &rest[..hashes]);
            Some(length_to(rest, hashes + 1, &close, false))
        }
        Language::Rust if ["", "b", "c"].contains(&prefix) => {
            rest.starts_with('"').then(|| length_to(rest, 1, "\"", true))
        }
        Language::Python if prefix.len() <= 2 && prefix.chars().all(|c| "rRbBfFuU".contains(c)) => {
            let close = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quote| rest.starts_with(quote))?;
            Some(length_to(rest, close.len(), close, !raw))
        }
        _ => None,
    }
}

/// From the start of `rest` to the end of the first `close` at or after `from`; to the end if there is none.
fn length_to(rest: &str, from: usize, close: &str, escapes: bool) -> usize {
    let mut escaped = false;
    for (at, c) in rest[from..].char_indices() {
        if escaped {
            escaped = false;
        } else if escapes && c == '\\' {
            escaped = true;
        } else if rest[from + at..].starts_with(close) {
            return from + at + close.len();
        }
    }
    rest.len()
}

/// The length of a Rust character, or of the quote of a lifetime.
fn quote_length(rest: &str) -> usize {
    let mut chars = rest.chars().skip(1);
    match (chars.next(), chars.next()) {
        (Some('\\'), _) => length_to(rest, 1, "'", true),
        (Some(c), Some('\'')) => 2 + c.len_utf8(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of every span of a class, and the whole text.
    fn spans(language: Language, code: &str, class: &str) -> Vec<String> {
        let html = emphasise(language, code);
        let opened = format!("<span class=\"{class}\">");
        html.split(&opened).skip(1).map(|rest| rest.split("</span>").next().unwrap().to_owned()).collect()
    }

    fn text(html: &str) -> String {
        let mut text = String::new();
        for part in html.split('<') {
            text += part.split_once('>').map_or(part, |(_, text)| text);
        }
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    }

    #[test]
    fn nothing_of_the_code_is_lost() {
        for source in ["src/highlight.rs", "src/code.rs", "src/markup.rs"] {
            let path = crate::files::Places::find().unwrap().root.join("crate/xtask").join(source);
            let code = crate::files::read(&path).unwrap();
            for language in [Language::Rust, Language::Python] {
                assert_eq!(unlinked(&text(&emphasise(language, &code))), unlinked(&code), "{source} as {language:?}");
            }
        }
    }

    #[test]
    fn keywords_are_words_of_their_own() {
        let code = "/// Returns \\[for\\].\nfn form<'a>(x: &'a str) -> char {\n    let c = 'f'; // if so\n    \
                    \"for \\\" in\"; r#\"let \" let\"#; b'\\''; c\n}";
        assert_eq!(spans(Language::Rust, code, "keyword"), ["fn", "let"]);
        assert_eq!(spans(Language::Rust, code, "comment"), ["// if so"]);
        assert_eq!(spans(Language::Rust, code, "doc"), ["/// Returns [for].\n"]);
    }

    #[test]
    fn docstrings_are_comments_and_other_strings_are_not() {
        let code = "def kl(mu):\n    \"\"\"For q: 'in'\n    two lines.\"\"\"\n    name = 'for' + f\"in {mu}\"  # as is\n    \
                    return informed\n";
        assert_eq!(spans(Language::Python, code, "keyword"), ["def", "return"]);
        assert_eq!(spans(Language::Python, code, "comment"), ["\"\"\"For q: 'in'\n    two lines.\"\"\"", "# as is"]);
    }
}
