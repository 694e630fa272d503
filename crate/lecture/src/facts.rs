//! The facts of every demo as JSON: the page's shell reads them, and the build generates parts of the page from them.

use figure::{Control, ReadoutSpec, Role};
use serde::Serialize;

use crate::{CONTENTS, Demo, Part};

#[derive(Serialize)]
struct Entry {
    name: &'static str,
    part: PartEntry,
    slide: &'static str,
    title: &'static str,
    run: &'static str,
    device: bool,
    rate: bool,
    model: &'static str,
    /// The control and its value with which the user's own images are used; null where they never are.
    images: Option<Images>,
    controls: Vec<Control>,
    readouts: Vec<Readout>,
    figures: Vec<&'static str>,
}

#[derive(Serialize)]
struct PartEntry {
    number: u8,
    title: &'static str,
}

#[derive(Serialize)]
struct Images {
    control: &'static str,
    value: &'static str,
}

#[derive(Serialize)]
struct Readout {
    name: &'static str,
    label: &'static str,
    unit: &'static str,
    digits: i8,
    role: Option<Role>,
    exact: bool,
}

/// Read-outs that the page measures itself: an experiment has no clock and does not know its device.
const RATE: ReadoutSpec = ReadoutSpec::new("steps_per_second", "steps per second", "", 0);
const DEVICE: ReadoutSpec = ReadoutSpec::new("device", "computed on", "", 0);
const ELAPSED: ReadoutSpec = ReadoutSpec::new("elapsed_ms", "time", "ms", 0);

impl Demo {
    /// Its read-outs, and those that the page measures.
    pub fn all_readouts(&self) -> Vec<ReadoutSpec> {
        let measured = [(self.rate, RATE), (self.device, DEVICE), (self.elapsed, ELAPSED)];
        let measured = measured.into_iter().filter_map(|(shown, spec)| shown.then_some(spec));
        self.readouts.iter().copied().chain(measured).collect()
    }
}

/// JSON of every demo, in the lecture's order: `[{name, part: {number, title}, slide, title, run: "sketch"|"answers"|"open"|"ends", device, rate,
/// model: "none"|"gives"|"starts-from"|"shows", images: null|{control, value}, controls, readouts: [{name, label, unit, digits, role,
/// exact}], figures}]`.
///
/// # Panics
/// Never: it holds names and finite numbers only.
pub fn facts() -> String {
    let entries: Vec<_> =
        CONTENTS.iter().flat_map(|part| part.demos.iter().map(move |demo| entry(part, demo))).collect();
    serde_json::to_string(&entries).expect("facts are names and finite numbers")
}

fn entry(part: &Part, demo: &Demo) -> Entry {
    let readout = |spec: ReadoutSpec| {
        let ReadoutSpec { name, label, unit, digits, role, exact, without_error: _ } = spec;
        Readout { name, label, unit, digits, role, exact }
    };
    Entry {
        name: demo.name,
        part: PartEntry { number: part.number, title: part.title },
        slide: demo.slide,
        title: demo.title,
        run: demo.run.name(),
        device: demo.device,
        rate: demo.rate,
        model: demo.model.name(),
        images: demo.images.map(|choice| Images { control: choice.control, value: choice.value }),
        controls: (demo.controls)(),
        readouts: demo.all_readouts().into_iter().map(readout).collect(),
        figures: demo.figures.iter().map(|figure| figure.0).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Model, Run, demos};

    #[test]
    fn every_demo_is_listed_with_its_facts() {
        let read: serde_json::Value = serde_json::from_str(&facts()).expect("JSON");
        let entries = read.as_array().expect("a list");
        assert_eq!(entries.len(), demos().count());
        for (entry, demo) in entries.iter().zip(demos()) {
            assert_eq!((&entry["name"], &entry["run"]), (&demo.name.into(), &demo.run.name().into()));
            assert_eq!(entry["controls"].as_array().map(Vec::len), Some((demo.controls)().len()), "{}", demo.name);
            for control in entry["controls"].as_array().expect("a list") {
                assert!(control["kind"].is_string() && !control["default"].is_null(), "{control}");
            }
        }
    }

    #[test]
    fn facts_fit_together() {
        for demo in demos() {
            let name = demo.name;
            let sketch = matches!(demo.run, Run::Sketch(_));
            assert!(!(sketch && (demo.device || demo.rate || demo.elapsed)), "{name} runs in no worker");
            assert!(demo.model != Model::Shows || sketch, "{name}: only a sketch can show the model");
            assert!(![Model::Gives, Model::StartsFrom].contains(&demo.model) || !sketch, "{name} cannot use the model");
            if let Some(choice) = demo.images {
                let controls = (demo.controls)();
                let control =
                    controls.iter().find(|control| control.name == choice.control).expect("the control is there");
                let figure::Kind::Choice { options, .. } = &control.kind else { panic!("{name}: images are a choice") };
                assert!(options.iter().any(|option| option.value == choice.value), "{name}");
            }
        }
        assert_eq!(demos().filter(|demo| demo.model == Model::Gives).count(), 1, "one demo trains the model");
    }
}
