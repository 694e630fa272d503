//! The same seed gives the same numbers in the browser and natively: everything random is our own generator's.

use figure::Snapshot;
use tests::{Gpu, Page, Size, native, shown};

fn value(snapshot: &Snapshot, name: &str) -> f64 {
    snapshot.readouts.iter().find(|readout| readout.name == name).map_or(f64::NAN, |readout| readout.value)
}

/// Over the first 20 steps, read at each: within 1e-5 of each other, relatively. Only the order of sums in the matrix
/// products may differ.
#[tokio::test]
async fn twenty_losses_are_those_of_a_native_run() {
    let demo = "vae";
    let page = Page::open("#vae?seed=11&device=cpu", Gpu::None, Size::Projector).await;
    page.show(demo).await;
    let mut native = native(demo, 11.0);
    shown(native.as_mut());
    for step in 1..=20 {
        page.press(demo, "step").await;
        page.until(
            &format!("step {step}"),
            &format!("return Number(document.querySelector('[data-demo=\"{demo}\"] [data-readout=\"step\"]').dataset.value) === {step}"),
        )
        .await;
        native.step();
        let snapshot = shown(native.as_mut());
        let names = ["reconstruction", "kl", "elbo", "heldout_elbo"];
        let (shown, _) = page.readouts(demo, names).await;
        for (shown, name) in shown.into_iter().zip(names) {
            let native = value(&snapshot, name);
            assert!(
                (shown - native).abs() <= 1e-5 * native.abs(),
                "step {step}, {name}: {shown} here, {native} natively"
            );
        }
    }
    page.close().await;
}

/// The simulation has no matrix products: the last bit is the same.
#[tokio::test]
async fn the_simulation_gives_the_same_bytes_here_and_natively() {
    let demo = "gradient-variance";
    let page = Page::open("#gradient-variance?seed=5", Gpu::None, Size::Projector).await;
    page.show(demo).await;
    page.press(demo, "run").await;
    page.wait_for(demo, "done").await;
    let names = ["score_variance", "reparam_variance", "ratio"];
    let (shown, _) = page.readouts(demo, names).await;
    let mut native = native(demo, 5.0);
    while !native.finished() {
        native.step();
    }
    let snapshot = native.observe(Vec::new());
    for (shown, name) in shown.into_iter().zip(names) {
        assert_eq!(shown, value(&snapshot, name), "{name}");
    }
    page.close().await;
}
