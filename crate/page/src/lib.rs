//! What JavaScript calls on the page's thread: the table of contents, sketches, and figures on canvases, as SVG or as CSV.
//!
//! Arguments are turned into values here, results into JSON, errors into sentences. This crate must not know tensors and holds no
//! arithmetic: `lecture` computes, `plots` draws.

#![forbid(unsafe_code)]

mod canvas;
mod coordinates;
mod overrides;
mod picture;
mod style;
mod vector;

use std::cell::RefCell;

use figure::{Assets, Values};
use lecture::{Demo, Run, own_images};
use wasm_bindgen::prelude::*;

pub use coordinates::PlotCoordinates;
pub use picture::Picture;

thread_local! {
    /// The user's model, for sketches that show it.
    static ASSETS: RefCell<Assets> = RefCell::default();
}

#[wasm_bindgen]
extern "C" {
    /// The browser's function: calls the page's `error` listeners, which show the sentence.
    #[wasm_bindgen(js_name = reportError)]
    fn report_error(error: JsError);
}

/// Runs once when the module is loaded. From then on a panic is reported to the page before it ends the module.
#[wasm_bindgen(start)]
pub fn begin() {
    std::panic::set_hook(Box::new(|panic| {
        report_error(JsError::new(&format!("The page's mathematics stopped: {panic}. Reload the page.")));
    }));
}

/// The facts of every demo as JSON, see [`lecture::facts`].
#[wasm_bindgen]
pub fn contents() -> String {
    lecture::facts()
}

/// The given values completed, as JSON `{values, notes}`: every control with a value in its range, and a sentence for each value that
/// was corrected.
///
/// # Errors
/// A sentence, when there is no such demo or the values are not JSON.
#[wasm_bindgen]
pub fn complete(demo: &str, values_json: &str) -> Result<String, JsError> {
    let (values, notes) = Values::complete(&(known(demo)?.controls)(), &parsed(values_json)?);
    Ok(serde_json::json!({ "values": values, "notes": notes }).to_string())
}

/// Gives the sketches a file by name (`model`); empty bytes remove it.
#[wasm_bindgen]
pub fn bring(name: String, bytes: Vec<u8>) {
    ASSETS.with_borrow_mut(|assets| {
        if bytes.is_empty() {
            assets.0.remove(&name);
        } else {
            assets.0.insert(name, bytes);
        }
    });
}

/// The picture of a sketch at values that [`complete`] gave.
///
/// # Errors
/// A sentence, when there is no such demo, when it runs in the engine, or when the values are not JSON or not complete.
#[wasm_bindgen]
pub fn sketch(demo: &str, values_json: &str) -> Result<Picture, JsError> {
    let demo = known(demo)?;
    let values = parsed(values_json)?;
    if let Some(control) = (demo.controls)().iter().find(|control| !values.0.contains_key(control.name)) {
        return Err(sentence(&format!("The values of “{}” lack “{}”: complete them first.", demo.name, control.name)));
    }
    match demo.run {
        Run::Sketch(snapshot) => Ok(Picture::new(ASSETS.with_borrow(|assets| snapshot(&values, assets)))),
        _ => Err(sentence(&format!("The demo “{}” runs in the engine and has no sketch.", demo.name))),
    }
}

/// The picture in a snapshot's bytes, as the engine sends them.
///
/// # Errors
/// A sentence, when the bytes are not a snapshot (page and engine come from different builds).
#[wasm_bindgen]
pub fn decode(bytes: &[u8]) -> Result<Picture, JsError> {
    let snapshot = postcard::from_bytes(bytes).map_err(|error| {
        sentence(&format!("The engine's answer could not be read ({error}); page and engine differ. Reload the page."))
    })?;
    Ok(Picture::new(snapshot))
}

/// Whether a file that the user chose holds `images` or `labels`, as IDX, gzipped or not.
///
/// # Errors
/// A sentence, when it is damaged or is neither.
#[wasm_bindgen]
pub fn file_kind(file: &[u8]) -> Result<String, JsError> {
    let kind = own_images::kind(file).map_err(|text| sentence(&text))?;
    Ok(if kind == own_images::Kind::Images { "images" } else { "labels" }.to_owned())
}

/// One sentence about images and their labels (empty: none), both IDX files.
///
/// # Errors
/// A sentence, when either cannot be used or they do not belong together.
#[wasm_bindgen]
pub fn describe_images(images: &[u8], labels: &[u8]) -> Result<String, JsError> {
    own_images::describe(images, labels).map_err(|text| sentence(&text))
}

fn known(name: &str) -> Result<Demo, JsError> {
    lecture::demo(name).ok_or_else(|| sentence(&format!("There is no demo called “{name}”.")))
}

fn parsed(values_json: &str) -> Result<Values, JsError> {
    serde_json::from_str(values_json).map_err(|error| sentence(&format!("The values are not JSON: {error}.")))
}

fn sentence(text: &str) -> JsError {
    JsError::new(text)
}
