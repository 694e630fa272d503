//! The built site, served under a sub-path as static hosts serve it.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
        let site = Arc::<Path>::from(site);
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on loopback");
        let port = listener.local_addr().expect("a port").port();
        std::thread::spawn(move || server::run(listener, move |request| answer(Arc::clone(&site), request)));
        Self { address: format!("http://127.0.0.1:{port}{UNDER}") }
    }
}

async fn answer(site: Arc<Path>, mut request: server::Request) -> server::Response {
    // Outside the sub-path there is nothing: an address that is not relative must fail.
    let inner = request.uri().path().strip_prefix(UNDER).unwrap_or("nothing-here");
    *request.uri_mut() = format!("/{inner}").parse().expect("a path under a path");
    server::file(&site, request).await
}
