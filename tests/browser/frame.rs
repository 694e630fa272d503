//! One animation frame from an event to its pixels.

use serde_json::json;
use tests::{Gpu, Page, Size};

/// Counts what is drawn on the canvases of a demo, and brings its first figure into view.
fn watched(demo: &str) -> String {
    format!(
        r#"const demo = document.querySelector('[data-demo="{demo}"]');
        demo.querySelector('canvas').scrollIntoView({{block: 'center', behavior: 'instant'}});
        let drawn = 0, last = 0;
        for (const name of ['clearRect', 'fillRect', 'fill', 'stroke', 'fillText', 'putImageData']) {{
            const real = CanvasRenderingContext2D.prototype[name];
            CanvasRenderingContext2D.prototype[name] = function (...given) {{
                const result = real.apply(this, given);
                if (demo.contains(this.canvas)) {{ drawn += 1; last = performance.now(); }}
                return result;
            }};
        }}
        const slider = demo.querySelector('input[type=range]');
        const settled = () => new Promise((done) => setTimeout(done, 300));
        const move = (share) => {{
            slider.value = Number(slider.min) + share * (Number(slider.max) - Number(slider.min));
            slider.dispatchEvent(new Event('input', {{bubbles: true}}));
        }};"#
    )
}

/// A frame asked for right after an event comes in the page's own frame, after what the page does in it.
#[tokio::test]
async fn a_sketch_is_drawn_in_the_frame_after_the_event() {
    for demo in ["elbo", "mi-bound"] {
        let page = Page::open("", Gpu::None, Size::Projector).await;
        page.show(demo).await;
        let script = format!(
            "{} return settled().then(() => new Promise((done) => {{
                drawn = 0;
                move(0.3);
                move(0.4);
                const at_once = drawn;
                requestAnimationFrame(() => done({{at_once, in_the_frame: drawn}}));
            }}))",
            watched(demo)
        );
        let seen = page.script(&script).await;
        assert_eq!(seen["at_once"], json!(0), "{demo} draws in its frame, not in the event");
        assert!(seen["in_the_frame"].as_u64() > Some(0), "{demo} is not drawn one frame after the event");
        page.close().await;
    }
}

/// A picture that is shown is drawn before the same callback ends.
#[tokio::test]
async fn a_snapshot_is_drawn_in_the_frame_that_decodes_it() {
    let page = Page::open("#vae?hidden=16&device=cpu", Gpu::None, Size::Projector).await;
    page.show("vae").await;
    let canvas = "const canvas = document.querySelector('[data-demo=\"vae\"] canvas');";
    page.script(&format!("{canvas} canvas.scrollIntoView({{block: 'center', behavior: 'instant'}})")).await;
    // Only what is on the screen is drawn.
    let inked =
        "canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((value) => value > 0)";
    page.until("the figure is drawn", &format!("{canvas} return {inked}")).await;
    page.script(
        "window.pictures = {shown: 0, drawn: 0};
        return import(new URL('page/page.js', document.baseURI)).then(({Picture}) => {
            const {readouts, draw} = Picture.prototype;
            let drawn = null;
            Picture.prototype.draw = function (...given) { drawn = this; return draw.apply(this, given) };
            Picture.prototype.readouts = function () {
                const text = readouts.apply(this);
                // Other demos, further down, get their first pictures meanwhile.
                if (JSON.parse(text).some(({name, value}) => name === 'step' && value > 0)) {
                    pictures.shown += 1;
                    queueMicrotask(() => (pictures.drawn += Number(drawn === this)));
                }
                return text;
            };
        })",
    )
    .await;
    page.press("vae", "play").await;
    page.until("some pictures", "return pictures.shown > 10").await;
    page.press("vae", "pause").await;
    page.wait_for("vae", "paused").await;
    let pictures = page.script("return pictures").await;
    assert_eq!(pictures["shown"], pictures["drawn"]);
    page.close().await;
}

/// From an event to the last pixel, in milliseconds, at any place between two frames. Not a check: `cargo test -- --ignored --nocapture`.
#[tokio::test]
#[ignore = "a measurement"]
async fn measure_event_to_pixels() {
    for demo in ["elbo", "mi-bound"] {
        let page = Page::open("", Gpu::None, Size::Projector).await;
        page.show(demo).await;
        let script = format!(
            "{} return (async () => {{
                const taken = [];
                await settled();
                for (let n = 0; n < 60; n += 1) {{
                    await new Promise((done) => setTimeout(done, 120 + 16 * Math.random()));
                    last = 0;
                    const begin = performance.now();
                    move((n % 10) / 10);
                    await new Promise((done) => setTimeout(done, 200));
                    taken.push(last - begin);
                }}
                return taken.sort((a, b) => a - b);
            }})()",
            watched(demo)
        );
        let taken: Vec<f64> = serde_json::from_value(page.script(&script).await).unwrap();
        println!(
            "{demo}: median {:.1} ms, worst {:.1} ms of {}",
            taken[taken.len() / 2],
            taken[taken.len() - 1],
            taken.len()
        );
        page.close().await;
    }
}
