//! “The code of this demo”: takes a function out of its source file and shows it, folded, on the page.
//!
//! A slot names a file and, after `#`, what of it: `#fn:advance`, `#fn:Run::advance`, `#struct:Run`, `#enum:…`,
//! `#trait:…`, `#const:…`, `#impl:Run`, `#impl:Experiment for Run`; in a Python file `#fn:name` is a `def`.
//! Without `#` it is the whole file.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::{ImplItem, Item, TraitItem};

use crate::files::{self, Places};
use crate::markup::escape;
use crate::problem::Problem;

/// The folded code for a slot's address, such as `crate/math/src/simulation.rs#fn:advance`.
pub(crate) fn slot(places: &Places, address: &str) -> Result<String, Problem> {
    let (file, what) = address.split_once('#').map_or((address, None), |(file, what)| (file, Some(what)));
    let source = files::read(&places.root.join(file))?;
    let python = file.ends_with(".py");
    let found = match what {
        None => Ok(source),
        Some(what) if python => python_function(&source, what),
        Some(what) => rust_item(&source, what),
    };
    let text = found.map_err(|why| Problem::new(format!("{address}: {why}")))?;
    let (language, summary) =
        if python { ("python", "The Python it is checked against") } else { ("rust", "The Rust that computes it") };
    Ok(format!(
        "<details class=\"code\"><summary>{summary}</summary><p class=\"code-source\">{}</p>\
         <pre><code class=\"language-{language}\">{}</code></pre></details>",
        escape(file),
        escape(text.trim_end())
    ))
}

/// The source text of the item that `what` names, with its doc comment, without its indentation.
fn rust_item(source: &str, what: &str) -> Result<String, String> {
    let file = syn::parse_file(source).map_err(|error| format!("the file does not parse: {error}"))?;
    let mut found = Vec::new();
    collect(&file.items, "", &mut found);
    let hits: Vec<_> = found.iter().filter(|item| item.answers_to(what)).collect();
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
                    Some(segment) => format!("{} for {of}", segment.ident),
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
impl Walk { fn step(&self) {} }
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
        assert!(rust_item(RUST, "impl:Clone for Run").unwrap().starts_with("impl Clone for Run {"));
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
        assert!(html.contains("pub(crate) fn slot(places: &amp;Places"), "{html}");
        assert!(slot(&Places::find().unwrap(), "crate/xtask/src/none.rs").is_err());
    }
}
