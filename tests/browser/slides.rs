//! The demos that answer, and the clicks: likelihoods, generation, latent arithmetic, the moons of M2.

use serde_json::json;
use tests::{Gpu, Page, Size};

/// Presses the canvas of a figure at a place given in shares of its width and height.
async fn press_at(page: &Page, demo: &str, figure: &str, (across, down): (f64, f64)) {
    let canvas =
        format!("const canvas = document.querySelector('[data-demo=\"{demo}\"] canvas[data-figure=\"{figure}\"]');");
    page.script(&format!("{canvas} canvas.scrollIntoView({{block: 'center', behavior: 'instant'}})")).await;
    // A figure is drawn when it comes into view, and until then nobody could aim at it.
    let drawn = "const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', {willReadFrequently: true}); copy.drawImage(canvas, 0, 0); return new Set(copy.getImageData(0, 0, canvas.width, canvas.height).data).size > 1";
    page.until(&format!("{figure} of {demo} is drawn"), &format!("{canvas} {drawn}")).await;
    page.script("return new Promise((done) => setTimeout(() => requestAnimationFrame(() => done(true)), 300))").await;
    page.script(&format!(
        "{canvas} const {{left, top, width, height}} = canvas.getBoundingClientRect(); const at = {{clientX: left + {across} * width, clientY: top + {down} * height, pointerId: 1, pointerType: 'mouse', isPrimary: true, button: 0, buttons: 1, bubbles: true, cancelable: true}}; canvas.dispatchEvent(new PointerEvent('pointerdown', at)); canvas.dispatchEvent(new PointerEvent('pointermove', {{...at, clientX: at.clientX + 3}})); canvas.dispatchEvent(new PointerEvent('pointerup', {{...at, buttons: 0}})); canvas.dispatchEvent(new MouseEvent('click', {{...at, buttons: 0}}))"
    ))
    .await;
}

/// Waits until a read-out shows another number than before, and gives it.
async fn changed(page: &Page, demo: &str, name: &str, before: f64) -> f64 {
    page.until(
        &format!("{name} of {demo} has changed"),
        &format!("return document.querySelector('[data-demo=\"{demo}\"] [data-readout=\"{name}\"]').dataset.value !== '{before}'"),
    )
    .await;
    page.readout(demo, name).await
}

/// A fixed Gaussian scale bounds the reconstruction from both sides, since pixels and squared errors are at most 1:
/// −D/2 log(2πσ²) − D/(2σ²) ≤ E log p(x|z) ≤ −D/2 log(2πσ²) once the decoder's means are in [0, 1] or near it.
#[tokio::test]
async fn the_reconstruction_of_a_gaussian_lies_between_its_bounds() {
    let demo = "likelihoods";
    let page = Page::open("#likelihoods?likelihood=gaussian&scale=0.2", Gpu::None, Size::Projector).await;
    page.show(demo).await;
    for sigma in [0.2_f64, 1.5] {
        page.set(demo, "scale", &sigma.to_string()).await;
        page.until(
            "the address follows",
            &format!("return {sigma} === 0.2 || location.hash.includes('scale={sigma}')"),
        )
        .await;
        page.wait_for(demo, "idle").await;
        page.step_to(demo, 3).await;
        let ([reconstruction, kl], _) = page.readouts(demo, ["reconstruction", "kl"]).await;
        let most = -32.0 * (2.0 * std::f64::consts::PI * sigma * sigma).ln();
        let least = most - 64.0 / (2.0 * sigma * sigma);
        assert!(least < reconstruction && reconstruction < most, "{least} < {reconstruction} < {most}");
        assert!(kl > 0.0, "a KL is never negative: {kl}");
    }
    page.set(demo, "likelihood", "laplace-learned").await;
    page.until("the address follows", "return location.hash.includes('likelihood=laplace-learned')").await;
    page.wait_for(demo, "idle").await;
    let begin = page.readout(demo, "learned_scale").await;
    page.step_to(demo, 3).await;
    assert_ne!(page.readout(demo, "learned_scale").await, begin, "the scale is learned");
    page.close_allowing("No available adapters").await;
}

