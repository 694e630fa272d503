//! The table of contents, walked: every demo has what the page, the address and the help need.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use figure::{Kind, Values};
use lecture::demos;
use tests::root;

fn folder(demo: &str) -> PathBuf {
    root().join("crate/lecture/src/demos").join(demo.replace('-', "_"))
}

/// A demo's slide as it is written, without its read-outs.
fn slide(demo: &str) -> String {
    fs::read_to_string(folder(demo).join("page.html")).unwrap()
}

#[test]
fn names_are_unique_and_plain() {
    let mut names = BTreeSet::new();
    for demo in demos() {
        assert!(names.insert(demo.name), "{} twice", demo.name);
        assert!(demo.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'));
        let mut controls = BTreeSet::new();
        for control in (demo.controls)() {
            assert!(controls.insert(control.name), "{} has {} twice", demo.name, control.name);
            assert!(control.name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
            assert!(!control.label.is_empty());
        }
    }
}

#[test]
fn defaults_are_inside_their_ranges() {
    for demo in demos() {
        let controls = (demo.controls)();
        let (_, notes) = Values::complete(&controls, &Values::defaults(&controls));
        assert!(notes.is_empty(), "{}: {notes:?}", demo.name);
        for control in controls {
            match control.kind {
                Kind::Number { min, max, scale: figure::Scale::Log, .. } => {
                    assert!(0.0 < min && min < max, "{}", control.name)
                }
                Kind::Number { min, max, .. } => assert!(min < max, "{}", control.name),
                Kind::Choice { options, .. } => assert!(!options.is_empty(), "{}", control.name),
                Kind::Toggle { .. } | Kind::List { .. } => {}
            }
        }
    }
}

#[test]
fn every_folder_is_in_the_contents_and_its_slide_is_its_own() {
    let entries = fs::read_dir(root().join("crate/lecture/src/demos")).unwrap().map(|entry| entry.unwrap().path());
    let folders: BTreeSet<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    assert_eq!(folders, demos().map(|demo| folder(demo.name)).collect());
    for demo in demos() {
        let slide = slide(demo.name);
        assert_eq!(slide.matches(&format!("data-demo=\"{}\"", demo.name)).count(), 1, "{}", demo.name);
        let id = format!("id=\"slide-{}\"", demo.slide.replace('.', "-"));
        assert!(slide.contains(&id), "{}: no {id}", demo.name);
    }
}

/// The addresses in a demo's code slots, such as `crate/math/src/collapse.rs#fn:curve`.
fn code_of(text: &str) -> Vec<(&str, &str)> {
    let slots = text.split("data-code=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    slots.flat_map(str::split_whitespace).map(|address| address.split_once("#fn:").unwrap()).collect()
}

#[test]
fn every_demo_shows_its_rust_and_the_same_in_python() {
    for demo in demos() {
        let text = slide(demo.name);
        let code = code_of(&text);
        for ending in [".rs", ".py"] {
            assert!(code.iter().any(|(file, _)| file.ends_with(ending)), "{} shows no {ending}", demo.name);
        }
        for (file, function) in code {
            let source = fs::read_to_string(root().join(file)).unwrap_or_else(|_| panic!("{}: no {file}", demo.name));
            let name = function.rsplit("::").next().unwrap();
            let defined = source.lines().map(str::trim_start).any(|line| {
                let line =
                    line.trim_start_matches("pub ").trim_start_matches("pub(super) ").trim_start_matches("pub(crate) ");
                let rest = line.strip_prefix(if file.ends_with(".py") { "def " } else { "fn " });
                rest.and_then(|rest| rest.strip_prefix(name)).is_some_and(|rest| rest.starts_with(['(', '<']))
            });
            assert!(defined, "{}: there is no {function} in {file}", demo.name);
        }
    }
}

/// What a Rust file includes as text, by its full path.
fn included(path: &Path) -> Vec<PathBuf> {
    let text = fs::read_to_string(path).unwrap();
    let names =
        text.split("include_str!(").skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
    names.filter_map(|name| path.parent().unwrap().join(name).canonicalize().ok()).collect()
}

/// A Python function that is shown belongs to a script whose numbers are committed, and a Rust test in its folder reads them;
/// or it is shared, and such a script imports it.
#[test]
fn every_python_file_shown_was_checked_against_ours() {
    let is_checked = |script: &Path| {
        let numbers = script.with_extension("json").canonicalize();
        let tests = tests::sources(script.parent().unwrap());
        numbers.is_ok_and(|numbers| tests.iter().any(|test| included(test).contains(&numbers)))
    };
    let folders = demos().map(|demo| folder(demo.name)).chain([root().join("crate/lecture/src/shared/vae_run")]);
    let checked = folders.map(|folder| folder.join("reference.py")).filter(|script| is_checked(script));
    let checked: Vec<String> = checked.map(|script| fs::read_to_string(script).unwrap()).collect();
    for demo in demos() {
        let text = slide(demo.name);
        for (file, function) in code_of(&text).into_iter().filter(|(file, _)| file.ends_with(".py")) {
            let path = root().join(file);
            let module = path.file_stem().unwrap().to_str().unwrap();
            let imports = |script: &String| {
                let from = script.split(&format!("from {module} import ")).nth(1).unwrap_or_default();
                let names = from.strip_prefix('(').map_or(from.lines().next(), |rest| rest.split(')').next());
                names.unwrap_or_default().split([',', '\n']).any(|name| name.trim() == function)
            };
            let good = is_checked(&path) || checked.iter().any(imports);
            assert!(good, "{}: no test reads numbers of {function} in {file}", demo.name);
        }
    }
}

/// Every derivation of the lecture and its steps, formulas and the sentences between them, in the order of the slides.
const DERIVATIONS: [(&str, &str); 16] = [
    (
        "closed-form",
        "split integrals reconstruction prior entropy two-gaussians lemma why log-density between shift cross-term second-moment \
         use-lemma prior-term entropy-term add sum kl sign",
    ),
    ("linear-decoder", "assume log-density second-moment"),
    ("gap", "claim joint product-rule constant divergence kl sign"),
    ("networks", "joint two-terms outputs"),
    ("change-of-variable", "probability density function expectation"),
    ("score", "idea density log-derivative expectation gaussian last"),
    ("reparameterized", "idea substitute chain-rule mean"),
    ("score-variance", "moments square values average result"),
    (
        "trace-trick",
        "quadratic log-density centre shift cross-term idea own-trace turn-round inside covariance together result",
    ),
    ("bound", "idea average-kl insert-q split information meaning"),
    ("from-below", "inverse decoder bound"),
    ("index-information", "guess bayes before-and-after mixture index average entropy"),
    ("surgery", "insert reconstruction information marginal-kl"),
    ("weigh-information", "solve insert collect"),
    ("labelled", "latent integral jensen terms"),
    ("unlabelled", "latent jensen sum-over-classes entropy"),
];

/// A presenter can show a derivation step by step: each has a name, `derivation/step`.
#[test]
fn derivations_have_their_steps() {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for demo in demos() {
        let text = slide(demo.name).replace("\\step{", "data-step=\"").replace('}', "\"");
        for name in text.split("data-step=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
            let (derivation, step) = name.split_once('/').unwrap();
            match found.last_mut() {
                Some((last, steps)) if last == derivation => steps.push(step.to_owned()),
                _ => found.push((derivation.to_owned(), vec![step.to_owned()])),
            }
        }
    }
    let mut order = found.iter();
    for (derivation, steps) in DERIVATIONS {
        let of = order.find(|(name, _)| name == derivation).map(|(_, steps)| steps.join(" "));
        assert_eq!(of.as_deref(), Some(steps), "{derivation}");
    }
}

/// The names that links, saved runs and exports rely on: a line `control NAME` or `readout NAME` each, in the demo's folder.
#[test]
fn names_that_stay_have_stayed() {
    for demo in demos() {
        let names = fs::read_to_string(folder(demo.name).join("names.txt")).unwrap();
        let (controls, readouts) = ((demo.controls)(), demo.all_readouts());
        for line in names.lines() {
            let there = match line.split_once(' ').unwrap() {
                ("control", name) => controls.iter().any(|control| control.name == name),
                ("readout", name) => readouts.iter().any(|readout| readout.name == name),
                (other, _) => panic!("{}: what is a {other}?", demo.name),
            };
            assert!(there, "{} lost its {line}", demo.name);
        }
    }
}

/// The build writes a read-out's class from its role as JSON, the style sheet's colours come from the palette: one name for both.
#[test]
fn a_role_has_one_name() {
    for (role, name) in plots::palette::NAMED {
        assert_eq!(serde_json::to_value(role).unwrap(), name);
    }
}

/// A demo is its folder and a line in the contents: nothing else knows its name.
#[test]
fn no_demo_is_named_outside_its_folder() {
    let mut files = Vec::new();
    let mut folders = vec![root().join("crate"), root().join("www")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            // What measures demos names them, as the tests do.
            let own = ["lecture/src/demos", "crate/perf", "target"].iter().any(|own| path.ends_with(own));
            match path.is_dir() {
                true if own => {}
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    files.push(root().join("index.html"));
    let source = |path: &&PathBuf| {
        path.extension().is_some_and(|ending| ["rs", "js", "html", "css"].contains(&ending.to_str().unwrap()))
    };
    for path in files.iter().filter(source) {
        let text = fs::read_to_string(path).unwrap();
        for demo in demos() {
            let name = demo.name;
            // A name of one word is a word of the field too, such as a read-out's: only where a demo is meant.
            let mut named = vec![format!("data-demo=\"{name}\""), format!("#{name}?"), format!("demo(\"{name}\")")];
            if name.contains('-') {
                named.extend([format!("\"{name}\""), format!("'{name}'")]);
            }
            for name in named {
                assert!(!text.contains(&name), "{} says {name}", path.display());
            }
        }
    }
}

/// Every slide with a displayed formula has its formulas transcribed, for its demo's test to compare; and there are none elsewhere.
#[test]
fn every_displayed_formula_is_on_a_slide_whose_formulas_are_evaluated() {
    for demo in demos() {
        let transcribed = folder(demo.name).join("formulas.json");
        assert_eq!(slide(demo.name).contains("\\["), transcribed.is_file(), "{}", transcribed.display());
    }
    let sections = fs::read_dir(root().join("www/sections")).unwrap().map(|entry| entry.unwrap().path());
    for page in sections.chain([root().join("index.html")]) {
        assert!(!fs::read_to_string(&page).unwrap().contains("\\["), "{}", page.display());
    }
}
