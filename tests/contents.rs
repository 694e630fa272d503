//! The table of contents, walked: every demo has what the page, the address and the help need.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;

use figure::{Kind, Values};
use lecture::demos;
use tests::root;

fn sections() -> String {
    let mut text = String::new();
    let mut files: Vec<_> = fs::read_dir(root().join("www/sections")).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    for path in files {
        text += &fs::read_to_string(path).unwrap();
    }
    text
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
fn every_demo_has_its_place_on_the_page_and_every_place_its_demo() {
    let text = sections();
    let placed: BTreeSet<&str> =
        text.split("data-demo=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let built: BTreeSet<&str> = demos().iter().map(|demo| demo.name).collect();
    assert_eq!(placed, built);
}

#[test]
fn read_outs_on_the_page_are_the_demos_own() {
    let text = sections();
    for demo in demos() {
        let place = text.split(&format!("data-demo=\"{}\"", demo.name)).nth(1).unwrap();
        let place = place.split("</figure>").next().unwrap();
        for rest in place.split("data-readout=\"").skip(1) {
            let name = rest.split('"').next().unwrap();
            assert!(demo.readouts.iter().any(|readout| readout.name == name), "{}: {name}", demo.name);
        }
    }
}

/// The addresses in a demo's code slots, such as `crate/math/src/collapse.rs#fn:curve`.
fn code_of<'a>(text: &'a str, demo: &str) -> Vec<(&'a str, &'a str)> {
    let place = text.split(&format!("data-demo=\"{demo}\"")).nth(1).unwrap();
    let place = place.split("</figure>").next().unwrap();
    let slots = place.split("data-code=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    slots.flat_map(str::split_whitespace).map(|address| address.split_once("#fn:").unwrap()).collect()
}

#[test]
fn every_demo_shows_its_rust_and_the_same_in_python() {
    let text = sections();
    for demo in demos() {
        let code = code_of(&text, demo.name);
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

/// A Python function that is shown belongs to a script whose numbers are committed, and a Rust test reads them.
#[test]
fn every_python_file_shown_was_checked_against_ours() {
    let text = sections();
    let mut tests = String::new();
    for entry in fs::read_dir(root().join("crate/lecture/tests")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            tests += &fs::read_to_string(path).unwrap();
        }
    }
    for demo in demos() {
        for (file, _) in code_of(&text, demo.name).into_iter().filter(|(file, _)| file.ends_with(".py")) {
            let numbers = file.replace(".py", ".json");
            assert!(root().join(&numbers).is_file(), "{}: {file} left no numbers", demo.name);
            assert!(tests.contains(&format!("include_str!(\"../../../{numbers}\")")), "no test reads {numbers}");
        }
    }
}

/// The names that links, saved runs and exports rely on, for the demos that are built.
#[test]
fn names_that_stay_have_stayed() {
    let fixed: [(&str, &[&str], &[&str]); 14] = [
        (
            "amortized-inference",
            &["points", "latent", "seed"],
            &[
                "mean_field_elbo",
                "amortized_elbo",
                "amortization_gap",
                "approximation_gap",
                "free_parameters",
                "network_parameters",
            ],
        ),
        ("likelihoods", &["likelihood", "scale"], &["reconstruction"]),
        (
            "elbo",
            &["mu_q", "sigma_q", "mu_p", "sigma_p", "samples"],
            &["closed_form", "monte_carlo", "standard_error", "kl", "reverse_kl", "elbo", "log_px", "gap"],
        ),
        (
            "vae",
            &["learning_rate", "beta", "latent", "hidden", "batch", "likelihood", "seed"],
            &["step", "reconstruction", "kl", "elbo", "heldout_elbo", "heldout_log_px", "steps_per_second", "device"],
        ),
        ("generation", &["algorithm", "count", "draw"], &[]),
        ("latent-arithmetic", &["steps", "path"], &[]),
        ("reparameterization", &["mu", "log_var", "mode"], &["autodiff", "finite_difference", "closed_form"]),
        (
            "gradient-variance",
            &["theta", "repeats", "sizes", "baseline", "seed"],
            &[
                "score_variance",
                "reparam_variance",
                "exact_score_variance",
                "exact_reparam_variance",
                "ratio",
                "elapsed_ms",
            ],
        ),
        (
            "linear-vae",
            &["latent", "sigma2", "objective", "seed"],
            &["elbo", "log_px_max", "gap", "max_angle_deg", "sigma2", "collapsed", "collapsed_predicted"],
        ),
        ("mi-bound", &["points", "spread"], &["kl", "mi", "marginal_kl", "residual", "log_n"]),
        ("posterior-collapse", &["beta", "warm_up", "epsilon", "delta"], &["collapsed", "active_units", "kl"]),
        ("elbo-surgery", &["points"], &["reconstruction", "mi", "marginal_kl", "elbo", "residual", "log_n"]),
        (
            "mi-objective",
            &["omega", "lambda", "kernel", "bandwidth", "divergence", "seed"],
            &["mi", "kl", "marginal_kl", "mmd2", "reconstruction", "active_units"],
        ),
        (
            "m2",
            &["labels_per_class", "alpha", "data", "seed"],
            &["accuracy", "baseline_accuracy", "labelled_elbo", "unlabelled_elbo"],
        ),
    ];
    for demo in demos() {
        let Some((_, controls, readouts)) = fixed.iter().find(|(name, _, _)| *name == demo.name) else {
            panic!("{} is a new name: add it to the table", demo.name)
        };
        let has = (demo.controls)();
        for name in *controls {
            assert!(has.iter().any(|control| control.name == *name), "{} lost its control {name}", demo.name);
        }
        for name in *readouts {
            assert!(
                demo.readouts.iter().any(|readout| readout.name == *name),
                "{} lost its read-out {name}",
                demo.name
            );
        }
    }
}