#[tokio::test]
async fn other_codes_are_drawn_and_the_same_again() {
    let demo = "generation";
    let page = Page::open("#generation?count=100", Gpu::None, Size::Projector).await;
    page.show(demo).await;
    let first = page.readout(demo, "log_aggregate").await;
    let gap = page.readout(demo, "prior_gap").await;
    page.set(demo, "again", "2").await;
    let second = changed(&page, demo, "log_aggregate", first).await;
    page.set(demo, "again", "1").await;
    assert_eq!(changed(&page, demo, "log_aggregate", second).await, first, "the same draw number, the same codes");
    page.set(demo, "algorithm", "posterior").await;
    let from_posteriors = changed(&page, demo, "log_aggregate", first).await;
    assert!(from_posteriors > first, "codes of images are where q(z) is: {from_posteriors} against {first}");
    assert_eq!(page.readout(demo, "prior_gap").await, gap, "the gap is of the model, not of a draw");
    let share = page.readout(demo, "far_share").await;
    assert!((0.0..=100.0).contains(&share));
    page.close().await;
}

#[tokio::test]
async fn a_way_is_as_long_as_its_ends_are_apart_and_a_drawing_is_encoded() {
    let demo = "latent-arithmetic";
    let page = Page::open("#latent-arithmetic", Gpu::None, Size::Projector).await;
    page.show(demo).await;
    let straight = page.readout(demo, "path_length").await;
    let highest = -(2.0 * std::f64::consts::PI).ln(); // log N(0; 0, I) in two dimensions
    assert!(straight > 0.0 && page.readout(demo, "lowest_log_prior").await <= highest);
    page.set(demo, "path", "spherical").await;
    let round = changed(&page, demo, "path_length", straight).await;
    assert!(round >= straight - 1e-9, "no way is shorter than the straight one: {round} against {straight}");
    page.set(demo, "path", "linear").await;
    let back = changed(&page, demo, "path_length", round).await;
    assert_eq!(back, straight);
    page.set(demo, "steps", "20").await;
    page.until("the address follows", "return location.hash.includes('steps=20')").await;
    assert!((page.readout(demo, "path_length").await - straight).abs() < 1e-9, "more steps, the same way");
    assert!(page.readout(demo, "drawing_kl").await.is_nan(), "nothing is drawn yet");
    for down in [0.2, 0.4, 0.6, 0.8] {
        press_at(&page, demo, "pad", (0.55, down)).await;
    }
    page.until(
        "the drawing is encoded",
        &format!(
            "return document.querySelector('[data-demo=\"{demo}\"] [data-readout=\"drawing_kl\"]').dataset.value > 0"
        ),
    )
    .await;
    assert!(page.readout(demo, "drawing_reconstruction").await < 0.0, "a Bernoulli log likelihood");
    page.keep("latent-arithmetic-drawn").await;
    page.close().await;
}

/// Presses points of the moons until one more carries a label, then the same point again.
#[tokio::test]
async fn a_pressed_moon_point_gets_its_label() {
    let demo = "m2";
    let page = Page::open("#m2?data=moons&labels_per_class=1", Gpu::None, Size::Projector).await;
    page.show(demo).await;
    let begin = page.readout(demo, "labelled").await;
    assert_eq!(begin, 2.0, "one label per class");
    let mut pressed = None;
    for place in [(0.41, 0.3), (0.45, 0.28), (0.35, 0.33), (0.6, 0.62), (0.65, 0.62), (0.75, 0.5)] {
        press_at(&page, demo, "data", place).await;
        page.script("return new Promise((done) => setTimeout(() => done(true), 400))").await;
        if page.readout(demo, "labelled").await > begin {
            pressed = Some(place);
            break;
        }
    }
    let place = pressed.expect("one of these presses meets a point");
    let clicked = page.script("return location.hash.includes('labels=')").await;
    assert_eq!(clicked, json!(true), "the address carries the labels");
    assert_eq!(page.readout(demo, "labelled").await, begin + 1.0);
    press_at(&page, demo, "data", place).await;
    changed(&page, demo, "labelled", begin + 1.0).await;
    assert_eq!(page.readout(demo, "labelled").await, begin, "pressed again, the label is taken away");
    page.press(demo, "play").await;
    page.until(
        "60 steps",
        &format!(
            "return Number(document.querySelector('[data-demo=\"{demo}\"] [data-readout=\"step\"]').dataset.value) > 60"
        ),
    )
    .await;
    page.press(demo, "pause").await;
    page.wait_for(demo, "paused").await;
    page.keep("m2-moons").await;
    page.close_allowing("No available adapters").await;
}
