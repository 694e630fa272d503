//! A snapshot on the page: its numbers as JSON and CSV, its figures on canvases and as SVG.

use figure::{Figure, Grip, Pointer, Snapshot, Status};
use plotters::drawing::IntoDrawingArea;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use web_sys::HtmlCanvasElement;

use crate::coordinates::PlotCoordinates;
use crate::{canvas, sentence, style, vector};

/// A snapshot: everything a demo shows at one moment. The shell reads it through these methods only.
#[wasm_bindgen]
pub struct Picture(Snapshot);

impl Picture {
    pub(crate) fn new(snapshot: Snapshot) -> Self {
        Self(snapshot)
    }

    fn figure(&self, name: &str) -> Result<&Figure, JsError> {
        self.0.figure(name).ok_or_else(|| sentence(&format!("There is no figure called “{name}”.")))
    }
}

#[wasm_bindgen]
impl Picture {
    /// The read-outs as JSON: `[{name, value, error}]`; a value that is not finite is `null`.
    pub fn readouts(&self) -> String {
        let list: Vec<Value> = self
            .0
            .readouts
            .iter()
            .map(|readout| json!({ "name": readout.name, "value": readout.value, "error": readout.error }))
            .collect();
        Value::from(list).to_string()
    }

    /// The share of the work done, 0 to 1; NaN for runs that do not end.
    pub fn progress(&self) -> f64 {
        self.0.progress.unwrap_or(f64::NAN)
    }

    /// What went wrong, in a sentence; empty where nothing did.
    pub fn failure(&self) -> String {
        match &self.0.status {
            Status::Failed(sentence) => sentence.clone(),
            Status::Going | Status::Done => String::new(),
        }
    }

    /// Sentences for the user, as a JSON list.
    pub fn notes(&self) -> String {
        json!(self.0.notes).to_string()
    }

    /// What the figures are, as JSON: `[{name, alt, kind: "chart"|"images", pointer, columns, count, width, height}]`,
    /// the last four for images. `pointer` is `null` or `{kind: "drag"|"add"|"pick"|"paint", control, stride, count, scale}`
    /// (`count` and `scale` only where not the whole list is drawn, or not as it is)
    /// or `{kind: "steer", grips: [{control, at: [x, y], origin}]}`.
    pub fn figures(&self) -> String {
        Value::from(self.0.figures.iter().map(about).collect::<Vec<_>>()).to_string()
    }

    /// Draws a figure over all of a canvas; the shell has set the canvas's size in device pixels. `dpr` is device pixels per CSS
    /// pixel, `base_px` the text size in CSS pixels.
    ///
    /// # Errors
    /// A sentence, when there is no such figure or the canvas cannot be drawn on.
    pub fn draw(
        &self,
        figure: &str,
        canvas: HtmlCanvasElement,
        dark: bool,
        dpr: f64,
        base_px: f64,
    ) -> Result<PlotCoordinates, JsError> {
        let figure = self.figure(figure)?;
        let backend = canvas::backend(canvas).ok_or_else(|| sentence("This canvas cannot be drawn on."))?;
        let coordinates = plots::draw(figure, &backend.into_drawing_area(), &style::on_screen(dark, dpr, base_px))
            .map_err(|error| sentence(&error.to_string()))?;
        let image_width = match &figure.picture {
            figure::Picture::Images(images) => images.width,
            figure::Picture::Chart(_) => 0,
        };
        Ok(PlotCoordinates::new(coordinates, dpr, image_width))
    }

    /// A figure as SVG text.
    ///
    /// # Errors
    /// A sentence, when there is no such figure.
    pub fn svg(&self, figure: &str, width: u32, height: u32, dark: bool) -> Result<String, JsError> {
        let figure = self.figure(figure)?;
        vector::svg(figure, (width, height), dark).map_err(|error| sentence(&error.to_string()))
    }

    /// A figure's numbers as CSV.
    ///
    /// # Errors
    /// A sentence, when there is no such figure.
    pub fn csv(&self, figure: &str) -> Result<String, JsError> {
        Ok(plots::csv(self.figure(figure)?))
    }

    /// The rows behind the read-outs as CSV, and without such rows the read-outs themselves; empty when there are none.
    pub fn table(&self) -> String {
        table_of(&self.0)
    }
}

fn about(figure: &Figure) -> Value {
    let mut value = json!({
        "name": figure.name,
        "alt": figure.alt,
        "kind": "chart",
        "pointer": figure.pointer.as_ref().map(pointer),
    });
    if let figure::Picture::Images(images) = &figure.picture {
        value["kind"] = json!("images");
        value["columns"] = json!(images.columns);
        value["count"] = json!(images.count());
        value["width"] = json!(images.width);
        value["height"] = json!(images.height);
    }
    value
}

