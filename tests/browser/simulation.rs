//! Slide 1.8 in the browser: the slide's own run with one press.

use serde_json::json;
use tests::{Gpu, Page, Size};

const DEMO: &str = "gradient-variance";

#[tokio::test]
async fn the_slides_run_agrees_with_the_exact_variances() {
    let page = Page::open("", Gpu::None, Size::Projector).await;
    page.show(DEMO).await;
    page.press(DEMO, "run").await;
    page.wait_for(DEMO, "done").await;
    for (simulated, exact) in
        [("score_variance", "exact_score_variance"), ("reparam_variance", "exact_reparam_variance")]
    {
        let (simulated, exact) = (page.readout(DEMO, simulated).await, page.readout(DEMO, exact).await);
        // Five standard deviations of a variance over 100 estimates, √(2/99) of it each.
        let relative = (simulated / exact - 1.0).abs();
        assert!(relative < 5.0 * (2.0f64 / 99.0).sqrt(), "{simulated} against {exact}");
    }
    // 14 theta² + theta⁴ + 15 over 4 at theta = 10.
    assert_eq!(page.readout(DEMO, "exact_ratio").await, 11_415.0 / 4.0);
    let first = page.readout(DEMO, "score_variance").await;
    page.keep("gradient-variance-done").await;

    // The same seed gives the same bytes, another one others.
    page.press(DEMO, "reset").await;
    page.wait_for(DEMO, "idle").await;
    page.press(DEMO, "run").await;
    page.wait_for(DEMO, "done").await;
    assert_eq!(page.readout(DEMO, "score_variance").await, first);
    page.set(DEMO, "seed", "2").await;
    page.wait_for(DEMO, "idle").await; // another seed is another run
    page.press(DEMO, "run").await;
    page.wait_for(DEMO, "done").await;
    assert_ne!(page.readout(DEMO, "score_variance").await, first);
    page.close().await;
}

#[tokio::test]
async fn the_baseline_helps_and_a_long_run_can_be_cancelled() {
    let page = Page::open("#gradient-variance?theta=10&sizes=1,10,100&baseline=1", Gpu::None, Size::Projector).await;
    page.show(DEMO).await;
    page.press(DEMO, "run").await;
    page.wait_for(DEMO, "done").await;
    // 8 theta² + 6 over N = 100.
    assert!((page.readout(DEMO, "exact_score_variance").await - 8.06).abs() < 1e-9);

    // A list in which nothing is a number: the slide's own, and a sentence about it.
    page.set(DEMO, "sizes", "x").await;
    page.wait_for(DEMO, "idle").await;
    page.until(
        "the mending is told",
        &format!("return document.querySelector('[data-demo=\"{DEMO}\"] .notes').textContent.includes('empty')"),
    )
    .await;

    page.go("#gradient-variance?sizes=1000000&repeats=2000&size=1000000").await;
    page.show(DEMO).await;
    page.press(DEMO, "run").await;
    page.press(DEMO, "cancel").await;
    page.until(
        "the run has stopped",
        &format!("return document.querySelector('[data-demo=\"{DEMO}\"]').dataset.state !== 'running'"),
    )
    .await;
    assert_ne!(page.state(DEMO).await, "failed");
    assert_eq!(
        page.script(&format!("return !!document.querySelector('[data-demo=\"{DEMO}\"] [data-action=\"export-csv\"]')"))
            .await,
        json!(true)
    );
    page.close().await;
}

/// The same random words on both devices: the same estimates up to rounding in f32, with and without baseline, of both functions.
#[tokio::test]
async fn webgpu_draws_the_same_estimates() {
    for settings in ["baseline=0", "baseline=1", "function=step&theta=0.5"] {
        let mut found = Vec::new();
        for device in ["cpu", "webgpu"] {
            let hash = format!("#{DEMO}?sizes=1,7,1000,20000&size=20000&repeats=20&{settings}&device={device}");
            let page = Page::open(&hash, Gpu::Software, Size::Projector).await;
            page.show(DEMO).await;
            page.press(DEMO, "run").await;
            page.wait_for(DEMO, "done").await;
            let names = ["score_variance", "reparam_variance", "score_mean", "reparam_mean"];
            found.push(page.readouts(DEMO, names).await.0);
            // Chromium itself warns that the software adapter is slow.
            page.close_allowing("WebGPU").await;
        }
        for (cpu, gpu) in found[0].iter().zip(found[1]) {
            assert!((cpu - gpu).abs() <= 1e-4 * cpu.abs(), "{settings}: {:?} and {:?}", found[0], found[1]);
        }
    }
}
