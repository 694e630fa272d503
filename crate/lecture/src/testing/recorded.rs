//! Recordings of every demo: its read-outs and a digest of its figures after 0, 1 and 20 steps at seed 1, at its
//! defaults and at one other setting, and its figures at the last of these as SVG.
//!
//! The recordings are the files in `recorded/` in the demo's folder. A change without effect on the output leaves them as they are; one that
//! changes numbers or figures on purpose writes them again, with the variable `RECORD=1`, and says why. Numbers are compared up to
//! what processors differ by: how many floats one adds at a time decides in which order a sum is rounded. (To the last digit the
//! browsers are compared, where WebAssembly leaves nothing open.)

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use figure::{Assets, Control, Figure, Kind, Picture, Scale, Snapshot, Value, Values};
use plotters::prelude::IntoDrawingArea;
use plotters_svg::SVGBackend;
use serde_json::Value as Json;

use super::{advance, sketch, start};
use crate::{Demo, Run, demos};

/// Updates between the three snapshots: after 0, 1 and 20 in all.
const ADVANCES: [usize; 3] = [0, 1, 19];
/// Charts as text longer than this are recorded by their length alone.
const LONGEST_SVG: usize = 60_000;

/// A second setting, made from the controls' declarations: numbers a quarter of the way from the default to the smallest (on the
/// control's own scale), choices at the option after the default, toggles inverted. Seed and lists stay.
fn other(controls: &[Control]) -> Values {
    let moved = |control: &Control| match &control.kind {
        _ if control.name == "seed" => None,
        Kind::Number { min, default, scale, integer, .. } => {
            let value = match scale {
                Scale::Linear => default + 0.25 * (min - default),
                Scale::Log => default * (min / default).powf(0.25),
            };
            Some(Value::from(if *integer { value.round() } else { value }))
        }
        Kind::Choice { options, default } => {
            let at = options.iter().position(|option| option.value == *default).unwrap();
            Some(Value::from(options[(at + 1) % options.len()].value))
        }
        Kind::Toggle { default } => Some(Value::from(!default)),
        Kind::List { .. } => None,
    };
    let defaults = Values::defaults(controls);
    controls.iter().fold(defaults, |values, control| match moved(control) {
        Some(value) => values.with(control.name, value),
        None => values,
    })
}

/// The snapshots of a demo at a setting: three of a run, one of a sketch.
fn snapshots(demo: &Demo, values: &Values) -> Vec<Snapshot> {
    match demo.run {
        Run::Sketch(_) => vec![sketch(*demo, &Assets::default(), |_| values.clone())],
        Run::Answers(_) | Run::Open(_) | Run::Ends(_) => {
            let mut run = start(*demo, |_| values.clone());
            ADVANCES.map(|steps| advance(run.as_mut(), steps)).into()
        }
    }
}

/// FNV-1a, 64 bits: the same on every machine and with every compiler.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The numbers of a JSON value in order, and the rest of it as text: `#` for a run of numbers or of digits.
fn take_apart(value: &Json, numbers: &mut Vec<f64>, rest: &mut String) {
    match value {
        Json::Number(number) => {
            numbers.extend(number.as_f64());
            push_text(rest, '0');
        }
        Json::Array(all) => all.iter().for_each(|one| take_apart(one, numbers, rest)),
        Json::Object(all) => {
            // In the order of the keys: the map's own depends on which crates are built together.
            let mut all: Vec<_> = all.iter().collect();
            all.sort_unstable_by_key(|(key, _)| *key);
            for (key, one) in all {
                rest.push_str(key);
                take_apart(one, numbers, rest);
            }
        }
        Json::String(text) => text.chars().for_each(|letter| push_text(rest, letter)),
        Json::Bool(_) | Json::Null => write!(rest, "{value}").unwrap(),
    }
}

fn push_text(text: &mut String, letter: char) {
    match letter.is_ascii_digit() {
        true if text.ends_with('#') => (),
        true => text.push('#'),
        false => text.push(letter),
    }
}

