//! The table of contents, as the shell reads it.

use figure::Control;
use lecture::{Demo, Run};
use serde::Serialize;

#[derive(Serialize)]
struct Entry {
    name: &'static str,
    slide: &'static str,
    title: &'static str,
    kind: &'static str,
    ends: bool,
    answers: bool,
    uses_model: bool,
    gives_model: bool,
    shows_model: bool,
    /// The control and its value with which the person's own images are used; null where none are.
    takes_images: Option<(&'static str, &'static str)>,
    controls: Vec<Control>,
    readouts: Vec<Readout>,
}

#[derive(Serialize)]
struct Readout {
    name: &'static str,
    unit: &'static str,
    digits: i8,
}

/// JSON of every demo, in the lecture's order.
pub(crate) fn json(demos: &[Demo]) -> String {
    let entries: Vec<_> = demos.iter().map(entry).collect();
    serde_json::to_string(&entries).expect("the table of contents holds names and finite numbers only")
}

fn entry(demo: &Demo) -> Entry {
    Entry {
        name: demo.name,
        slide: demo.slide,
        title: demo.title,
        kind: if matches!(demo.run, Run::Sketch(_)) { "sketch" } else { "training" },
        ends: demo.ends,
        answers: demo.answers(),
        uses_model: demo.uses_model(),
        gives_model: demo.gives_model(),
        shows_model: demo.shows_model(),
        takes_images: demo.takes_images(),
        controls: (demo.controls)(),
        readouts: demo
            .readouts
            .iter()
            .map(|readout| Readout { name: readout.name, unit: readout.unit, digits: readout.digits })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_demo_is_listed_with_its_controls_and_readouts() {
        let demos = lecture::demos();
        let read: serde_json::Value = serde_json::from_str(&json(&demos)).expect("JSON");
        let entries = read.as_array().expect("a list");
        assert_eq!(entries.len(), demos.len());
        for (entry, demo) in entries.iter().zip(&demos) {
            assert_eq!(entry["name"], demo.name);
            let about = ["answers", "uses_model", "gives_model"].map(|key| entry[key].as_bool());
            assert_eq!(about, [demo.answers(), demo.uses_model(), demo.gives_model()].map(Some), "{}", demo.name);
            assert!(entry["kind"] == "training" || about == [Some(false); 3], "{}", demo.name);
            assert_eq!(entry["controls"].as_array().map(Vec::len), Some((demo.controls)().len()), "{}", demo.name);
            assert_eq!(entry["readouts"].as_array().map(Vec::len), Some(demo.readouts.len()), "{}", demo.name);
            if let Some((control, value)) = demo.takes_images() {
                assert_eq!(entry["takes_images"], serde_json::json!([control, value]));
                let own = entry["controls"].as_array().expect("a list").iter().find(|one| one["name"] == control);
                let options = own.expect("the control")["options"].as_array().expect("a choice");
                assert!(options.iter().any(|option| option["value"] == value), "{}", demo.name);
            } else {
                assert!(entry["takes_images"].is_null(), "{}", demo.name);
            }
            for control in entry["controls"].as_array().expect("a list") {
                assert!(control["kind"].is_string() && !control["default"].is_null(), "{control}");
            }
        }
    }

    /// A trained model goes from one demo to the others; a name that no longer exists would break that silently.
    #[test]
    fn one_demo_gives_the_model_that_others_use() {
        let demos = lecture::demos();
        let names = |which: fn(&Demo) -> bool| -> Vec<_> {
            demos.iter().filter(|demo| which(demo)).map(|demo| demo.name).collect()
        };
        assert_eq!(names(Demo::gives_model), ["vae"]);
        assert_eq!(names(Demo::uses_model), ["generation", "latent-arithmetic"]);
        assert_eq!(names(Demo::shows_model), ["mi-bound"]);
        assert_eq!(names(Demo::answers), ["generation", "latent-arithmetic", "reparameterization"]);
    }
}
