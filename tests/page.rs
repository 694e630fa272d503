//! The page in a headless Chromium, used as a person would use it.

use std::io::{Read, Write};
use std::mem::ManuallyDrop;
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::prelude::*;
use thirtyfour::{ChromiumLikeCapabilities, LoggingPrefsLogLevel};

use crate::server::Server;

/// How long a person would wait at most; software WebGPU on two cores compiles its shaders for minutes.
const PATIENCE: Duration = Duration::from_secs(240);

/// Which WebGPU the browser has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gpu {
    /// `navigator.gpu` without an adapter, as on many Linux machines.
    None,
    /// The software adapter.
    Software,
}

/// The window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// A projector.
    Projector,
    /// A phone.
    Phone,
}

/// A page in its own browser. [`Page::close`] reads the console and ends both.
pub struct Page {
    /// The WebDriver session; [`Page`]'s own drop ends it where a test fails.
    pub driver: ManuallyDrop<WebDriver>,
    /// Where the page is.
    pub address: String,
    chromedriver: Child,
    port: u16,
}

impl Page {
    /// Opens the page at a hash, such as `#vae?seed=3`.
    ///
    /// # Panics
    /// When the browser or its driver does not start.
    pub async fn open(hash: &str, gpu: Gpu, size: Size) -> Self {
        let server = Server::start();
        let (chromedriver, port) = chromedriver();
        let (width, height) = if size == Size::Phone { (390, 844) } else { (1280, 720) };
        let mut arguments = vec![
            "--headless=new".to_owned(),
            "--no-sandbox".into(),
            "--disable-dev-shm-usage".into(),
            "--disable-background-networking".into(),
            "--disable-component-update".into(),
            "--disable-sync".into(),
            "--no-first-run".into(),
            format!("--window-size={width},{height}"),
        ];
        if gpu == Gpu::None {
            arguments.push("--disable-gpu".into());
        } else {
            arguments.extend(["--enable-unsafe-webgpu".to_owned(), "--use-webgpu-adapter=swiftshader".into()]);
        }
        let mut capabilities = DesiredCapabilities::chrome();
        for argument in arguments {
            capabilities.add_arg(&argument).expect("a plain argument");
        }
        capabilities.set_browser_log_level(LoggingPrefsLogLevel::All).expect("a known level");
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await.expect("Chromium starts");
        driver.set_page_load_timeout(Duration::from_secs(25)).await.expect("a time limit for loading");
        let page = Self { driver: ManuallyDrop::new(driver), address: server.address, chromedriver, port };
        page.go(hash).await;
        page
    }

    /// Goes to a hash of the page, loading it anew.
    pub async fn go(&self, hash: &str) {
        self.driver.goto("about:blank").await.expect("a blank page");
        // A headless renderer hangs now and then before it has asked for anything: that is not the page's fault.
        let mut loaded = self.driver.goto(format!("{}{hash}", self.address)).await;
        for _ in 0..3 {
            if loaded.is_ok() {
                break;
            }
            self.driver.goto("about:blank").await.ok();
            loaded = self.driver.goto(format!("{}{hash}", self.address)).await;
        }
        loaded.expect("the page loads");
        self.until("the page has started", "return document.querySelector('[data-demo] [data-action]')").await;
    }

    /// Runs a script and gives its value.
    pub async fn script(&self, script: &str) -> Value {
        self.driver.execute(script, Vec::new()).await.expect("the script runs").json().clone()
    }

