//! Slide 1.4 in the browser: the VAE on the CPU and on WebGPU.

use tests::{Gpu, Page, Size};

const DEMO: &str = "vae";

#[tokio::test]
async fn it_plays_pauses_steps_and_reset_repeats_the_run_exactly() {
    let page = Page::open("#vae?seed=3&device=cpu", Gpu::None, Size::Projector).await;
    page.show(DEMO).await;
    let begin = page.readout(DEMO, "heldout_elbo").await;
    page.step_to(DEMO, 10).await;
    let ten = page.readout(DEMO, "elbo").await;
    page.press(DEMO, "play").await;
    page.wait_for(DEMO, "running").await;
    let passed = format!(
        "return Number(document.querySelector('[data-demo=\"{DEMO}\"] [data-readout=\"step\"]').dataset.value) > 300"
    );
    page.until("300 steps", &passed).await;
    page.press(DEMO, "pause").await;
    page.wait_for(DEMO, "paused").await;
    let trained = page.readout(DEMO, "heldout_elbo").await;
    assert!(trained > begin + 15.0, "from {begin} to {trained} nats");
    assert!(page.readout(DEMO, "heldout_log_px").await > trained - 2.0);
    assert!(page.readout(DEMO, "steps_per_second").await > 0.0);
    page.keep("vae-trained-light").await;
    page.scheme("dark").await;
    page.keep("vae-trained-dark").await;

    page.press(DEMO, "reset").await;
    page.until("back at step 0", &passed.replace("> 300", "=== 0")).await;
    page.step_to(DEMO, 10).await;
    assert_eq!(page.readout(DEMO, "elbo").await, ten, "the same seed gives the same run");
    page.close().await;
}

#[tokio::test]
async fn learning_rate_and_beta_act_during_the_run() {
    let page = Page::open("#vae?seed=3&device=cpu", Gpu::None, Size::Projector).await;
    page.show(DEMO).await;
    page.press(DEMO, "play").await;
    let step = |least: u32| {
        format!(
            "return Number(document.querySelector('[data-demo=\"{DEMO}\"] [data-readout=\"step\"]').dataset.value) > {least}"
        )
    };
    page.until("150 steps", &step(150)).await;
    page.set(DEMO, "beta", "10").await;
    page.until("450 steps", &step(450)).await;
    let squeezed = page.readout(DEMO, "kl").await;
    page.set(DEMO, "beta", "0").await;
    page.until("900 steps", &step(900)).await;
    let free = page.readout(DEMO, "kl").await;
    assert!(squeezed < 1.0 && free > squeezed + 1.0, "KL {squeezed} at beta 10, {free} at beta 0");
    page.press(DEMO, "pause").await;
    page.close().await;
}

/// The same seed on both devices: the same data, batches, weights and noise, so the same losses up to rounding.
#[tokio::test]
async fn webgpu_and_the_cpu_give_the_same_losses() {
    let mut losses = Vec::new();
    for device in ["cpu", "webgpu"] {
        let hash = format!("#vae?seed=5&hidden=32&batch=32&device={device}");
        let page = Page::open(&hash, Gpu::Software, Size::Projector).await;
        page.show(DEMO).await;
        page.step_to(DEMO, 5).await;
        let shown =
            page.script(&format!("return document.querySelector('[data-demo=\"{DEMO}\"] .device').textContent")).await;
        let expected = if device == "cpu" { "CPU" } else { "WebGPU" };
        assert!(shown.as_str().unwrap().contains(expected), "{shown}");
        losses.push([page.readout(DEMO, "elbo").await, page.readout(DEMO, "heldout_elbo").await]);
        page.keep(&format!("vae-{device}")).await;
        // Chromium itself warns that the software adapter is slow.
        page.close_allowing("WebGPU").await;
    }
    for (cpu, gpu) in losses[0].iter().zip(losses[1]) {
        assert!(((cpu - gpu) / cpu).abs() < 1e-3, "{cpu} on the CPU, {gpu} on WebGPU");
    }
}

