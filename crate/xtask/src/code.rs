//! “The code of this demo”: takes functions out of their source files and shows them, folded, on the page: the Rust
//! that computes it beside the Python that it is checked against.
//!
//! A slot names any number of addresses with spaces between them: a file and, after `#`, what of it: `#fn:advance`,
//! `#fn:Run::advance`, `#struct:Run`, `#enum:…`, `#trait:…`, `#const:…`, `#impl:Run`, `#impl:Run::Experiment` (a trait of
//! Run); in a Python file `#fn:name` is a `def`. Without `#` it is the whole file.

use anyhow::{Result, anyhow, bail};
use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{ImplItem, Item, TraitItem};

use crate::files::{self, Places};
use crate::highlight::{Language, emphasise};
use crate::markup::escape;

/// The folded code for a slot's addresses, such as `crate/math/src/collapse.rs#fn:curve crate/lecture/reference/x.py#fn:curve`.
///
/// One column for each language, in the order in which the addresses name them.
pub(crate) fn slot(places: &Places, addresses: &str) -> Result<String> {
    let (mut rust, mut python) = (String::new(), String::new());
    for address in addresses.split_whitespace() {
        let (language, html) = snippet(places, address)?;
        match language {
            Language::Rust => rust += &html,
            Language::Python => python += &html,
        }
    }
    let columns = [("The Rust that computes it", rust), ("The Python it is checked against", python)];
    let column = |(title, snippets): &(&str, String)| match snippets.as_str() {
        "" => String::new(),
        snippets => format!("<div class=\"code-column\"><p class=\"code-title\">{title}</p>{snippets}</div>"),
    };
    let columns: String = columns.iter().map(column).collect();
    if columns.is_empty() {
        bail!("a code slot names no code");
    }
    Ok(format!(
        "<details class=\"code\"><summary>The code of this demo</summary>\
         <div class=\"code-columns\">{columns}</div></details>"
    ))
}

/// One piece of code with the name of its file above it.
fn snippet(places: &Places, address: &str) -> Result<(Language, String)> {
    let (file, what) = address.split_once('#').map_or((address, None), |(file, what)| (file, Some(what)));
    let source = files::read(&places.root.join(file))?;
    let (language, name) = if file.ends_with(".py") { (Language::Python, "python") } else { (Language::Rust, "rust") };
    let found = match (what, language) {
        (None, _) => Ok(source),
        (Some(what), Language::Python) => python_function(&source, what),
        (Some(what), Language::Rust) => rust_item(&source, what),
    };
    let text = found.map_err(|why| anyhow!("{address}: {why}"))?;
    let html = format!(
        "<p class=\"code-source\">{}</p><pre><code class=\"language-{name}\">{}</code></pre>",
        escape(file),
        emphasise(language, text.trim_end())
    );
    Ok((language, html))
}

/// The source text of the item that `what` names, with its doc comment, without its indentation.
fn rust_item(source: &str, what: &str) -> Result<String, String> {
    let file = syn::parse_file(source).map_err(|error| format!("the file does not parse: {error}"))?;
    let mut found = Vec::new();
    collect(&file.items, "", &mut found);
    let mut hits: Vec<_> = found.iter().filter(|item| item.answers_to(what)).collect();
    // A full name means what has just that name, whatever else ends in it.
    if let Some(&whole) = hits.iter().find(|item| what.split_once(':').is_some_and(|(_, name)| name == item.path)) {
        hits = vec![whole];
    }
    match hits.as_slice() {
        [item] => Ok(lines(source, item.span)),
        [] => Err(format!("there is no {what} in this file")),
        many => {
            let names: Vec<_> = many.iter().map(|item| format!("{}:{}", item.kind, item.path)).collect();
            Err(format!("{what} could be {}; say which", names.join(" or ")))
        }
    }
}

/// An item of a source file: what kind, what name, where.
struct Found {
    kind: &'static str,
    path: String,
    span: Span,
}

impl Found {
    /// Whether `fn:advance` or `fn:Run::advance` means this item.
    fn answers_to(&self, what: &str) -> bool {
        let Some((kind, name)) = what.split_once(':') else {
            return false;
        };
        kind == self.kind && (self.path == name || self.path.ends_with(&format!("::{name}")))
    }
}

fn collect(items: &[Item], within: &str, found: &mut Vec<Found>) {
    let path =
        |name: &dyn std::fmt::Display| if within.is_empty() { name.to_string() } else { format!("{within}::{name}") };
    let mut add = |kind, path, span| found.push(Found { kind, path, span });
    for item in items {
        match item {
            Item::Fn(item) => add("fn", path(&item.sig.ident), item.span()),
            Item::Struct(item) => add("struct", path(&item.ident), item.span()),
            Item::Enum(item) => add("enum", path(&item.ident), item.span()),
            Item::Const(item) => add("const", path(&item.ident), item.span()),
            Item::Static(item) => add("const", path(&item.ident), item.span()),
            Item::Trait(item) => {
                add("trait", path(&item.ident), item.span());
                for inner in &item.items {
                    if let TraitItem::Fn(inner) = inner {
                        add("fn", path(&format!("{}::{}", item.ident, inner.sig.ident)), inner.span());
                    }
                }
            }
            Item::Impl(item) => {
                let of = type_name(&item.self_ty);
                let name = match item.trait_.as_ref().and_then(|(_, path, _)| path.segments.last()) {
                    Some(segment) => format!("{of}::{}", segment.ident),
                    None => of.clone(),
                };
                add("impl", path(&name), item.span());
                for inner in &item.items {
                    if let ImplItem::Fn(inner) = inner {
                        add("fn", path(&format!("{of}::{}", inner.sig.ident)), inner.span());
                    }
                }
            }
            _ => (),
        }
    }
    for item in items {
        if let Item::Mod(module) = item
            && module.ident != "tests"
            && let Some((_, inner)) = &module.content
        {
            let within =
                if within.is_empty() { module.ident.to_string() } else { format!("{within}::{}", module.ident) };
            collect(inner, &within, found);
        }
    }
}

