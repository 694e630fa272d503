//! The worker's interface: open a device, start a demo, change its values, advance it, save its weights.
//!
//! It connects the interface of experiments to the browser's promises; pages, figures and arithmetic are elsewhere. One
//! experiment runs at a time, and only the worker's message loop calls it. Every tensor is read by the one `await` in `read`,
//! because on WebGPU only asynchronous reads exist.

#![recursion_limit = "256"]

mod device;
pub mod lanes;

use std::cell::RefCell;

use burn::tensor::{Device, Tensor, TensorData, Transaction};
use figure::{Assets, Snapshot, Status, Values};
use learn::{Experiment, StartError, answers};
use lecture::Demo;
use wasm_bindgen::prelude::*;

/// The engine's state between calls.
#[derive(Default)]
struct Engine {
    device: Option<Device>,
    assets: Assets,
    running: Option<(Demo, Box<dyn Experiment>)>,
    /// What the last snapshot said of the run.
    status: Status,
}

thread_local! {
    static ENGINE: RefCell<Engine> = RefCell::new(Engine::default());
}

#[cfg(target_arch = "wasm32")]
#[allow(unsafe_code, reason = "the linker's constructors have no safe name")]
mod constructors {
    unsafe extern "C" {
        fn __wasm_call_ctors();
    }

    /// Runs the module's static constructors once. Without an explicit call the linker runs all of them at the start
    /// of every exported function, some hundred microseconds each time.
    pub(super) fn run() {
        // SAFETY: called once, from the start function, before any other code of the module.
        unsafe { __wasm_call_ctors() }
    }
}

#[wasm_bindgen]
extern "C" {
    /// The worker's function that receives a panic's message, since the trap that follows carries none.
    #[wasm_bindgen(js_name = reportPanic, js_namespace = globalThis)]
    fn report_panic(message: &str);
}

/// Runs when the module is loaded: static constructors, and readable panic messages.
#[wasm_bindgen(start)]
pub fn begin() {
    #[cfg(target_arch = "wasm32")]
    constructors::run();
    std::panic::set_hook(Box::new(|info| report_panic(&info.to_string())));
}

/// Opens the device that this engine computes on. Returns its name, `cpu` or `webgpu`.
///
/// # Errors
/// A sentence when there is no such device here.
#[wasm_bindgen]
pub async fn open() -> Result<String, JsError> {
    let device = device::open().await.map_err(|sentence| JsError::new(&sentence))?;
    ENGINE.with_borrow_mut(|engine| engine.device = Some(device));
    Ok(device::NAME.to_owned())
}

/// Stores a file of the user by name (`model`, `images`, `labels`); empty bytes remove it.
#[wasm_bindgen]
pub fn asset(name: String, bytes: Vec<u8>) {
    ENGINE.with_borrow_mut(|engine| {
        if bytes.is_empty() {
            engine.assets.0.remove(&name);
        } else {
            engine.assets.0.insert(name, bytes);
        }
    });
}

/// Starts a demo with values given as a JSON object; missing ones take their default.
///
/// # Errors
/// A sentence when the demo is unknown, its values cannot be read, or an asset cannot be used.
#[wasm_bindgen]
pub fn start(demo: &str, values: &str) -> Result<(), JsError> {
    ENGINE.with_borrow_mut(|engine| {
        engine.running = None;
        engine.status = Status::Going;
        let device = engine.device.clone().ok_or_else(|| JsError::new("The engine has not opened a device yet."))?;
        let demo = lecture::demo(demo).ok_or_else(|| StartError::UnknownDemo(demo.to_owned()))?;
        let start = demo.run.start().ok_or_else(|| StartError::IsSketch(demo.name.to_owned()))?;
        let experiment = start(&completed(&demo, values)?, &engine.assets, &device)?;
        engine.running = Some((demo, experiment));
        Ok(())
    })
}

/// Applies changed live controls: all values, as a JSON object.
///
/// # Errors
/// A sentence when the values cannot be read or nothing runs.
#[wasm_bindgen]
pub fn set(values: &str) -> Result<(), JsError> {
    ENGINE.with_borrow_mut(|engine| {
        let (demo, experiment) = engine.running.as_mut().ok_or_else(nothing_runs)?;
        experiment.set(&completed(demo, values)?);
        Ok(())
    })
}

