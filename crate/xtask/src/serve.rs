//! `cargo serve`: builds the page and serves it, goes on to the engines, and builds again after every edit.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::ControlFlow;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Result, anyhow};
use hyper::StatusCode;
use tokio::sync::watch;

use crate::arguments::Serve;
use crate::compile::{Compiler, Part, Progress};
use crate::facts::{self, Demo};
use crate::files::Places;
use crate::page;
use crate::sources::{self, Kind};
use crate::status::{self, Gpu, Status};

/// Between two looks at the sources' times.
const PAUSE: Duration = Duration::from_millis(300);

/// The script that reloads an open page; it is no part of a published site.
const RELOAD: &str = include_str!("reload.js");

/// Builds, serves, and stays until it is interrupted.
pub(crate) fn serve(places: &Places, options: &Serve) -> Result<()> {
    let started = Instant::now();
    // The port first: nobody should wait for a build to read that it is taken.
    let listener = listen(options.port)?;
    let port = listener.local_addr()?.port();
    let builder = Builder::new(places, options.cpu_only)?;
    let code = sources::fingerprint(places, Kind::Code)?;
    builder.compiler.build(Part::Page, |_| ControlFlow::Continue(()))?;
    builder.read_facts()?;
    builder.assemble()?;

    let (site, state) = (Arc::<Path>::from(places.site.as_path()), builder.status.subscribe());
    let answer = move |request| answer(Arc::clone(&site), state.clone(), request);
    std::thread::spawn(move || {
        let Err(error) = server::run(listener, answer);
        eprintln!("The server ended: {error}");
        std::process::exit(1);
    });
    let watched = builder.clone();
    std::thread::spawn(move || watched.watch_page());
    let address = format!("http://127.0.0.1:{port}/");
    println!("\nThe page is at {address} after {} s; Ctrl-C ends it.", started.elapsed().as_secs());
    println!("What needs no training works now; training waits for the CPU engine.\n");
    if options.open {
        open(&address);
    }
    builder.compiler.build(Part::Cpu, |_| ControlFlow::Continue(()))?;
    println!("\nTraining works now, {} s after the start.\n", started.elapsed().as_secs());
    builder.status.send_modify(|status| status.cpu = true);
    builder.watch_code(code)
}

/// Builds the site and writes down what came of it.
#[derive(Clone)]
struct Builder {
    places: Places,
    compiler: Compiler,
    status: watch::Sender<Status>,
    cpu_only: bool,
    /// As of the last build: an edit of prose or style changes no fact and waits for no compiler.
    demos: Arc<Mutex<Vec<Demo>>>,
}

