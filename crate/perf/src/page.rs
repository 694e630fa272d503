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
    let all = kilobytes(site)?;
    let engines: f64 = found.iter().map(|(_, size)| size).sum();
    // Everything but the engines: a browser asks for all of it before a sketch is drawn, but for parts that weigh nothing.
    found.push(("kB before the first sketch".to_owned(), all - engines));
    Ok(found)
}

fn kilobytes(folder: &Path) -> Result<f64> {
    let mut sum = 0.0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let twin = |ending: &str| {
            path.with_file_name(format!("{}.{ending}", path.file_name().unwrap_or_default().to_string_lossy()))
        };
        if path.is_dir() {
            sum += kilobytes(&path)?;
        } else if path.extension().is_none_or(|ending| ending != "br" && ending != "gz") {
            let sent = [twin("br"), path.clone()].into_iter().find(|path| path.is_file()).unwrap_or(path);
            sum += fs::metadata(sent)?.len() as f64 / 1e3;
        }
    }
    Ok(sum)
}

/// Times of one visit.
pub(crate) async fn visit(address: &str) -> Result<Vec<(String, f64)>> {
    let browser = Browser::open(false).await?;
    let found = timed(&browser, address).await;
    browser.close().await;
    found
}

async fn timed(browser: &Browser, address: &str) -> Result<Vec<(String, f64)>> {
    let cdp = browser.driver.cdp();
    cdp.send_raw("Emulation.setCPUThrottlingRate", json!({ "rate": SLOWED })).await?;
    browser.driver.goto(format!("{address}site/index.html#elbo")).await?;
    let drawn = "[...document.querySelectorAll('[data-demo=\"elbo\"] canvas')].some((canvas) => canvas.getAttribute('aria-label'))";
    let sketch = until(browser, drawn).await?;
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
