//! The page as a person opens it: what it fetches, how soon it answers, how long its thread is busy.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::browser::Browser;

/// How much the browser's CPU is slowed down, as for a cheap laptop.
const SLOWED: f64 = 4.0;

/// Kilobytes of a site by what they are for: compressed where the site has compressed twins.
pub(crate) fn sizes(site: &Path) -> Result<Vec<(String, f64)>> {
    let engine = |name: &str| kilobytes(&site.join(name));
    let mut found = vec![("kB of the CPU engine".to_owned(), engine("engine-cpu")?)];
    if site.join("engine-gpu").is_dir() {
        found.push(("kB of the WebGPU engine".to_owned(), engine("engine-gpu")?));
    }
    Ok(found)
}

/// Kilobytes of files of a site, by their addresses.
fn fetched(site: &Path, addresses: &Value) -> Result<f64> {
    let mut sum = 0.0;
    for address in addresses.as_array().into_iter().flatten().filter_map(Value::as_str) {
        if let Some((_, path)) = address.split_once("/site/") {
            sum += sent(&site.join(path.split(['?', '#']).next().unwrap_or(path)))?;
        }
    }
    Ok(sum)
}

/// Kilobytes of a file as it is sent: compressed where it has a compressed twin.
fn sent(path: &Path) -> Result<f64> {
    let twin = path.with_file_name(format!("{}.br", path.file_name().unwrap_or_default().to_string_lossy()));
    let sent = if twin.is_file() { &twin } else { path };
    Ok(fs::metadata(sent)?.len() as f64 / 1e3)
}

fn kilobytes(folder: &Path) -> Result<f64> {
    let mut sum = 0.0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            sum += kilobytes(&path)?;
        } else if path.extension().is_none_or(|ending| ending != "br" && ending != "gz") {
            sum += sent(&path)?;
        }
    }
    Ok(sum)
}

/// Times of one visit.
pub(crate) async fn visit(address: &str, site: &Path) -> Result<Vec<(String, f64)>> {
    let browser = Browser::open(false).await?;
    let found = timed(&browser, address, site).await;
    browser.close().await;
    found
}

async fn timed(browser: &Browser, address: &str, site: &Path) -> Result<Vec<(String, f64)>> {
    let cdp = browser.driver.cdp();
    cdp.send_raw("Emulation.setCPUThrottlingRate", json!({ "rate": SLOWED })).await?;
    browser.driver.goto(format!("{address}site/index.html#elbo")).await?;
    let drawn = "[...document.querySelectorAll('[data-demo=\"elbo\"] canvas')].some((canvas) => canvas.getAttribute('aria-label'))";
    let sketch = until(browser, drawn).await?;
    let asked = "return [location.href, ...performance.getEntriesByType('resource').map(({ name }) => name)]";
    let before = fetched(site, &script(browser, asked).await?)?;
    browser.driver.goto("about:blank").await?;
    browser.driver.goto(format!("{address}site/index.html#vae?device=cpu")).await?;
    let play = "document.querySelector('[data-demo=\"vae\"] [data-action=\"play\"]')";
    until(browser, &format!("{play} && !{play}.disabled && ({play}.click(), true)")).await?;
    let step = "Number(document.querySelector('[data-demo=\"vae\"] [data-readout=\"step\"]')?.dataset.value) > 0";
    let first = until(browser, step).await?;
    cdp.send_raw("Emulation.setCPUThrottlingRate", json!({ "rate": 1 })).await?;
    // Loading is over: the longest task while the model trains.
    let observe = "window.longest = 0; new PerformanceObserver((list) => { for (const { duration } of list.getEntries()) window.longest = Math.max(window.longest, duration); }).observe({ type: 'longtask' })";
    browser.driver.execute(observe, Vec::new()).await?;
    tokio::time::sleep(Duration::from_secs(8)).await;
    let longest = script(browser, "return window.longest").await?.as_f64().unwrap_or(f64::NAN);
    Ok(vec![
        ("kB before the first sketch".to_owned(), before),
        ("ms to the first sketch, slowed fourfold".to_owned(), sketch),
        ("ms to the first VAE step, slowed fourfold".to_owned(), first),
        ("ms of the page's longest task while a VAE trains".to_owned(), longest),
    ])
}

/// The page's own time, in ms since it was asked for, when an expression first holds.
async fn until(browser: &Browser, holds: &str) -> Result<f64> {
    for _ in 0..6000 {
        let now = script(browser, &format!("return ({holds}) ? performance.now() : 0")).await?.as_f64().unwrap_or(0.0);
        if now > 0.0 {
            return Ok(now);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    ensure!(false, "the page never had: {holds}");
    Ok(f64::NAN)
}

async fn script(browser: &Browser, script: &str) -> Result<Value> {
    Ok(browser.driver.execute(script, Vec::new()).await?.json().clone())
}
