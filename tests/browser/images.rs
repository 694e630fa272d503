//! A person's own images in the browser: brought, refused, trained on, found again, forgotten.

use std::io::Write;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use tests::{Gpu, Page, Size};
use thirtyfour::By;

const DEMO: &str = "vae";
const OWN: &str = "#vae?data=own&architecture=convolutional&hidden=32&batch=32&device=cpu&seed=2";
const COUNT: usize = 600;
const SIDE: usize = 28;

/// The first embedded digits as IDX files of 28×28, every pixel between its four nearest of the 8×8: images, and their labels.
fn files() -> [Vec<u8>; 2] {
    let digits = data::Digits::load();
    let mut images = vec![0, 0, 8, 3];
    images.extend([COUNT, SIDE, SIDE].iter().flat_map(|&size| (size as u32).to_be_bytes()));
    // Where a pixel of the large image lies among those of the small one: the pixel before it, and how far beyond.
    let place = |large: usize| {
        let at = ((large as f32 + 0.5) * 8.0 / SIDE as f32 - 0.5).clamp(0.0, 6.999);
        (at as usize, at.fract())
    };
    for n in 0..COUNT {
        let image = digits.image(n);
        for pixel in 0..SIDE * SIDE {
            let ((row, down), (column, right)) = (place(pixel / SIDE), place(pixel % SIDE));
            let at = |row: usize, column: usize| image[8 * row + column];
            let above = at(row, column) * (1.0 - right) + at(row, column + 1) * right;
            let below = at(row + 1, column) * (1.0 - right) + at(row + 1, column + 1) * right;
            images.push((255.0 * (above * (1.0 - down) + below * down)) as u8);
        }
    }
    let mut labels = vec![0, 0, 8, 1];
    labels.extend((COUNT as u32).to_be_bytes());
    labels.extend(&digits.labels[..COUNT]);
    [images, labels]
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Files on the disk that the browser can be given.
fn on_disk(files: &[(&str, &[u8])]) -> String {
    let folder = std::env::temp_dir().join(format!("playground-images-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = |(name, bytes): &(&str, &[u8])| {
        let path: PathBuf = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    files.iter().map(path).collect::<Vec<_>>().join("\n")
}

async fn bring(page: &Page, paths: &str) {
    let input = page.driver.find(By::Css("[data-demo='vae'] [data-action='load-images']")).await.unwrap();
    input.send_keys(paths).await.unwrap();
}

/// What stands under the controls, the trouble included.
const SAID: &str = "return document.querySelector('[data-demo=\"vae\"] .images-line').innerText";

fn says(words: &str) -> String {
    format!("{SAID}.includes('{words}')")
}

fn notes_say(demo: &str, words: &str) -> String {
    format!("return document.querySelector('[data-demo=\"{demo}\"] .notes').textContent.includes('{words}')")
}

/// Keeps pictures of the demo's top and of its figures, in both schemes.
async fn keep(page: &Page, name: &str) {
    for scheme in ["light", "dark"] {
        // By the button, so that figures are drawn anew too.
        page.script(&format!(
            "const root = document.documentElement; if ((root.dataset.theme ?? 'light') !== '{scheme}') document.querySelector('[data-action=\"theme\"]').click()"
        ))
        .await;
        for (part, place) in [("line", ".images-line"), ("figures", "canvas[data-figure=\"latent\"]")] {
            page.script(&format!(
                "document.querySelector('[data-demo=\"{DEMO}\"] ' + '{place}').scrollIntoView({{block: 'center'}})"
            ))
            .await;
            page.keep(&format!("images-{name}-{part}-{scheme}")).await;
        }
    }
}

#[tokio::test]
async fn own_images_are_brought_trained_on_and_found_again() {
    let [images, labels] = files();
    let page = Page::open(&OWN.replace("data=own", "data=digits"), Gpu::None, Size::Projector).await;
    page.show(DEMO).await;
    page.step_to(DEMO, 2).await;
    assert_eq!(page.script(&says("None yet")).await, json!(true));

    // Files that cannot be used: a sentence, and the run stays as it was.
    let [cut, other] = [&images[..90_000], b"not an IDX file at all".as_slice()];
    for (name, bytes, words) in [
        ("cut.idx", cut, "damaged or incomplete"),
        ("cut.gz", &gzipped(&images)[..3000], "unpacked"),
        ("notes.txt", other, "two zero bytes"),
    ] {
        bring(&page, &on_disk(&[(name, bytes)])).await;
        page.until(&format!("{name} is refused"), &format!("{} && {}", says(words), says(name).replace("return ", "")))
            .await;
        assert_eq!(page.readout(DEMO, "step").await, 2.0);
        assert_eq!(page.state(DEMO).await, "paused");
    }
    page.keep("images-refused").await;

    // Both files at once, one of them gzipped, in any order.
    bring(&page, &on_disk(&[("labels-idx1-ubyte", &labels), ("images-idx3-ubyte.gz", &gzipped(&images))])).await;
    page.until("the images are named", &says("600 images of 28×28, labels 0 to 9.")).await;
    assert_eq!(page.readout(DEMO, "step").await, 2.0, "bringing images restarts nothing by itself");
    page.press(DEMO, "use-images").await;
    page.until("they are used", &notes_say(DEMO, "Your 600 images of 28×28: 480 to train on, 120 held out")).await;
    page.wait_for(DEMO, "idle").await;
    let begin = page.readout(DEMO, "heldout_elbo").await;
    page.step_to(DEMO, 3).await;
    page.press(DEMO, "play").await;
    page.until(
        "60 steps",
        "return Number(document.querySelector('[data-demo=\"vae\"] [data-readout=\"step\"]').dataset.value) > 60",
    )
    .await;
    page.press(DEMO, "pause").await;
    page.wait_for(DEMO, "paused").await;
    let trained = page.readout(DEMO, "heldout_elbo").await;
    assert!(trained > begin + 100.0, "from {begin} to {trained} nats");
    keep(&page, "own").await;

    // The slides after it run on the model and its images.
    for demo in ["generation", "latent-arithmetic"] {
        page.show(demo).await;
        page.until(&format!("{demo} uses the model"), &notes_say(demo, "you trained in 1.4")).await;
        page.keep(&format!("images-{demo}")).await;
    }
    let pad = "const pad = document.querySelector('canvas[data-figure=\"pad\"]'); pad.scrollIntoView({block: 'center'}); return true";
    page.script(pad).await;
    let pad = page.driver.find(By::Css("canvas[data-figure='pad']")).await.unwrap();
    page.driver
        .action_chain()
        .move_to_element_center(&pad)
        .click_and_hold()
        .move_by_offset(0, 60)
        .move_by_offset(0, 30)
        .release()
        .perform()
        .await
        .unwrap();
    page.until(
        "the drawing is encoded",
        "return Number(document.querySelector('[data-readout=\"drawing_kl\"]').dataset.value) > 0",
    )
    .await;
    let drawn = page
        .script("return document.querySelector('[data-demo=\"latent-arithmetic\"] input[name=\"drawing\"]').value.split(',').length")
        .await;
    assert_eq!(drawn, json!(SIDE * SIDE), "the pad has the side of the model's images");
    // 90 pixels down the screen in two jumps: one stroke without a gap.
    let inked = "const ink = document.querySelector('[data-demo=\"latent-arithmetic\"] input[name=\"drawing\"]').value.split(',').map((x) => Number(x.replace('−', '-'))); const rows = [...Array(28).keys()].filter((row) => ink.slice(28 * row, 28 * row + 28).some((x) => x > 0.9)); return rows.length > 6 && rows.length === rows.at(-1) - rows[0] + 1";
    assert_eq!(page.script(inked).await, json!(true), "the stroke has gaps");
    page.keep("images-pad").await;

    // The next visit finds images and model.
    page.go(OWN).await;
    page.show(DEMO).await;
    page.until("the images are there again", &says("600 images of 28×28")).await;
    page.until("and are used", &notes_say(DEMO, "Your 600 images")).await;
    page.wait_for(DEMO, "idle").await;
    assert_eq!(page.readout(DEMO, "heldout_elbo").await, begin, "the same seed and files begin the same run");
    page.show("generation").await;
    page.until("the model too", &notes_say("generation", "you trained in 1.4")).await;

    // Forgotten, the digits are back, and the slides after it fall back to the page's own model.
    page.show(DEMO).await;
    page.press(DEMO, "forget-images").await;
    page.until("the digits are back", &notes_say(DEMO, "embedded digits")).await;
    page.until("the line is empty", &says("None yet")).await;
    page.go("#generation?seed=1").await;
    page.show("generation").await;
    page.until("the model without its images is refused", &notes_say("generation", "they are not here")).await;
    page.until("the page’s own is used", &notes_say("generation", "own small model")).await;
    page.close().await;
}

/// The network is played by the test: MNIST's files are as the one known address would give them, or it does not answer.
#[tokio::test]
async fn mnist_is_fetched_when_asked_for_and_a_failure_changes_nothing() {
    let [images, labels] = files();
    let page = Page::open(OWN, Gpu::None, Size::Phone).await;
    page.show(DEMO).await;
    page.until("the person is told what to press", &notes_say(DEMO, "press Fetch MNIST")).await;
    page.script("window.asked = []; window.network = window.fetch; window.fetch = (address) => { asked.push(String(address)); return Promise.reject(new TypeError('no network')) }").await;
    page.press(DEMO, "fetch-images").await;
    page.until("a network that fails is told", &says("does not answer")).await;
    assert_eq!(page.state(DEMO).await, "idle");
    page.keep("images-phone-refused").await;

    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    page.script(&format!(
        "window.files = {{images: '{}', labels: '{}'}}; window.bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16)); window.fetch = async (address) => {{ asked.push(String(address)); return new Response(bytes(String(address).includes('images') ? files.images : files.labels)) }}",
        hex(&gzipped(&images)),
        hex(&gzipped(&labels))
    ))
    .await;
    page.press(DEMO, "fetch-images").await;
    page.until("the images are named", &says("600 images of 28×28, labels 0 to 9.")).await;
    page.until("and used at once, since the data were to be one's own", &notes_say(DEMO, "Your 600 images")).await;
    let asked = page.script("return [...new Set(asked)]").await;
    let from = "https://cdn.jsdelivr.net/gh/fgnt/mnist/";
    let expected = [format!("{from}train-images-idx3-ubyte.gz"), format!("{from}train-labels-idx1-ubyte.gz")];
    assert_eq!(asked, json!(expected));
    page.wait_for(DEMO, "idle").await;
    page.step_to(DEMO, 1).await;
    keep(&page, "phone").await;
    // Dropped images take the place of the fetched ones; nobody said what is on them.
    page.script("const dropped = new DataTransfer(); dropped.items.add(new File([bytes(files.images)], 'dropped.gz')); document.querySelector('[data-demo=\"vae\"] .images-line').dispatchEvent(new DragEvent('drop', {bubbles: true, cancelable: true, dataTransfer: dropped}))").await;
    page.until("dropped images are named", &says("600 images of 28×28, without labels.")).await;
    page.until("and used", &notes_say(DEMO, "nothing is coloured by class")).await;
    page.wait_for(DEMO, "idle").await;
    page.keep("images-dropped").await;
    let wider = page.script("return document.documentElement.scrollWidth - document.documentElement.clientWidth").await;
    assert_eq!(wider, json!(0), "the line scrolls sideways");
    page.close().await;
}