/// `steps` updates, then one snapshot: the bytes of `figure::Snapshot`.
///
/// # Errors
/// A sentence when nothing runs or the device was lost.
#[wasm_bindgen]
pub async fn advance(steps: u32) -> Result<Vec<u8>, JsError> {
    let answers = stepped(steps).await?;
    ENGINE.with_borrow_mut(|engine| {
        let (_, experiment) = engine.running.as_mut().ok_or_else(nothing_runs)?;
        let snapshot = experiment.observe(answers);
        packed(engine, &snapshot)
    })
}

/// `steps` updates and no snapshot; returns when the device has made them: how many there were, fewer where the run has ended.
///
/// # Errors
/// A sentence when nothing runs or the device was lost.
#[wasm_bindgen]
pub async fn step(steps: u32) -> Result<u32, JsError> {
    let (made, device) = ENGINE.with_borrow_mut(|engine| {
        let (made, _) = take_steps(engine, steps)?;
        Ok::<_, JsError>((made, engine.device.clone()))
    })?;
    // A number that is read comes after all that was asked of the device before it: without one, WebGPU would let work pile up.
    read(device.iter().map(|device| Tensor::zeros([1], device)).collect()).await?;
    Ok(made)
}

/// What the last snapshot said of the run: `going`, `done` (a further step would do nothing until a control changes) or
/// `failed` (it diverged and went back to good weights).
#[wasm_bindgen]
pub fn status() -> String {
    ENGINE.with_borrow(|engine| engine.status.name().to_owned())
}

/// The trained parameters as a safetensors file; empty where the demo has none.
///
/// # Errors
/// A sentence when nothing runs or the device was lost.
#[wasm_bindgen]
pub async fn save() -> Result<Vec<u8>, JsError> {
    let (weights, description) = ENGINE.with_borrow(|engine| {
        let (_, experiment) = engine.running.as_ref().ok_or_else(nothing_runs)?;
        Ok::<_, JsError>((experiment.weights(), experiment.description()))
    })?;
    if weights.is_empty() {
        return Ok(Vec::new());
    }
    let numbers = answers(&read(weights.iter().map(|weight| weight.values.clone()).collect()).await?);
    let named: Vec<_> =
        weights.into_iter().zip(numbers).map(|(weight, numbers)| (weight.name, weight.shape, numbers)).collect();
    learn::models::to_bytes(&named, &description).map_err(|error| JsError::new(&error))
}

/// `steps` updates, then the answers to what the experiment asks.
async fn stepped(steps: u32) -> Result<Vec<Vec<f32>>, JsError> {
    let asked = ENGINE.with_borrow_mut(|engine| Ok::<_, JsError>(take_steps(engine, steps)?.1.ask()))?;
    Ok(answers(&read(asked).await?))
}

/// `steps` updates, or fewer where the run ends before: how many, and the run.
fn take_steps(engine: &mut Engine, steps: u32) -> Result<(u32, &mut dyn Experiment), JsError> {
    let (_, experiment) = engine.running.as_mut().ok_or_else(nothing_runs)?;
    let mut made = 0;
    while made < steps && !experiment.finished() {
        experiment.step();
        made += 1;
    }
    Ok((made, experiment.as_mut()))
}

/// A snapshot's bytes; remembers what it says of the run.
fn packed(engine: &mut Engine, snapshot: &Snapshot) -> Result<Vec<u8>, JsError> {
    engine.status = snapshot.status.clone();
    postcard::to_stdvec(snapshot).map_err(|error| JsError::new(&error.to_string()))
}

/// Reads every tensor in one transaction: one round trip to the device.
async fn read(tensors: Vec<Tensor<1>>) -> Result<Vec<TensorData>, JsError> {
    if tensors.is_empty() {
        return Ok(Vec::new());
    }
    let transaction = tensors.into_iter().fold(Transaction::default(), Transaction::register);
    transaction.execute_async().await.map_err(|_| {
        JsError::new("The device stopped answering: the browser or its driver took it away, or its memory is full.")
    })
}

fn completed(demo: &Demo, values: &str) -> Result<Values, JsError> {
    let given: Values = serde_json::from_str(values)
        .map_err(|error| JsError::new(&format!("The values of {} could not be read ({error}).", demo.name)))?;
    Ok(Values::complete(&(demo.controls)(), &given).0)
}

fn nothing_runs() -> JsError {
    JsError::new("No run has been started in this engine.")
}