fn pointer(pointer: &Pointer) -> Value {
    match pointer {
        Pointer::Drag { control, stride } => json!({ "kind": "drag", "control": control, "stride": stride }),
        Pointer::Steer { grips } => json!({ "kind": "steer", "grips": grips.iter().map(grip).collect::<Vec<_>>() }),
        Pointer::Add { control } => json!({ "kind": "add", "control": control, "stride": 2 }),
        Pointer::Pick { control } => json!({ "kind": "pick", "control": control }),
        Pointer::Paint { control } => json!({ "kind": "paint", "control": control }),
        Pointer::DragScaled { control, stride, count, scale } => {
            json!({ "kind": "drag", "control": control, "stride": stride, "count": count, "scale": scale })
        }
    }
}

fn grip(grip: &Grip) -> Value {
    json!({ "control": grip.control, "at": grip.at, "origin": grip.origin })
}

fn table_of(snapshot: &Snapshot) -> String {
    let rows: Vec<Vec<String>> = if snapshot.table.is_empty() {
        let numbers = snapshot.readouts.iter().map(|readout| {
            let error = readout.error.map_or_else(String::new, |error| error.to_string());
            vec![readout.name.clone(), readout.value.to_string(), error]
        });
        let header = ["readout", "value", "error"].map(str::to_owned).to_vec();
        if snapshot.readouts.is_empty() { Vec::new() } else { std::iter::once(header).chain(numbers).collect() }
    } else {
        snapshot.table.clone()
    };
    rows.iter().map(|row| row.iter().map(|cell| plots::csv_field(cell)).collect::<Vec<_>>().join(",") + "\n").collect()
}

#[cfg(test)]
mod tests {
    use figure::{Axis, Chart, Dash, Images, Layer, Readout, Role};

    use super::*;

    fn snapshot() -> Snapshot {
        let line =
            Layer::Line { role: Role::Kl, dash: Dash::Solid, label: "KL".into(), points: vec![[0.0, 1.0], [1.0, 2.0]] };
        let chart = Chart { x: Axis::linear("x"), y: Axis::linear("y"), layers: vec![line], equal: false };
        Snapshot {
            step: 7,
            readouts: vec![
                Readout { name: "kl".into(), value: 1.5, error: None },
                Readout { name: "mi".into(), value: f64::NAN, error: Some(0.1) },
            ],
            figures: vec![
                Figure::chart("curve", "a line", chart)
                    .with_pointer(Pointer::Drag { control: "points".into(), stride: 2 }),
                Figure::images("grid", "two images", Images::from_unit(&[0.0; 12], 2, 2, 3)),
            ],
            ..Snapshot::default()
        }
    }

    #[test]
    fn readouts_become_json_and_what_is_not_finite_null() {
        let read: Value = serde_json::from_str(&Picture::new(snapshot()).readouts()).expect("JSON");
        assert_eq!(read[0], json!({ "name": "kl", "value": 1.5, "error": null }));
        assert_eq!(read[1]["value"], Value::Null);
    }

    #[test]
    fn figures_say_what_they_are_and_what_the_pointer_may_do() {
        let read: Value = serde_json::from_str(&Picture::new(snapshot()).figures()).expect("JSON");
        assert_eq!(read[0]["pointer"], json!({ "kind": "drag", "control": "points", "stride": 2 }));
        assert_eq!((read[1]["kind"].as_str(), read[1]["count"].as_u64()), (Some("images"), Some(2)));
    }

    #[test]
    fn grips_keep_their_controls_in_json() {
        let grips = vec![Grip { control: "mu".into(), at: [0.5, 0.4], origin: 0.0 }];
        let steered = Figure::chart("c", "", Chart::default()).with_pointer(Pointer::Steer { grips });
        let expected = json!({ "kind": "steer", "grips": [{ "control": "mu", "at": [0.5, 0.4], "origin": 0.0 }] });
        assert_eq!(about(&steered)["pointer"], expected);
    }

    #[test]
    fn a_table_is_quoted_and_readouts_stand_in_for_none() {
        let mut with = snapshot();
        assert_eq!(table_of(&with), "readout,value,error\nkl,1.5,\nmi,NaN,0.1\n");
        with.table = vec![vec!["n".into(), "a \"b\", c".into()]];
        assert_eq!(table_of(&with), "n,\"a \"\"b\"\", c\"\n");
        assert_eq!(table_of(&Snapshot::default()), "");
    }

    #[test]
    fn a_figure_becomes_svg() {
        let text = vector::svg(&snapshot().figures[0], (400, 300), false).expect("drawn");
        assert!(text.starts_with("<svg") && text.trim_end().ends_with("</svg>"), "{text}");
    }

    #[test]
    fn what_the_engine_sends_is_what_the_page_reads() {
        let bytes = postcard::to_allocvec(&snapshot()).expect("bytes");
        let back: Snapshot = postcard::from_bytes(&bytes).expect("a snapshot");
        assert_eq!((back.step, back.figures), (7, snapshot().figures));
    }
}
