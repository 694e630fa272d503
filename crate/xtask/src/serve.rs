//! `cargo serve`: builds what the page needs first, serves it, and goes on building.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tiny_http::{Header, Method, Request, Response, Server, StatusCode};

use crate::arguments::Serve;
use crate::compile::{Compiler, Part};
use crate::engines::{Board, Gpu};
use crate::files::Places;
use crate::http::{self, Answer, Wishes};
use crate::page;
use crate::problem::{Problem, While};
use crate::progress::{Progress, Teller};

/// Threads that answer requests: enough for a browser's six connections.
const THREADS: usize = 6;

/// Builds, serves, and stays until it is interrupted.
pub(crate) fn serve(places: &Places, wishes: &Serve) -> Result<(), Problem> {
    let started = Instant::now();
    // The port first: nobody should wait for a build to hear that it is taken.
    let listener = listen(wishes.port)?;
    let compiler = Compiler::new(places, wishes.fast)?;
    for part in [Part::Page, Part::Cpu] {
        build_aloud(&compiler, part, places, |_| ())?;
    }
    page::assemble_draft(places)?;

    let gpu = if wishes.cpu_only { Gpu::Absent } else { Gpu::Building("starting".to_owned()) };
    let board = Board::new(gpu);
    let address = format!("http://127.0.0.1:{}/", wishes.port);
    let server = Server::from_listener(listener, None).while_doing(|| "Starting the server".to_owned())?;
    let desk = Arc::new(Desk { places: places.clone(), board: board.clone(), prose: Mutex::new(()) });
    println!("\nThe page is at {address}   ({} s; Ctrl-C ends it)\n", started.elapsed().as_secs());

    let server = Arc::new(server);
    let mut threads = Vec::new();
    for _ in 0..THREADS {
        let (server, desk) = (Arc::clone(&server), Arc::clone(&desk));
        threads.push(std::thread::spawn(move || {
            while let Ok(request) = server.recv() {
                desk.answer(request);
            }
        }));
    }
    if wishes.open {
        open(&address);
    }
    if !wishes.cpu_only {
        let since = Instant::now();
        let tell = |progress: &Progress| board.set(Gpu::Building(sentence(progress)));
        match build_aloud(&compiler, Part::Gpu, places, tell) {
            Ok(()) => {
                board.set(Gpu::Ready);
                println!(
                    "The WebGPU engine is there, after {} s; the open page offers it now.",
                    since.elapsed().as_secs()
                );
            }
            Err(problem) => {
                board.set(Gpu::Failed("The WebGPU engine did not compile; see the terminal.".to_owned()));
                eprintln!("{problem}\nThe page goes on with the CPU engine.");
            }
        }
    }
    for thread in threads {
        thread.join().map_err(|_| Problem::new("A thread of the server stopped."))?;
    }
    Ok(())
}

/// Builds a module and tells the terminal, and `also`, how far it is.
pub(crate) fn build_aloud(
    compiler: &Compiler,
    part: Part,
    places: &Places,
    also: impl Fn(&Progress),
) -> Result<(), Problem> {
    let since = Instant::now();
    println!("Building the {}.", part.label());
    let mut teller = Teller::new(part.label());
    let built = compiler.build(part, &places.site, |progress| {
        teller.tell(&progress);
        also(&progress);
    });
    teller.clear();
    built?;
    if since.elapsed() > Duration::from_secs(5) {
        println!("  {}: built in {} s", part.label(), since.elapsed().as_secs());
    }
    Ok(())
}

fn sentence(progress: &Progress) -> String {
    // Cargo counts a unit when it is done: the last one is the link with all its optimisation.
    if progress.done + 1 >= progress.of {
        format!("linking, the last of {}", progress.of)
    } else {
        format!("compiling {} of {}", progress.done, progress.of)
    }
}

fn listen(port: u16) -> Result<TcpListener, Problem> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => {
            let other = if port < u16::MAX { port + 1 } else { 8080 };
            Problem::new(format!(
                "Port {port} is in use, perhaps by another `cargo serve`. End that one, or choose another port:\n\n    \
                 cargo serve --port {other}\n"
            ))
        }
        ErrorKind::PermissionDenied => Problem::new(format!(
            "This account may not open port {port}. Choose one above 1023:\n\n    cargo serve --port 8080\n"
        )),
        _ => Problem::new(format!("Port {port} cannot be opened: {error}")),
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
        println!("No program was found to open a browser with; open {address} by hand.");
    }
}

/// What the answering threads share.
struct Desk {
    places: Places,
    board: Board,
    /// Held while the prose is assembled anew.
    prose: Mutex<()>,
}

impl Desk {
    fn answer(&self, request: Request) {
        let address = request.url().to_owned();
        let answer = match request.method() {
            Method::Get | Method::Head => self.get(&address, &wishes(&request)),
            _ => Answer::text(405, "text/plain; charset=utf-8", "This address can only be read.\n".to_owned()),
        };
        let mut response = Response::new(StatusCode(answer.status), Vec::new(), answer.body, Some(answer.length), None);
        for (name, value) in answer.headers {
            if let Ok(header) = Header::from_bytes(name.as_bytes(), value.as_bytes()) {
                response.add_header(header);
            }
        }
        // A browser that went away in the middle of an answer is no news.
        let _ = request.respond(response);
    }

    fn get(&self, address: &str, wishes: &Wishes) -> Answer {
        let path = address.split(['?', '#']).next().unwrap_or_default();
        if path == "/engines.json" {
            return Answer::text(200, "application/json", self.board.json());
        }
        if path == "/" || path == "/index.html" {
            // Prose, style and shell need no build: a reload shows their newest state.
            let _alone = self.prose.lock().unwrap_or_else(PoisonError::into_inner);
            if let Err(problem) = page::assemble_if_changed(&self.places) {
                eprintln!("{problem}");
                return Answer::text(500, "text/plain; charset=utf-8", format!("{problem}\n"));
            }
        }
        http::file(&self.places.site, address, wishes)
    }
}

fn wishes(request: &Request) -> Wishes {
    let header = |name: &'static str| {
        let found = request.headers().iter().find(|header| header.field.equiv(name));
        found.map(|header| header.value.as_str().to_owned()).unwrap_or_default()
    };
    Wishes { encodings: header("Accept-Encoding"), known: header("If-None-Match") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_in_use_is_said_in_words() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        let words = listen(port).unwrap_err().to_string();
        assert!(words.contains(&format!("Port {port} is in use")) && words.contains("--port"), "{words}");
    }
}