fn type_name(of: &syn::Type) -> String {
    match of {
        syn::Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default(),
        syn::Type::Reference(reference) => type_name(&reference.elem),
        _ => String::new(),
    }
}

/// The whole lines of a span, moved to the left as far as the first one allows.
fn lines(source: &str, span: Span) -> String {
    let (first, last) = (span.start().line, span.end().line);
    let lines: Vec<&str> = source.lines().skip(first.saturating_sub(1)).take(last + 1 - first).collect();
    let indent = lines.first().map_or(0, |line| line.len() - line.trim_start().len());
    let moved = lines.iter().map(|line| if line.trim().is_empty() { "" } else { line.get(indent..).unwrap_or(line) });
    moved.collect::<Vec<_>>().join("\n")
}

/// The text of the `def` that `what` names, with its decorators.
fn python_function(source: &str, what: &str) -> Result<String, String> {
    let name =
        what.strip_prefix("fn:").ok_or_else(|| format!("of a Python file only #fn:name can be shown, not #{what}"))?;
    let all: Vec<&str> = source.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let is_def =
        |line: &str| line.trim_start().strip_prefix("def ").is_some_and(|rest| rest.split('(').next() == Some(name));
    let at = all.iter().position(|line| is_def(line)).ok_or_else(|| format!("there is no def {name} in this file"))?;
    let depth = indent(all[at]);
    let decorators = all[..at].iter().rev().take_while(|line| line.trim_start().starts_with('@')).count();
    // A signature over several lines closes with a bracket at the def's own depth.
    let belongs = |line: &&&str| line.trim().is_empty() || indent(line) > depth || line.trim_start().starts_with(')');
    let body = all[at + 1..].iter().take_while(belongs).count();
    let lines = all[at - decorators..=at + body].iter().map(|line| line.get(depth..).unwrap_or(""));
    Ok(lines.collect::<Vec<_>>().join("\n").trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUST: &str = r#"
//! File.

/// Adds one.
pub fn advance(x: u32) -> u32 {
    // a brace in words: }
    let text = "and } in a text";
    x + text.len() as u32
}

struct Run;

impl Run {
    /// Steps.
    #[inline]
    fn step(&self) {
        let _ = '}';
    }
}

impl Clone for Run {
    fn clone(&self) -> Self { Run }
}

struct Walk;
impl Walk { fn step(&self) {} fn advance(&self) {} }
"#;

    #[test]
    fn a_function_comes_with_its_words_and_all_its_braces() {
        let text = rust_item(RUST, "fn:advance").unwrap();
        assert!(text.starts_with("/// Adds one.\npub fn advance"), "{text}");
        assert!(text.ends_with("x + text.len() as u32\n}"), "{text}");
    }

    #[test]
    fn methods_lose_their_indentation_and_need_their_type_when_in_doubt() {
        let text = rust_item(RUST, "fn:Run::step").unwrap();
        assert_eq!(text, "/// Steps.\n#[inline]\nfn step(&self) {\n    let _ = '}';\n}");
        assert!(rust_item(RUST, "fn:step").unwrap_err().contains("Walk::step"));
        assert!(rust_item(RUST, "impl:Run::Clone").unwrap().starts_with("impl Clone for Run {"));
        assert!(rust_item(RUST, "impl:Run").unwrap().starts_with("impl Run {"));
        assert!(rust_item(RUST, "fn:nothing").unwrap_err().contains("no fn:nothing"));
    }

    #[test]
    fn a_python_function_ends_where_it_ends() {
        let source = "import x\n\n@jit\ndef kl(\n    mu,\n):\n    a = 1\n\n    return a\n\ndef other():\n    pass\n";
        assert_eq!(python_function(source, "fn:kl").unwrap(), "@jit\ndef kl(\n    mu,\n):\n    a = 1\n\n    return a");
        assert!(python_function(source, "fn:none").is_err());
    }

    #[test]
    fn this_very_function_can_be_shown() {
        let html = slot(&Places::find().unwrap(), "crate/xtask/src/code.rs#fn:slot").unwrap();
        assert!(html.contains("</span> slot(places: &amp;Places"), "{html}");
        assert_eq!(html.matches("code-column\"").count(), 1);
        assert!(slot(&Places::find().unwrap(), "crate/xtask/src/none.rs").is_err());
        assert!(slot(&Places::find().unwrap(), " ").is_err());
    }

    #[test]
    fn rust_stands_before_python_and_each_piece_under_its_file() {
        let addresses = "crate/xtask/src/code.rs#fn:type_name\n  crate/lecture/reference/given.py#fn:wave \
                         crate/xtask/src/code.rs#fn:lines";
        let html = slot(&Places::find().unwrap(), addresses).unwrap();
        assert_eq!((html.matches("<details").count(), html.matches("<pre>").count()), (1, 3));
        let place = |word: &str| html.find(word).unwrap_or_else(|| panic!("no {word} in {html}"));
        assert!(place("The Rust") < place("</span> type_name") && place("</span> type_name") < place("</span> lines"));
        assert!(place("</span> lines") < place("The Python"));
        assert!(place("given.py</p>") < place("</span> wave(shape"));
        let wrong = slot(&Places::find().unwrap(), &addresses.replace("wave", "none"));
        assert!(wrong.unwrap_err().to_string().contains("given.py#fn:none"));
    }
}
