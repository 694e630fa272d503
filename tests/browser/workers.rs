//! A run of section 4 that several workers share: the same numbers to the last digit, and the page says how many compute.

use serde_json::json;
use tests::{Gpu, Page, Size};

const DEMO: &str = "mi-objective";

const NUMBERS: [&str; 12] = [
    "step",
    "mi",
    "kl",
    "marginal_kl",
    "residual",
    "mmd2",
    "mmd2_biased",
    "reconstruction",
    "elbo",
    "active_units",
    "compared_mi",
    "compared_reconstruction",
];

/// The page on a machine of so many cores, as far as the browser tells it.
async fn on_cores(cores: u32, hash: &str) -> Page {
    let page = Page::open("", Gpu::None, Size::Projector).await;
    let told = json!({ "hardwareConcurrency": cores });
    page.driver.cdp().send_raw("Emulation.setHardwareConcurrencyOverride", told).await.expect("a number of cores");
    page.go(hash).await;
    assert_eq!(page.script("return navigator.hardwareConcurrency").await, json!(cores));
    page.show(DEMO).await;
    page
}

/// What the page says about what computes, once it says this.
async fn device(page: &Page, word: &str) -> String {
    let script = format!(
        "const text = document.querySelector('[data-demo=\"{DEMO}\"] .device').textContent; return text.includes('{word}') && text"
    );
    page.until(&format!("the page says {word}"), &script).await.as_str().unwrap_or_default().to_owned()
}

fn step(least: u32) -> String {
    format!(
        "return Number(document.querySelector('[data-demo=\"{DEMO}\"] [data-readout=\"step\"]').dataset.value) >= {least}"
    )
}

/// Three values of ω on one worker, on two and on three: after 51 steps, in which they are evaluated twice, and after a
/// live change of two settings.
#[tokio::test]
async fn side_by_side_gives_the_same_digits_on_one_worker_and_on_several() {
    let mut seen = Vec::new();
    for (cores, words) in [(1, "CPU"), (3, "CPU · 2 workers"), (4, "CPU · 3 workers")] {
        let page = on_cores(cores, "#mi-objective?seed=1&hidden=16&compare=1,0.5&device=cpu").await;
        assert_eq!(device(&page, words).await, words);
        page.step_to(DEMO, 51).await;
        let (before, _) = page.readouts(DEMO, NUMBERS).await;
        page.set(DEMO, "omega", "0.8").await;
        page.set(DEMO, "lambda", "3").await;
        // A step that overtook the change would be one of the old settings.
        let follows = "return location.hash.includes('lambda=3') && location.hash.includes('omega=0.8')";
        page.until("the address follows", follows).await;
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        for least in 52..=100 {
            page.press(DEMO, "step").await;
            page.until(&format!("step {least}"), &step(least)).await;
        }
        let (after, _) = page.readouts(DEMO, NUMBERS).await;
        assert!(before.iter().chain(&after).all(|number| number.is_finite()), "{before:?} {after:?}");
        assert_ne!(before[1], after[1]);
        seen.push((before, after));
        page.close().await;
    }
    assert_eq!(seen[0], seen[1], "one worker and two");
    assert_eq!(seen[0], seen[2], "one worker and three");
}

#[tokio::test]
async fn it_plays_pauses_steps_and_begins_anew_on_two_workers() {
    let page = on_cores(8, "#mi-objective?seed=1&hidden=16&device=cpu").await;
    page.press(DEMO, "play").await;
    page.until("120 steps", &step(120)).await;
    page.set(DEMO, "omega", "0.5").await;
    page.until("240 steps", &step(240)).await;
    let says = device(&page, "steps/s").await;
    assert!(says.starts_with("CPU · 2 workers · "), "{says}");
    page.press(DEMO, "pause").await;
    page.wait_for(DEMO, "paused").await;
    let at = page.readout(DEMO, "step").await;
    page.press(DEMO, "step").await;
    page.until("one step more", &step(at as u32 + 1)).await;
    assert_eq!(page.readout(DEMO, "step").await, at + 1.0);
    page.keep("mi-objective-workers").await;
    page.press(DEMO, "reset").await;
    page.wait_for(DEMO, "idle").await;
    assert_eq!(page.readout(DEMO, "step").await, 0.0);
    page.step_to(DEMO, 2).await;
    page.close().await;
}

/// A sweep of eight values, six of them together: to its end on one worker, on two and on three.
#[tokio::test]
async fn a_sweep_ends_with_the_same_digits_on_one_worker_and_on_several() {
    let mut seen = Vec::new();
    for (cores, words) in [(1, "CPU"), (3, "CPU · 2 workers"), (4, "CPU · 3 workers")] {
        let hash = "#mi-objective?seed=1&hidden=16&view=sweep&sweep_points=8&sweep_steps=60&omega=0.3&device=cpu";
        let page = on_cores(cores, hash).await;
        assert_eq!(device(&page, words).await, words);
        page.press(DEMO, "play").await;
        page.wait_for(DEMO, "done").await;
        seen.push(page.readouts(DEMO, NUMBERS).await);
        page.keep(&format!("mi-objective-sweep-{cores}")).await;
        page.close().await;
    }
    assert_eq!(seen[0].0[0], 120.0, "two rounds of 60 steps");
    assert_eq!(seen[0], seen[1], "one worker and two");
    assert_eq!(seen[0], seen[2], "one worker and three");
}
