//! The interface of a run that several workers share: each reports its own lanes and receives all reports, and the first one
//! makes the snapshot. `report(k)`, `merge` with every part and `snapshot` are together `advance(k)`.

use js_sys::Uint8Array;
use learn::lanes::{Share, SharedRun};
use wasm_bindgen::prelude::*;

use crate::{ENGINE, Engine, nothing_runs, packed, stepped};

/// How many workers can share the run: the number of its lanes, 1 where it has none.
#[wasm_bindgen]
pub fn lanes() -> usize {
    ENGINE.with_borrow_mut(|engine| {
        let run = engine.running.as_mut().and_then(|(_, experiment)| experiment.lanes());
        run.map_or(1, |run| run.lanes())
    })
}

/// Gives this engine the lanes of worker `index` of `of`. Called once, right after `start`, also for one worker alone.
///
/// # Errors
/// A sentence when nothing runs, or several workers share a run without lanes.
#[wasm_bindgen]
pub fn share(index: usize, of: usize) -> Result<(), JsError> {
    ENGINE.with_borrow_mut(|engine| {
        if of == 1 && engine.running.as_mut().is_some_and(|(_, experiment)| experiment.lanes().is_none()) {
            return Ok(());
        }
        with_lanes(engine, |run| run.share(Share { index, of: of.max(1) }))
    })
}

/// `steps` updates of this engine's lanes, then their report as bytes.
///
/// # Errors
/// A sentence when nothing runs, the run has no lanes, or the device was lost.
#[wasm_bindgen]
pub async fn report(steps: u32) -> Result<Vec<u8>, JsError> {
    let answers = stepped(steps).await?;
    let report = ENGINE.with_borrow_mut(|engine| with_lanes(engine, |run| run.report(answers)))?;
    report.map_err(|error| JsError::new(&error.to_string()))
}

/// Stores the reports of all workers, in the workers' order.
///
/// # Errors
/// A sentence when nothing runs, the run has no lanes, or a report cannot be read.
#[wasm_bindgen]
pub fn merge(parts: Vec<Uint8Array>) -> Result<(), JsError> {
    let parts: Vec<Vec<u8>> = parts.iter().map(Uint8Array::to_vec).collect();
    let merged = ENGINE.with_borrow_mut(|engine| with_lanes(engine, |run| run.merge(&parts)))?;
    merged.map_err(|error| JsError::new(&format!("What a worker reported could not be read ({error}).")))
}

/// The snapshot of the reports merged last: the bytes of `figure::Snapshot`.
///
/// # Errors
/// A sentence when nothing runs or the run has no lanes.
#[wasm_bindgen]
pub fn snapshot() -> Result<Vec<u8>, JsError> {
    ENGINE.with_borrow_mut(|engine| {
        let snapshot = with_lanes(engine, |run| run.snapshot())?;
        packed(engine, &snapshot)
    })
}

fn with_lanes<T>(engine: &mut Engine, verb: impl FnOnce(&mut dyn SharedRun) -> T) -> Result<T, JsError> {
    let (_, experiment) = engine.running.as_mut().ok_or_else(nothing_runs)?;
    let run = experiment.lanes().ok_or_else(|| JsError::new("The run cannot be shared by several workers."))?;
    Ok(verb(run))
}
