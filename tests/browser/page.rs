//! The page itself: it loads, says nothing on the console, stays at home, and keeps what was set.

use serde_json::json;
use tests::{Gpu, Page, Size};

#[tokio::test]
async fn it_loads_under_a_sub_path_without_a_console_message_or_a_foreign_request() {
    let page = Page::open("", Gpu::None, Size::Projector).await;
    for equation in 1..=21 {
        assert_eq!(
            page.script(&format!("return !!document.getElementById('eq-{equation}')")).await,
            json!(true),
            "({equation})"
        );
    }
    assert_eq!(page.script("return document.querySelectorAll('math').length > 200").await, json!(true));
    let foreign = page
        .script("return performance.getEntriesByType('resource').map((e) => e.name).filter((n) => !n.startsWith(location.origin) && !n.startsWith('blob:'))")
        .await;
    assert_eq!(foreign, json!([]));
    page.keep("top-light").await;
    page.close().await;
}

/// Every demo shows its first figure when it comes into view; nothing fails, nothing scrolls sideways.
#[tokio::test]
async fn every_demo_shows_a_first_figure_on_a_projector_and_on_a_phone() {
    for (size, name) in [(Size::Projector, "projector"), (Size::Phone, "phone")] {
        let page = Page::open("", Gpu::None, size).await;
        for demo in lecture::demos() {
            page.show(demo.name).await;
            assert_ne!(page.state(demo.name).await, "failed", "{}: {}", demo.name, page.notes(demo.name).await);
            for scheme in ["light", "dark"] {
                page.scheme(scheme).await;
                page.keep(&format!("{}-{name}-{scheme}", demo.name)).await;
            }
        }
        let wider =
            page.script("return document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
        assert_eq!(wider, json!(0), "{name} scrolls sideways");
        page.close().await;
    }
}

#[tokio::test]
async fn the_address_carries_the_state_and_mends_what_is_out_of_range() {
    let page = Page::open("#gradient-variance?theta=4&repeats=20&seed=7", Gpu::None, Size::Projector).await;
    let demo = "gradient-variance";
    page.show(demo).await;
    let value = |name: &str| format!("return document.querySelector('[data-demo=\"{demo}\"] [name=\"{name}\"]').value");
    assert_eq!(page.script(&value("theta")).await, json!("4"));
    assert_eq!(page.script(&value("repeats")).await, json!("20"));
    page.set(demo, "theta", "5").await;
    page.until("the address follows", "return location.hash.includes('theta=5') && location.hash.includes('seed=7')")
        .await;

    page.go("#gradient-variance?theta=1000&repeats=20").await;
    page.show(demo).await;
    assert_eq!(page.script(&value("theta")).await, json!("20"));
    assert!(page.notes(demo).await.contains("1000"), "the mending is told: {}", page.notes(demo).await);

    page.go("#no-such-demo?x=1").await;
    page.show(demo).await;
    page.close().await;
}

#[tokio::test]
async fn presenting_shows_one_slide_and_nothing_scrolls() {
    let page = Page::open("", Gpu::None, Size::Projector).await;
    page.script("document.querySelector('[data-action=\"lectern\"]').click()").await;
    page.until("presenting", "return document.documentElement.dataset.mode === 'lectern'").await;
    let visible = "return [...document.querySelectorAll('.slide')].filter((s) => s.offsetParent !== null || s.getClientRects().length).length";
    assert_eq!(page.script(visible).await, json!(1));
    page.keep("lectern").await;
    page.script("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape', bubbles: true}))").await;
    page.until("back on the page", "return document.documentElement.dataset.mode !== 'lectern'").await;
    page.close().await;
}