/// Every other demo that may use WebGPU: all its numbers after some steps.
#[tokio::test]
async fn webgpu_and_the_cpu_give_the_same_numbers_in_every_demo() {
    for demo in ["likelihoods", "posterior-collapse", "elbo-surgery", "mi-objective", "m2"] {
        let mut numbers = Vec::new();
        for device in ["cpu", "webgpu"] {
            let page = Page::open(&format!("#{demo}?seed=5&device={device}"), Gpu::Software, Size::Projector).await;
            page.show(demo).await;
            page.step_to(demo, 5).await;
            let shown = format!(
                "return [...document.querySelectorAll('[data-demo=\"{demo}\"] [data-readout]')]
                    .map(({{ dataset }}) => [dataset.readout, Number(dataset.value)])
                    .filter(([name, value]) => name !== 'steps_per_second' && Number.isFinite(value))"
            );
            numbers.push(serde_json::from_value::<Vec<(String, f64)>>(page.script(&shown).await).unwrap());
            // Chromium itself warns that the software adapter is slow.
            page.close_allowing("WebGPU").await;
        }
        let [cpu, gpu] = &numbers[..] else { unreachable!() };
        assert!(cpu.len() > 3 && cpu.len() == gpu.len(), "{demo}: {cpu:?} {gpu:?}");
        for ((name, cpu), (_, gpu)) in cpu.iter().zip(gpu) {
            assert!(
                (cpu - gpu).abs() <= 1e-3 * cpu.abs().max(0.1),
                "{demo}, {name}: {cpu} on the CPU, {gpu} on WebGPU"
            );
        }
    }
}

/// The device goes away in the middle of a run: the page says so, and the CPU goes on from the last saved weights.
#[tokio::test]
async fn a_lost_device_is_told_and_the_cpu_goes_on() {
    let page = Page::open("#vae?seed=5&hidden=16&batch=16&device=webgpu", Gpu::Software, Size::Projector).await;
    page.show(DEMO).await;
    page.press(DEMO, "play").await;
    let step = "Number(document.querySelector('[data-demo=\"vae\"] [data-readout=\"step\"]').dataset.value)";
    page.until("some steps on WebGPU", &format!("return {step} > 3")).await;
    page.lose_the_gpu().await;
    let device = "document.querySelector('[data-demo=\"vae\"] .device').textContent";
    page.until("the CPU computes", &format!("return {device}.includes('CPU') && {step} > 40")).await;
    let notes = page.notes(DEMO).await;
    assert!(notes.contains("WebGPU failed") && notes.contains("Reset"), "{notes}");
    page.press(DEMO, "pause").await;
    page.wait_for(DEMO, "paused").await;
    // Chromium itself logs what became of the instance, and that the software adapter is slow.
    page.close_allowing("nstance").await;
}

#[tokio::test]
async fn without_an_adapter_the_cpu_computes_and_the_page_says_so() {
    let page = Page::open("#vae?device=webgpu&hidden=32", Gpu::None, Size::Projector).await;
    page.show(DEMO).await;
    page.step_to(DEMO, 2).await;
    let words = page.script(&format!("return document.querySelector('[data-demo=\"{DEMO}\"]').textContent")).await;
    let words = words.as_str().unwrap();
    assert!(words.contains("adapter") && words.contains("CPU"), "the fallback is told");
    // Chromium logs that it found no adapter when it is asked for one.
    page.close_allowing("adapter").await;
}

#[tokio::test]
async fn a_run_that_diverges_says_what_to_press_and_loses_nothing() {
    let page = Page::open("#vae?learning_rate=1&beta=10&device=cpu&hidden=32", Gpu::None, Size::Projector).await;
    page.show(DEMO).await;
    page.press(DEMO, "play").await;
    page.until(
        "the run has diverged",
        &format!("return document.querySelector('[data-demo=\"{DEMO}\"] .notes').textContent.includes('diverged')"),
    )
    .await;
    page.wait_for(DEMO, "paused").await;
    assert!(page.notes(DEMO).await.contains("learning rate"), "{}", page.notes(DEMO).await);
    assert!(page.readout(DEMO, "heldout_elbo").await.is_finite());
    // Reset with a rate that works begins anew.
    page.set(DEMO, "learning_rate", "0.002").await;
    page.set(DEMO, "beta", "1").await;
    page.press(DEMO, "reset").await;
    page.wait_for(DEMO, "idle").await;
    page.step_to(DEMO, 2).await;
    assert!(page.readout(DEMO, "heldout_elbo").await > -60.0);
    page.close().await;
}