/// How many numbers, two means of them, and a hash of the rest. The means are of the positive and of the negative parts, with a
/// weight between 0 and 2 for each place: a change of place, sign or size cancels no other, and shows where it is no smaller against
/// the whole figure than rounding may be.
fn digest(figure: &Figure) -> String {
    let (mut numbers, mut rest) = (Vec::new(), String::new());
    take_apart(&serde_json::to_value(figure).unwrap(), &mut numbers, &mut rest);
    let mean = |sign: f64| {
        let weighted =
            numbers.iter().zip(1_u32..).map(|(number, at)| (sign * number).max(0.0) * (1.0 + f64::from(at).sin()));
        weighted.sum::<f64>() / numbers.len().max(1) as f64
    };
    let (count, above, below) = (numbers.len(), mean(1.0), mean(-1.0));
    format!(
        "  {}: {count} numbers, mean {above:?} above 0, {below:?} below, text #{:016x}\n",
        figure.name,
        hash(rest.as_bytes())
    )
}

/// Every read-out in full and the digest of every figure.
fn told(snapshot: &Snapshot) -> String {
    let mut text = format!("step {}\n", snapshot.step);
    snapshot.figures.iter().for_each(|figure| text.push_str(&digest(figure)));
    for readout in &snapshot.readouts {
        let error = readout.error.map_or_else(String::new, |error| format!(" ± {error:?}"));
        writeln!(text, "  {} {:?}{error}", readout.name, readout.value).unwrap();
    }
    text
}

fn svg(figure: &Figure) -> String {
    let mut text = String::new();
    {
        let root = SVGBackend::with_string(&mut text, (480, 320)).into_drawing_area();
        let style = plots::Style { dark: false, scale: 1.0, base: 14.0, font: "sans-serif".to_owned(), vector: true };
        plots::draw(figure, &root, &style).unwrap();
        root.present().unwrap();
    }
    text
}

/// A file of a demo's recording.
fn recorded(demo: &Demo, file: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/demos").join(demo.name.replace('-', "_"));
    folder.join("recorded").join(file)
}

/// Writes the recording if `RECORD` is set; otherwise adds the difference from it, if there is one.
fn same_as_recorded(demo: &Demo, file: &str, now: &str, differences: &mut Vec<String>) {
    let path = recorded(demo, file);
    if std::env::var_os("RECORD").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, now).unwrap();
        return;
    }
    let Ok(before) = fs::read_to_string(&path) else {
        differences.push(format!("{} {file}: not recorded yet; RECORD=1 writes it down", demo.name));
        return;
    };
    if before.lines().count() != now.lines().count() {
        differences.push(format!("{} {file}: a file of another length", demo.name));
        return;
    }
    // A picture's coordinates are whole pixels.
    let pixels = if file.ends_with(".svg") { 1.0 } else { 0.0 };
    if let Some((before, now)) = before.lines().zip(now.lines()).find(|(before, now)| !alike(before, now, pixels)) {
        differences.push(format!("{} {file}:\n  recorded {before}\n  now      {now}", demo.name));
    }
}

/// Whether two lines are the same up to rounding of their numbers: by a part in ten thousand, or by `apart`.
fn alike(before: &str, now: &str, apart: f64) -> bool {
    let border = |letter: char| matches!(letter, ' ' | ',' | ':' | '"' | '=' | '/' | '<' | '>');
    let (before, now): (Vec<&str>, Vec<&str>) = (before.split(border).collect(), now.split(border).collect());
    before.len() == now.len()
        && before.iter().zip(&now).all(|(before, now)| match (before.parse::<f64>(), now.parse::<f64>()) {
            _ if before == now => true,
            (Ok(before), Ok(now)) => (before - now).abs() <= 1e-6 + apart + 1e-4 * before.abs().max(now.abs()),
            _ => false,
        })
}

