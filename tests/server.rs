//! A small server for the built site, under a sub-path as static hosts serve it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use tiny_http::{Header, Response};

/// The sub-path that the site is served from.
const UNDER: &str = "/courses/dre7053/";

/// A site served on loopback until the process ends.
pub struct Server {
    /// The page's address.
    pub address: String,
}

impl Server {
    /// Serves the built site.
    ///
    /// # Panics
    /// When the site has not been built or no port can be had.
    pub fn start() -> Self {
        let site = std::env::var_os("PLAYGROUND_DIST").map_or_else(|| crate::root().join("dist"), PathBuf::from);
        assert!(site.join("index.html").is_file(), "{} is not built: run cargo dist", site.display());
        let http = Arc::new(tiny_http::Server::http("127.0.0.1:0").expect("a free port on loopback"));
        let port = http.server_addr().to_ip().expect("an address with a port").port();
        for _ in 0..4 {
            let (http, site) = (Arc::clone(&http), site.clone());
            thread::spawn(move || {
                while let Ok(request) = http.recv() {
                    let path = request.url().split(['?', '#']).next().unwrap_or_default().to_owned();
                    // A browser that has gone away is no fault of the site.
                    let _ = match file(&site, &path) {
                        Some((bytes, kind)) => {
                            let header = Header::from_bytes("Content-Type", kind).expect("a plain header");
                            request.respond(Response::from_data(bytes).with_header(header))
                        }
                        None => request.respond(Response::empty(404)),
                    };
                }
            });
        }
        Self { address: format!("http://127.0.0.1:{port}{UNDER}") }
    }
}

fn file(site: &Path, path: &str) -> Option<(Vec<u8>, &'static str)> {
    let name = path.strip_prefix(UNDER)?;
    let name = if name.is_empty() { "index.html" } else { name };
    if name.split('/').any(|part| part == "..") {
        return None;
    }
    let kind = match name.rsplit('.').next()? {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript",
        "css" => "text/css",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    };
    Some((std::fs::read(site.join(name)).ok()?, kind))
}
