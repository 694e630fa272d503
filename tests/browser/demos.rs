//! Every other demo, used: a control moved, the run let go, the read-outs checked against their formulas.

use tests::{Gpu, Page, Size};

fn step_beyond(demo: &str, least: u32) -> String {
    format!(
        "return Number(document.querySelector('[data-demo=\"{demo}\"] [data-readout=\"step\"]').dataset.value) > {least}"
    )
}

/// Plays a training past some steps and pauses it.
async fn train(page: &Page, demo: &str, steps: u32) {
    page.press(demo, "play").await;
    page.until(&format!("{demo} has made {steps} steps"), &step_beyond(demo, steps)).await;
    page.press(demo, "pause").await;
    page.wait_for(demo, "paused").await;
}

fn close(a: f64, b: f64, within: f64, what: &str) {
    assert!((a - b).abs() <= within, "{what}: {a} against {b}");
}

#[tokio::test]
async fn the_gap_of_slide_1_3_closes_at_the_posterior() {
    let demo = "elbo";
    let page = Page::open("#elbo", Gpu::None, Size::Projector).await;
    page.show(demo).await;
    let of = async |name: &str| page.readout(demo, name).await;
    close(of("elbo").await, of("term_2").await + of("term_3").await + of("term_4").await, 1e-9, "(2) + (3) + (4)");
    close(of("gap").await, of("log_px").await - of("elbo").await, 1e-9, "gap");
    let (posterior_mu, posterior_sigma) = (of("posterior_mu").await, of("posterior_sigma").await);
    page.set(demo, "mu_q", &posterior_mu.to_string()).await;
    page.set(demo, "sigma_q", &posterior_sigma.to_string()).await;
    page.until(
        "the gap has closed",
        &format!("return Number(document.querySelector('[data-demo=\"{demo}\"] [data-readout=\"gap\"]').dataset.value) < 1e-6"),
    )
    .await;
    // Play on Auto asks for an adapter; Chromium itself logs that it has none.
    page.close_allowing("No available adapters").await;
}

#[tokio::test]
async fn the_linear_vae_reaches_the_exact_maximum() {
    let demo = "linear-vae";
    let page = Page::open("#linear-vae", Gpu::None, Size::Projector).await;
    page.show(demo).await;
    train(&page, demo, 1500).await;
    let gap = page.readout(demo, "gap").await;
    assert!((0.0..0.01).contains(&gap), "{gap} nats per image are missing");
    assert!(page.readout(demo, "max_angle_deg").await < 1.0);
    let (collapsed, predicted) =
        (page.readout(demo, "collapsed").await, page.readout(demo, "collapsed_predicted").await);
    close(collapsed, predicted, 0.0, "collapsed directions");
    page.keep("linear-vae-trained").await;
    // Play on Auto asks for an adapter; Chromium itself logs that it has none.
    page.close_allowing("No available adapters").await;
}

#[tokio::test]
async fn the_three_quantities_of_slide_3_1_add_up() {
    let demo = "mi-bound";
    let page = Page::open("#mi-bound", Gpu::None, Size::Projector).await;
    page.show(demo).await;
    for spread in ["0.5", "2"] {
        page.set(demo, "spread", spread).await;
        page.until("the address follows", &format!("return location.hash.includes('spread={spread}')")).await;
        page.until(
            "the picture follows",
            "return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))",
        )
        .await;
        let (kl, mi, marginal) = (
            page.readout(demo, "kl").await,
            page.readout(demo, "exact_mi").await,
            page.readout(demo, "exact_marginal_kl").await,
        );
        close(kl, mi + marginal, 1e-6, "(17)");
        assert!(0.0 <= mi && mi <= page.readout(demo, "log_n").await + 1e-9 && mi <= kl + 1e-9);
    }
    // Play on Auto asks for an adapter; Chromium itself logs that it has none.
    page.close_allowing("No available adapters").await;
}