#[test]
fn rounding_is_no_difference_and_everything_else_is() {
    assert!(alike("  kl 2.2883334 ± 0.21", "  kl 2.2883339 ± 0.21", 0.0));
    assert!(alike(r#"points="10,20 30,40 ""#, r#"points="10,21 30,40 ""#, 1.0));
    for other in [
        "  kl 2.2983334 ± 0.21",
        "  kl -2.2883334 ± 0.21",
        "  kk 2.2883334 ± 0.21",
        "  kl 2.2883334",
        "  kl NaN ± 0.21",
    ] {
        assert!(!alike("  kl 2.2883334 ± 0.21", other, 0.0), "{other}");
    }
}

/// Everything recorded of a demo at one setting: the text, and the figures of the last snapshot as SVG.
fn recording(demo: &Demo, values: &Values) -> (String, Vec<(String, String)>) {
    let shown = snapshots(demo, values);
    let mut text: String = shown.iter().map(told).collect();
    let mut pictures = Vec::new();
    for figure in &shown.last().unwrap().figures {
        let picture = svg(figure);
        writeln!(text, "{}: {} bytes of SVG", figure.name, picture.len()).unwrap();
        if matches!(figure.picture, Picture::Chart(_)) && picture.len() <= LONGEST_SVG {
            pictures.push((figure.name.clone(), picture));
        }
    }
    (text, pictures)
}

/// Names that are declared and never shown, or shown and not declared: a read-out of one is “–” for ever, a canvas of the other empty.
fn unlike_declared(demo: &Demo, shown: &[Snapshot]) -> Vec<String> {
    let readouts: BTreeSet<&str> =
        shown.iter().flat_map(|snapshot| &snapshot.readouts).map(|one| one.name.as_str()).collect();
    let figures: BTreeSet<&str> =
        shown.iter().flat_map(|snapshot| &snapshot.figures).map(|one| one.name.as_str()).collect();
    let declared = (demo.readouts.iter().map(|one| one.name).collect(), demo.figures.iter().map(|one| one.0).collect());
    let unlike = |shown: BTreeSet<&str>, declared: BTreeSet<&str>| -> Vec<String> {
        shown.symmetric_difference(&declared).map(|name| format!("{}: {name}", demo.name)).collect()
    };
    [unlike(readouts, declared.0), unlike(figures, declared.1)].concat()
}

#[test]
fn every_demo_shows_what_it_declares() {
    let mut unlike = Vec::new();
    for demo in demos() {
        let controls = (demo.controls)();
        let settings = [Values::defaults(&controls), other(&controls)];
        unlike.extend(unlike_declared(&demo, &settings.map(|values| snapshots(&demo, &values)).concat()));
    }
    assert!(unlike.is_empty(), "declared and not shown, or shown and not declared: {}", unlike.join(", "));
}

/// "A number without ± is a closed form, a quadrature or a count": what is in nats has an error, or is declared to need none.
#[test]
fn every_number_in_nats_has_an_error_or_needs_none() {
    let mut silent = BTreeSet::new();
    for demo in demos() {
        let controls = (demo.controls)();
        for values in [Values::defaults(&controls), other(&controls)] {
            for one in &snapshots(&demo, &values).last().unwrap().readouts {
                let spec = demo.readouts.iter().find(|spec| spec.name == one.name).unwrap();
                let estimate = one.error.is_some_and(f64::is_finite);
                if spec.unit.starts_with("nats") && one.value.is_finite() && !estimate && !spec.without_error {
                    silent.insert(format!("{}: {}", demo.name, one.name));
                }
            }
        }
    }
    assert!(silent.is_empty(), "shown without an error: {silent:?}");
}

#[test]
fn every_demo_shows_what_was_recorded() {
    let mut differences = Vec::new();
    for demo in demos() {
        let controls = (demo.controls)();
        let (text, pictures) = recording(&demo, &Values::defaults(&controls));
        same_as_recorded(&demo, "defaults.txt", &text, &mut differences);
        for (figure, picture) in pictures {
            same_as_recorded(&demo, &format!("{figure}.svg"), &picture, &mut differences);
        }
        let (text, _) = recording(&demo, &other(&controls));
        same_as_recorded(&demo, "other.txt", &text, &mut differences);
    }
    assert!(differences.is_empty(), "not as recorded:\n{}", differences.join("\n"));
}
