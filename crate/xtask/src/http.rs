//! The answer to one request: which file, of which kind, compressed how.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::files;

/// A small HTTP answer, before any server's own type.
pub(crate) struct Answer {
    /// The status code.
    pub(crate) status: u16,
    /// Header names and values.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The body, and its length in bytes.
    pub(crate) body: Box<dyn Read + Send>,
    /// See `body`.
    pub(crate) length: usize,
}

impl Answer {
    /// An answer that is a text.
    pub(crate) fn text(status: u16, kind: &'static str, text: String) -> Self {
        let headers = vec![("Content-Type", kind.to_owned()), ("Cache-Control", "no-cache".to_owned())];
        Self { status, headers, length: text.len(), body: Box::new(std::io::Cursor::new(text.into_bytes())) }
    }

    fn missing() -> Self {
        Self::text(404, "text/plain; charset=utf-8", "There is nothing at this address.\n".to_owned())
    }
}

/// What of a request's headers matters for a file.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    /// `Accept-Encoding`
    pub(crate) encodings: String,
    /// `If-None-Match`
    pub(crate) known: String,
}

/// The file at `address` under `root`, or a 404.
pub(crate) fn file(root: &Path, address: &str, wishes: &Wishes) -> Answer {
    let Some(path) = resolve(root, address) else {
        return Answer::missing();
    };
    let (served, encoding) = compressed(&path, &wishes.encodings);
    let (Ok(file), Ok(data)) = (File::open(&served), fs::metadata(&served)) else {
        return Answer::missing();
    };
    let age = data.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    let tag = format!("\"{:x}-{:x}\"", data.len(), age.as_nanos());
    let mut headers = vec![
        ("Content-Type", content_type(&path).to_owned()),
        ("Cache-Control", "no-cache".to_owned()),
        ("ETag", tag.clone()),
        ("Vary", "Accept-Encoding".to_owned()),
    ];
    if wishes.known.split(',').any(|known| known.trim() == tag) {
        return Answer { status: 304, headers, length: 0, body: Box::new(std::io::empty()) };
    }
    if let Some(encoding) = encoding {
        headers.push(("Content-Encoding", encoding.to_owned()));
    }
    let length = usize::try_from(data.len()).unwrap_or(usize::MAX);
    Answer { status: 200, headers, length, body: Box::new(file) }
}

/// The file that an address means, if it is one and lies under `root`.
///
/// A folder means its `index.html`. Parent steps, hidden files and links that leave the root are no address.
pub(crate) fn resolve(root: &Path, address: &str) -> Option<PathBuf> {
    let address = address.split(['?', '#']).next()?;
    let address = decode(address)?;
    let inner = Path::new(address.trim_start_matches('/'));
    let proper = inner.components().all(|part| match part {
        Component::Normal(name) => !name.to_string_lossy().starts_with('.'),
        _ => false,
    });
    if !proper || address.contains(['\\', '\0']) {
        return None;
    }
    let root = root.canonicalize().ok()?;
    let mut path = root.join(inner).canonicalize().ok()?;
    if path.is_dir() {
        path = path.join("index.html").canonicalize().ok()?;
    }
    (path.starts_with(&root) && path.is_file()).then_some(path)
}

/// Undoes `%20` and its kind; `None` where the result is no UTF-8 or the code no hexadecimal.
fn decode(address: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            let digits = std::str::from_utf8(&digits).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The compressed twin that the browser accepts, if there is one no older than the file; else the file.
fn compressed(path: &Path, accepted: &str) -> (PathBuf, Option<&'static str>) {
    for (ending, encoding) in [("br", "br"), ("gz", "gzip")] {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".{ending}"));
        let twin = PathBuf::from(name);
        if accepts(accepted, encoding) && twin.is_file() && files::changed(&twin) >= files::changed(path) {
            return (twin, Some(encoding));
        }
    }
    (path.to_owned(), None)
}

/// Whether an `Accept-Encoding` allows `encoding`.
fn accepts(accepted: &str, encoding: &str) -> bool {
    accepted.split(',').any(|item| {
        let mut words = item.split(';').map(str::trim);
        let refused = |word: &str| word.strip_prefix("q=").is_some_and(|q| q.parse::<f32>().is_ok_and(|q| q == 0.0));
        words.next() == Some(encoding) && !words.any(refused)
    })
}

/// The media type of a file, by its ending.
pub(crate) fn content_type(path: &Path) -> &'static str {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" | "md" => "text/plain; charset=utf-8",
        "csv" => "text/csv; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(name: &str) -> PathBuf {
        let root = files::scratch(&format!("http-{name}"));
        files::write(&root.join("site/index.html"), b"<p>page").unwrap();
        files::write(&root.join("site/page/page_bg.wasm"), b"\0asm").unwrap();
        files::write(&root.join("site/page/page_bg.wasm.br"), b"br").unwrap();
        files::write(&root.join("site/.hidden"), b"no").unwrap();
        files::write(&root.join("secret.txt"), b"no").unwrap();
        root.join("site").canonicalize().unwrap()
    }

    #[test]
    fn addresses_stay_under_the_root() {
        let root = site("root");
        assert_eq!(resolve(&root, "/"), Some(root.join("index.html")));
        assert_eq!(resolve(&root, "/page/page_bg.wasm?v=1"), Some(root.join("page/page_bg.wasm")));
        for bad in ["/../secret.txt", "/%2e%2e/secret.txt", "/page/../../secret.txt", "/..%2fsecret.txt", "/.hidden"] {
            assert_eq!(resolve(&root, bad), None, "{bad}");
        }
        for bad in ["//etc/passwd", "/page/", "/none", "/%zz", "/\\..\\secret.txt", "/%00"] {
            assert_eq!(resolve(&root, bad), None, "{bad}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_out_of_the_root_are_not_followed() {
        let root = site("links");
        let link = root.join("out.txt");
        let _ = fs::remove_file(&link);
        std::os::unix::fs::symlink(root.join("../secret.txt"), &link).unwrap();
        assert_eq!(resolve(&root, "/out.txt"), None);
    }

    #[test]
    fn kinds_are_those_the_browser_insists_on() {
        assert_eq!(content_type(Path::new("a/page_bg.wasm")), "application/wasm");
        assert_eq!(content_type(Path::new("main.js")), "text/javascript; charset=utf-8");
        assert_eq!(content_type(Path::new("index.HTML")), "text/html; charset=utf-8");
        assert_eq!(content_type(Path::new("engines.json")), "application/json");
    }

    #[test]
    fn twins_are_served_where_accepted() {
        let root = site("twins");
        let header = |answer: &Answer, name: &str| {
            answer.headers.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone())
        };
        let wishes = Wishes { encodings: "gzip, br;q=0.5".into(), ..Wishes::default() };
        let answer = file(&root, "/page/page_bg.wasm", &wishes);
        assert_eq!(header(&answer, "Content-Encoding").as_deref(), Some("br"));
        assert_eq!(header(&answer, "Content-Type").as_deref(), Some("application/wasm"));
        let wishes = Wishes { encodings: "br;q=0".into(), ..Wishes::default() };
        assert_eq!(header(&file(&root, "/page/page_bg.wasm", &wishes), "Content-Encoding"), None);
        let known = header(&file(&root, "/", &Wishes::default()), "ETag").unwrap();
        assert_eq!(file(&root, "/", &Wishes { known, ..Wishes::default() }).status, 304);
    }
}