impl Builder {
    fn new(places: &Places, cpu_only: bool) -> Result<Self> {
        let compiler = Compiler::new(places, "fast", &places.site)?;
        let gpu = if cpu_only { Gpu::Absent } else { Gpu::Building("waiting for the CPU engine".to_owned()) };
        // Pages of an earlier server are out of date.
        let page = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |since| since.as_secs());
        let (status, _) = watch::channel(Status { cpu: false, gpu, page, code_error: None, page_error: None });
        Ok(Self { places: places.clone(), compiler, status, cpu_only, demos: Arc::default() })
    }

    fn assemble(&self) -> Result<()> {
        let demos = self.demos.lock().unwrap_or_else(PoisonError::into_inner);
        page::assemble(&self.places, &self.places.site, true, &demos)
    }

    /// Reads what the demos declare now.
    fn read_facts(&self) -> Result<()> {
        let demos = facts::read(&self.places)?;
        *self.demos.lock().unwrap_or_else(PoisonError::into_inner) = demos;
        Ok(())
    }

    /// Puts the page together after every edit of prose, style or shell.
    fn watch_page(&self) {
        let mut seen = sources::fingerprint(&self.places, Kind::Page).ok();
        loop {
            std::thread::sleep(PAUSE);
            let now = sources::fingerprint(&self.places, Kind::Page).ok();
            if now != seen {
                seen = now;
                self.renew();
            }
        }
    }

    /// Builds after every edit of Rust since the fingerprint `built`; the WebGPU engine last, while nothing changes.
    fn watch_code(&self, mut built: u64) -> Result<()> {
        loop {
            let mut last = Instant::now();
            let mut edited = || {
                let due = last.elapsed() >= PAUSE;
                if due {
                    last = Instant::now();
                }
                due && sources::fingerprint(&self.places, Kind::Code).is_ok_and(|now| now != built)
            };
            if !self.cpu_only && self.status.borrow().code_error.is_none() {
                self.build_gpu(&mut edited);
            }
            while !edited() {
                std::thread::sleep(PAUSE);
            }
            built = sources::fingerprint(&self.places, Kind::Code)?;
            match self.compile() {
                Ok(()) => {
                    self.status.send_modify(|status| status.code_error = None);
                    self.renew();
                }
                Err(error) => {
                    eprintln!("{error:#}");
                    self.status.send_modify(|status| status.code_error = Some(format!("{error:#}")));
                }
            }
        }
    }

    /// What an open page needs before it reloads.
    fn compile(&self) -> Result<()> {
        println!("\nThe code has changed.");
        for part in [Part::Page, Part::Cpu] {
            self.compiler.build(part, |_| ControlFlow::Continue(()))?;
        }
        self.read_facts()
    }

    fn build_gpu(&self, mut edited: impl FnMut() -> bool) {
        let set = |gpu| self.status.send_modify(|status| status.gpu = gpu);
        let built = self.compiler.build(Part::Gpu, |Progress { done, of }| {
            // Cargo counts a package when it is done: the last one is the link.
            let doing = if done + 1 >= of { "linking".to_owned() } else { format!("package {done} of {of}") };
            set(Gpu::Building(doing));
            if edited() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        match built {
            Ok(true) => set(Gpu::Ready),
            Ok(false) => set(Gpu::Building("waiting for the CPU engine".to_owned())),
            Err(error) => {
                eprintln!("{error:#}\nThe page goes on with the CPU engine.");
                set(Gpu::Failed("The WebGPU engine did not compile; see the terminal.".to_owned()));
            }
        }
    }

    /// Puts the page together. Open pages reload, or say why there is nothing new.
    fn renew(&self) {
        let result = self.assemble();
        self.status.send_modify(|status| match result {
            Ok(()) => {
                status.page += 1;
                status.page_error = None;
                println!("The open page reloads.");
            }
            Err(error) => {
                eprintln!("{error:#}");
                status.page_error = Some(format!("{error:#}"));
            }
        });
    }
}

async fn answer(site: Arc<Path>, mut state: watch::Receiver<Status>, request: server::Request) -> server::Response {
    let json = |value: serde_json::Value| server::text(StatusCode::OK, "application/json", value.to_string());
    match request.uri().path() {
        "/engines.json" => json(status::engines(&state.borrow().gpu)),
        "/changes.json" => json(state.borrow().changes()),
        "/reload.js" => server::text(StatusCode::OK, "text/javascript", RELOAD.to_owned()),
        "/" | "/index.html" => match std::fs::read_to_string(site.join("index.html")) {
            Ok(html) => {
                let html = html.replacen("</head>", "<script type=\"module\" src=\"reload.js\"></script>\n</head>", 1);
                server::text(StatusCode::OK, "text/html; charset=utf-8", html)
            }
            Err(error) => server::text(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", error.to_string()),
        },
        path => {
            // At the very first start the page is there before the engine: what asks for it waits.
            if path.starts_with("/engine-cpu/") {
                let _ = state.wait_for(|status| status.cpu).await;
            }
            server::file(&site, request).await
        }
    }
}

fn listen(port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            let other = if port < u16::MAX { port + 1 } else { 8080 };
            anyhow!(
                "Port {port} is in use, perhaps by another `cargo serve`. End that one, or choose another port:\n\n    \
                 cargo serve --port {other}\n"
            )
        }
        ErrorKind::PermissionDenied => {
            anyhow!("This account may not open port {port}. Choose one above 1023:\n\n    cargo serve --port 8080\n")
        }
        _ => anyhow!("Port {port} cannot be opened: {error}"),
    })
}

fn open(address: &str) {
    let (program, first) = match std::env::consts::OS {
        "macos" => ("open", None),
        "windows" => ("cmd", Some(["/C", "start"])),
        _ => ("xdg-open", None),
    };
    let mut command = Command::new(program);
    command.args(first.into_iter().flatten()).arg(address).stdout(Stdio::null()).stderr(Stdio::null());
    if command.spawn().is_err() {
        println!("No program was found to open a browser with; open {address} yourself.");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files;
    use std::io::{Read, Write};
    use std::net::TcpStream;

    #[test]
    fn a_port_in_use_is_said_in_words() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let words = listen(port).unwrap_err().to_string();
        assert!(words.contains(&format!("Port {port} is in use")) && words.contains("--port"), "{words}");
    }

    /// A request that is sent; the answer is read by `text`.
    fn get(port: u16, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        stream
    }

    fn text(mut stream: TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn an_open_page_is_told_of_edits_and_waits_for_the_engine() {
        let site = files::scratch("serve");
        files::write(&site.join("index.html"), b"<head></head>").unwrap();
        files::write(&site.join("engine-cpu/engine.js"), b"engine").unwrap();
        let gpu = Gpu::Building("package 1 of 3".to_owned());
        let (status, state) =
            watch::channel(Status { cpu: false, gpu, page: 7, code_error: Some("no".to_owned()), page_error: None });
        let listener = listen(0).unwrap();
        let port = listener.local_addr().unwrap().port();
        let site = Arc::<Path>::from(site);
        std::thread::spawn(move || {
            server::run(listener, move |request| answer(Arc::clone(&site), state.clone(), request))
        });

        assert!(text(get(port, "/")).contains("src=\"reload.js\"></script>\n</head>"));
        assert!(text(get(port, "/reload.js")).contains("changes.json"));
        assert!(text(get(port, "/engines.json")).contains("package 1 of 3"));
        let changes = text(get(port, "/changes.json"));
        assert!(changes.contains("\"page\":7") && changes.contains("\"error\":\"no\""), "{changes}");
        let engine = get(port, "/engine-cpu/engine.js");
        let mut first = [0];
        engine.set_nonblocking(true).unwrap();
        assert!(engine.peek(&mut first).is_err(), "nothing is sent before the engine is there");
        engine.set_nonblocking(false).unwrap();
        status.send_modify(|status| status.cpu = true);
        assert!(text(engine).ends_with("engine"));
    }
}
