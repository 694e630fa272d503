//! A headless Chromium, one for each point.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use thirtyfour::ChromiumLikeCapabilities;
use thirtyfour::prelude::*;

/// The longest that a point may take: a software WebGPU compiles for a minute.
const PATIENCE: Duration = Duration::from_secs(300);

/// Serves a folder on the loopback address until the process ends. Returns its address.
pub(crate) fn serve(folder: &Path) -> Result<String> {
    let folder = Arc::<Path>::from(folder);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}/", listener.local_addr()?);
    std::thread::spawn(move || {
        server::run(listener, move |request| {
            let folder = Arc::clone(&folder);
            async move { server::file(&folder, request).await }
        })
    });
    Ok(address)
}

/// A browser and its driver.
pub(crate) struct Browser {
    pub(crate) driver: WebDriver,
    process: Child,
}

impl Browser {
    /// # Errors
    /// When the browser or its driver does not start.
    pub(crate) async fn open(software_gpu: bool) -> Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut process = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("chromedriver is not on the path (Debian: apt-get install chromium chromium-driver)")?;
        let since = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if since.elapsed() > Duration::from_secs(20) {
                process.kill().ok();
                anyhow::bail!("chromedriver does not answer");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let mut capabilities = DesiredCapabilities::chrome();
        for argument in ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"]
        {
            capabilities.add_arg(argument)?;
        }
        if software_gpu {
            capabilities.add_arg("--enable-unsafe-webgpu")?;
            capabilities.add_arg("--use-webgpu-adapter=swiftshader")?;
        }
        let driver = match WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities).await {
            Ok(driver) => driver,
            Err(error) => {
                process.kill().ok();
                return Err(error).context("Chromium does not start");
            }
        };
        driver.set_script_timeout(PATIENCE).await?;
        Ok(Self { driver, process })
    }

    /// Its version.
    pub(crate) async fn version(&self) -> String {
        let agent = self.driver.execute("return navigator.userAgent", Vec::new()).await;
        let agent = agent.ok().and_then(|agent| agent.json().as_str().map(str::to_owned)).unwrap_or_default();
        agent.split_whitespace().find(|word| word.contains("Chrome/")).unwrap_or("Chromium").to_owned()
    }

    /// What a fresh worker answers. `told` goes to it as its only message.
    ///
    /// # Errors
    /// The worker's own sentence, or that it did not answer.
    pub(crate) async fn worker(&self, address: &str, script: &str, told: Value) -> Result<Value> {
        self.driver.goto(format!("{address}measure.html")).await?;
        let run = "const [script, told, done] = arguments;
            const worker = new Worker(script, { type: 'module' });
            const end = (answer) => { worker.terminate(); done(answer); };
            worker.onmessage = ({ data }) => end(data);
            worker.onerror = (event) => { event.preventDefault(); end({ error: event.message || 'the worker could not be loaded' }); };
            worker.postMessage(told);";
        let answer = self.driver.execute_async(run, vec![format!("{address}{script}").into(), told]).await?;
        let answer = answer.json().clone();
        let error = answer["error"].as_str().map(str::to_owned);
        ensure!(error.is_none(), "{}", error.unwrap_or_default());
        Ok(answer)
    }

    /// Ends both.
    pub(crate) async fn close(mut self) {
        self.driver.quit().await.ok();
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