    /// Waits until a script gives something true, and gives it.
    ///
    /// # Panics
    /// When it takes longer than a person would wait.
    pub async fn until(&self, what: &str, script: &str) -> Value {
        let since = Instant::now();
        loop {
            let value = self.script(script).await;
            if !matches!(value, Value::Null | Value::Bool(false)) && value != json!(0) && value != json!("") {
                if since.elapsed() > Duration::from_secs(5) {
                    println!("waited {:.0?} until {what}", since.elapsed());
                }
                return value;
            }
            assert!(since.elapsed() < PATIENCE, "waited {PATIENCE:?} until {what}\n{:?}", self.console().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Brings a demo into view and waits until it shows its first state.
    pub async fn show(&self, demo: &str) {
        self.script(&format!("document.querySelector('[data-demo=\"{demo}\"]').scrollIntoView({{block: 'start'}})"))
            .await;
        self.until(
            &format!("{demo} shows its first figure"),
            &format!(
                "const demo = document.querySelector('[data-demo=\"{demo}\"]'); return !['loading', undefined].includes(demo.dataset.state) && [...demo.querySelectorAll('canvas')].some((canvas) => canvas.getAttribute('aria-label'))"
            ),
        )
        .await;
    }

    /// Presses a button of a demo.
    pub async fn press(&self, demo: &str, action: &str) {
        self.until(
            &format!("{demo} offers {action}"),
            &format!("const button = document.querySelector('[data-demo=\"{demo}\"] [data-action=\"{action}\"]'); if (!button || button.hidden || button.disabled) return false; button.click(); return true"),
        )
        .await;
    }

    /// Sets a control to a value, as typing it and leaving the field does.
    pub async fn set(&self, demo: &str, control: &str, value: &str) {
        let set = self
            .script(&format!(
                "const input = document.querySelector('[data-demo=\"{demo}\"] [name=\"{control}\"]'); if (!input) return false; if (input.type === 'checkbox') {{ input.checked = '{value}' !== '0' }} else {{ input.value = '{value}' }} input.dispatchEvent(new Event('input', {{bubbles: true}})); input.dispatchEvent(new Event('change', {{bubbles: true}})); return true"
            ))
            .await;
        assert_eq!(set, Value::Bool(true), "{demo} has a control {control}");
    }

    /// The state word of a demo.
    pub async fn state(&self, demo: &str) -> String {
        let state =
            self.script(&format!("return document.querySelector('[data-demo=\"{demo}\"]').dataset.state")).await;
        state.as_str().unwrap_or_default().to_owned()
    }

    /// Waits for a state of a demo; a failure ends the wait with the page's own sentence.
    pub async fn wait_for(&self, demo: &str, state: &str) {
        let script = format!(
            "const demo = document.querySelector('[data-demo=\"{demo}\"]'); return ['{state}', 'failed'].includes(demo.dataset.state) ? demo.dataset.state : false"
        );
        let reached = self.until(&format!("{demo} is {state}"), &script).await;
        assert_eq!(reached, json!(state), "{demo}: {}", self.notes(demo).await);
    }

    /// What a demo says in sentences.
    pub async fn notes(&self, demo: &str) -> String {
        let script = format!("return document.querySelector('[data-demo=\"{demo}\"] .notes')?.textContent ?? ''");
        self.script(&script).await.as_str().unwrap_or_default().to_owned()
    }

    /// A read-out in full precision; not a number while it is not known.
    pub async fn readout(&self, demo: &str, name: &str) -> f64 {
        let script = format!(
            "const output = document.querySelector('[data-demo=\"{demo}\"] [data-readout=\"{name}\"]'); return output ? (output.dataset.value ?? output.getAttribute('value') ?? '') : null"
        );
        match self.script(&script).await {
            Value::String(text) => text.parse().unwrap_or(f64::NAN),
            Value::Null => panic!("{demo} has no read-out {name}"),
            other => panic!("{demo} {name} holds {other}"),
        }
    }

    /// Several read-outs of one and the same picture, in full precision: values, then their standard errors (0 where a
    /// number is exact). Read one by one they might come from two pictures, with a step between.
    pub async fn readouts<const N: usize>(&self, demo: &str, names: [&str; N]) -> ([f64; N], [f64; N]) {
        let script = format!(
            "const find = (name) => document.querySelector(`[data-demo=\"{demo}\"] [data-readout=\"${{name}}\"]`)?.dataset; return {}.map((name) => [find(name)?.value ?? '', find(name)?.error || '0'])",
            json!(names.as_slice())
        );
        let found = self.script(&script).await;
        let number = |place: usize, of: usize| found[place][of].as_str().and_then(|text| text.parse().ok());
        let column = |of: usize| std::array::from_fn(|place| number(place, of).unwrap_or(f64::NAN));
        (column(0), column(1))
    }

    /// Steps a paused run until it has made this many updates.
    pub async fn step_to(&self, demo: &str, steps: u32) {
        for step in 1..=steps {
            self.press(demo, "step").await;
            let reached = format!(
                "return Number(document.querySelector('[data-demo=\"{demo}\"] [data-readout=\"step\"]').dataset.value) >= {step} || document.querySelector('[data-demo=\"{demo}\"]').dataset.state === 'failed'"
            );
            self.until(&format!("{demo} has made step {step}"), &reached).await;
        }
        assert_ne!(self.state(demo).await, "failed", "{}", self.notes(demo).await);
    }

    /// Keeps a picture of what is on screen in `tests/artefacts/`.
    pub async fn keep(&self, name: &str) {
        let folder = crate::root().join("tests/artefacts");
        std::fs::create_dir_all(&folder).expect("the artefacts' folder");
        tokio::time::sleep(Duration::from_millis(300)).await;
        self.driver.screenshot(&folder.join(format!("{name}.png"))).await.expect("a screenshot");
    }

    /// Ends the browser's GPU process, as a driver's reset does: every WebGPU device of the page is lost.
    pub async fn lose_the_gpu(&self) {
        self.driver.cdp().send_raw("Browser.crashGpuProcess", json!({})).await.expect("Chromium ends its GPU process");
    }

    /// Sets light or dark, as the system's setting would.
    pub async fn scheme(&self, scheme: &str) {
        self.script(&format!("document.documentElement.dataset.theme = '{scheme}'")).await;
    }

    /// Every console message so far, the workers' too.
    pub async fn console(&self) -> Vec<String> {
        let entries = self.driver.browser_log().await.unwrap_or_default();
        entries.into_iter().map(|entry| format!("{entry:?}")).collect()
    }

    /// Ends the browser; the console must be empty.
    ///
    /// # Panics
    /// When it is not.
    pub async fn close(self) {
        let console = self.console().await;
        self.close_with(console).await;
    }

    /// As [`Page::close`], leaving out messages that contain a text the browser itself writes.
    pub async fn close_allowing(self, allowed: &str) {
        let console = self.console().await.into_iter().filter(|message| !message.contains(allowed)).collect();
        self.close_with(console).await;
    }

    /// Asks the driver to end the browser, without the runtime, which a panic may have ended.
    fn end_session(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let session = self.driver.session_id();
        write!(stream, "DELETE /session/{session} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        stream.read_to_end(&mut Vec::new()).map(drop)
    }

    async fn close_with(mut self, console: Vec<String>) {
        let quit = WebDriver::clone(&self.driver).quit().await;
        let _ = self.chromedriver.kill();
        let _ = self.chromedriver.wait();
        quit.expect("the browser ends");
        assert!(console.is_empty(), "the console should be empty:\n{}", console.join("\n"));
    }
}

impl Drop for Page {
    /// A failed test leaves no browser behind: it would go on training, on the cores that the next tests need.
    fn drop(&mut self) {
        if self.chromedriver.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _ = self.end_session();
        }
        let _ = self.chromedriver.kill();
        let _ = self.chromedriver.wait();
    }
}

/// A driver on a free port of its own.
fn chromedriver() -> (Child, u16) {
    let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let port = free.expect("a free port on loopback").port();
    let child = Command::new("chromedriver")
        .arg(format!("--port={port}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver is on the path (Debian: apt-get install chromium chromium-driver)");
    let since = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(since.elapsed() < Duration::from_secs(20), "chromedriver does not answer");
        std::thread::sleep(Duration::from_millis(50));
    }
    (child, port)
}
