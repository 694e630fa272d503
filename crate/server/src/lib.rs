//! A folder served over HTTP on the loopback address, for `cargo serve` and for the browser tests.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "in a test a panic is the report"))]

use std::convert::Infallible;
use std::io;
use std::net::TcpListener;
use std::path::Path;

use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper::StatusCode;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderValue};
use hyper::http::uri::Authority;
use hyper_util::rt::TokioIo;
use tower_http::services::ServeDir;

/// A request; nothing here reads its body.
pub type Request = hyper::Request<Incoming>;
/// An answer: a text, or a file that is read while it is sent.
pub type Response = hyper::Response<UnsyncBoxBody<Bytes, io::Error>>;

/// Answers requests with `answer` until the process ends.
///
/// A request whose `Host` is no loopback name is refused: it comes from a page elsewhere whose name was made to point
/// to this machine (DNS rebinding). No browser keeps a copy of an answer.
///
/// # Errors
/// When the listener cannot be used.
pub fn run<F>(listener: TcpListener, answer: impl Fn(Request) -> F + Clone + Send + 'static) -> io::Result<Infallible>
where
    F: Future<Output = Response> + Send,
{
    listener.set_nonblocking(true)?;
    tokio::runtime::Builder::new_current_thread().enable_io().build()?.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            // A browser that goes away, here or in the middle of an answer, is no fault.
            let Ok((stream, _)) = listener.accept().await else {
                tokio::task::yield_now().await;
                continue;
            };
            let answer = answer.clone();
            let service = hyper::service::service_fn(move |request| {
                let answer = answer.clone();
                async move {
                    let mut response = if is_loopback(&request) { answer(request).await } else { misdirected() };
                    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
                    Ok::<_, Infallible>(response)
                }
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    })
}

/// The file that the request's path means under `root`; its brotli or gzip twin where there is one and the browser
/// takes it.
pub async fn file(root: &Path, request: Request) -> Response {
    let mut folder = ServeDir::new(root).precompressed_br().precompressed_gzip();
    match folder.try_call(request).await {
        Ok(response) => response.map(BodyExt::boxed_unsync),
        Err(error) => text(StatusCode::INTERNAL_SERVER_ERROR, "text/plain; charset=utf-8", error.to_string()),
    }
}

/// An answer that is a text of the media type `kind`.
pub fn text(status: StatusCode, kind: &'static str, text: String) -> Response {
    let mut response = Response::new(Full::from(text).map_err(|never| match never {}).boxed_unsync());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

fn is_loopback(request: &Request) -> bool {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
    host.is_some_and(|host| ["localhost", "127.0.0.1", "[::1]"].contains(&host.host()))
}

fn misdirected() -> Response {
    let sentence = "This server answers to localhost only.\n".to_owned();
    text(StatusCode::MISDIRECTED_REQUEST, "text/plain; charset=utf-8", sentence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, SocketAddr, TcpStream};
    use std::path::PathBuf;
    use std::sync::Arc;

    /// A site with a file outside it, served on a free port.
    fn served(name: &str) -> SocketAddr {
        let root: PathBuf = [env!("CARGO_MANIFEST_DIR"), "../../target/tests/server", name].iter().collect();
        let site = root.join("site");
        fs::create_dir_all(site.join("page")).unwrap();
        for (file, bytes) in [
            ("site/index.html", &b"<p>page"[..]),
            ("site/main.js", b"1"),
            ("site/page/page_bg.wasm", b"\0asm"),
            ("site/page/page_bg.wasm.br", b"br"),
            ("secret.txt", b"secret"),
        ] {
            fs::write(root.join(file), bytes).unwrap();
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let site: Arc<Path> = site.into();
        std::thread::spawn(move || {
            run(listener, move |request| {
                let site = Arc::clone(&site);
                async move { file(&site, request).await }
            })
        });
        address
    }

    /// The whole answer to a request with these header lines, in lower case.
    fn answer(address: SocketAddr, first: &str, headers: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "{first} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).to_lowercase()
    }

    #[test]
    fn files_have_the_types_that_browsers_insist_on() {
        let address = served("types");
        for (path, kind) in
            [("/", "text/html"), ("/main.js", "text/javascript"), ("/page/page_bg.wasm", "application/wasm")]
        {
            let answer = answer(address, &format!("GET {path}"), "Host: localhost:8080");
            assert!(
                answer.starts_with("http/1.1 200") && answer.contains(&format!("content-type: {kind}")),
                "{answer}"
            );
            assert!(answer.contains("cache-control: no-store") && !answer.contains("content-encoding"), "{answer}");
        }
        let answer = answer(address, "GET /page/page_bg.wasm", "Host: localhost\r\nAccept-Encoding: gzip, br");
        assert!(answer.contains("content-encoding: br") && answer.contains("type: application/wasm"), "{answer}");
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        let address = served("outside");
        for path in
            ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/page/../../secret.txt", "//etc/passwd"]
        {
            let answer = answer(address, &format!("GET {path}"), "Host: localhost");
            assert!(!answer.starts_with("http/1.1 200"), "{path}: {answer}");
        }
    }

    /// A server that makes room for the body that was announced ends here for want of memory.
    #[test]
    fn an_announced_body_costs_nothing() {
        let address = served("length");
        let answer = |headers: &str| answer(address, "GET /", headers);
        let announced = answer("Host: localhost\r\nContent-Length: 99999999999999");
        assert!(announced.starts_with("http/1.1 200"), "{announced}");
        assert!(answer("Host: localhost").starts_with("http/1.1 200"));
    }

    #[test]
    fn only_loopback_names_are_answered() {
        let address = served("host");
        for host in ["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080", "[::1]"] {
            let answer = answer(address, "GET /", &format!("Host: {host}"));
            assert!(answer.starts_with("http/1.1 200"), "{host}: {answer}");
        }
        for host in ["evil.example", "localhost.evil.example:8080", "127.0.0.1.evil.example", ""] {
            let answer = answer(address, "GET /", &format!("Host: {host}"));
            assert!(answer.starts_with("http/1.1 421"), "{host}: {answer}");
        }
        assert!(answer(address, "GET /", "Accept: */*").starts_with("http/1.1 421"));
    }
}