#[tokio::test]
async fn a_large_beta_collapses_the_posterior() {
    let demo = "posterior-collapse";
    let page = Page::open("#posterior-collapse?beta=20", Gpu::None, Size::Projector).await;
    page.show(demo).await;
    train(&page, demo, 600).await;
    let (kl, collapsed) = (page.readout(demo, "kl").await, page.readout(demo, "collapsed").await);
    assert!(collapsed > 0.9 && kl < 0.5, "{collapsed} of the dimensions, KL {kl}");
    // Play on Auto asks for an adapter; Chromium itself logs that it has none.
    page.close_allowing("No available adapters").await;
}

#[tokio::test]
async fn the_three_terms_of_21_are_the_elbo_of_19() {
    let demo = "elbo-surgery";
    let page = Page::open("#elbo-surgery", Gpu::None, Size::Projector).await;
    page.show(demo).await;
    train(&page, demo, 100).await;
    let names = ["reconstruction", "mi", "marginal_kl", "elbo", "log_n", "residual"];
    let ([reconstruction, mi, marginal_kl, elbo, log_n, residual], errors) = page.readouts(demo, names).await;
    let sum = reconstruction - mi - marginal_kl;
    close(elbo - sum, residual, 1e-9, "the residual shown");
    close(sum, elbo, 5.0 * errors[5], "(21) against (19), within five standard errors of their difference");
    assert!(errors[5] > 0.0 && mi >= 0.0 && mi <= log_n);
    // Play on Auto asks for an adapter; Chromium itself logs that it has none.
    page.close_allowing("No available adapters").await;
}

#[tokio::test]
async fn a_smaller_omega_keeps_more_information() {
    let demo = "mi-objective";
    let page = Page::open("#mi-objective?omega=0", Gpu::None, Size::Projector).await;
    page.show(demo).await;
    train(&page, demo, 300).await;
    let names = ["mi", "compared_mi", "kl", "marginal_kl", "residual"];
    let ([mi, compared, kl, marginal_kl, residual], errors) = page.readouts(demo, names).await;
    assert!(mi > compared + 1.0, "I at omega 0: {mi}, at omega 1: {compared}");
    close((kl - mi - marginal_kl).abs(), residual.abs(), 1e-9, "the residual shown");
    close(kl, mi + marginal_kl, 5.0 * errors[4], "(17) on the trained model, within five standard errors");
    // Play on Auto asks for an adapter; Chromium itself logs that it has none.
    page.close_allowing("No available adapters").await;
}

#[tokio::test]
async fn unlabelled_digits_help_the_classifier() {
    let demo = "m2";
    let page = Page::open("#m2", Gpu::None, Size::Projector).await;
    page.show(demo).await;
    train(&page, demo, 700).await;
    let (m2, alone) = (page.readout(demo, "accuracy").await, page.readout(demo, "baseline_accuracy").await);
    assert!(m2 > alone + 0.03, "M2 {m2}, the labels alone {alone}");
    page.keep("m2-trained").await;
    // Play on Auto asks for an adapter; Chromium itself logs that it has none.
    page.close_allowing("No available adapters").await;
}

#[tokio::test]
async fn three_gradients_are_one_and_the_trained_model_answers() {
    let page = Page::open("#reparameterization?mu=0.7", Gpu::None, Size::Projector).await;
    let demo = "reparameterization";
    page.show(demo).await;
    let exact = page.readout(demo, "closed_form").await;
    close(page.readout(demo, "autodiff").await, exact, 1e-4, "autodiff");
    close(page.readout(demo, "finite_difference").await, exact, 1e-4, "finite difference");

    let demo = "generation";
    page.show(demo).await;
    close(page.readout(demo, "prior_gap").await, 0.137, 0.05, "KL[p(z)‖q(z)] of the page's own model");

    let demo = "amortized-inference";
    page.show(demo).await;
    train(&page, demo, 150).await;
    let names = ["amortized_elbo", "amortization_gap", "approximation_gap", "log_px"];
    let ([elbo, amortization, approximation, log_px], _) = page.readouts(demo, names).await;
    close(elbo + amortization + approximation, log_px, 1e-6, "log p(x) and what is missing to it");
    assert!(approximation > 0.0 && amortization > -1e-6);
    // Play on Auto asks for an adapter; Chromium itself logs that it has none.
    page.close_allowing("No available adapters").await;
}
