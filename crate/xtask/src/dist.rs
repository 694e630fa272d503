//! `cargo dist`: the static site, with compressed twins, in `dist/`.

use std::fs::{self, File};
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result};

use crate::compile::{Compiler, Part};
use crate::facts;
use crate::files::{self, Places};
use crate::page;
use crate::status::{self, Gpu};

/// Builds everything small and fast and writes it to `dist/`, which is emptied first.
pub(crate) fn dist(places: &Places, cpu_only: bool) -> Result<()> {
    files::remove_folder(&places.dist)?;
    let parts = site(places, "release", &places.dist, cpu_only)?;
    println!("Compressing.");
    let files = files::files_under(&places.dist)?;
    let sizes = compress_all(&files)?;
    println!("\nThe site is in {}.\n", places.short(&places.dist));
    println!("{:<22}{:>12}{:>12}{:>12}   bytes", "", "raw", "gzip", "brotli");
    for part in parts {
        print_sizes(part.label(), sizes.iter().filter(|(path, _)| path.starts_with(places.dist.join(part.name()))));
    }
    let readable = |path: &Path| !parts.iter().any(|part| path.starts_with(places.dist.join(part.name())));
    print_sizes("everything else", sizes.iter().filter(|(path, _)| readable(path)));
    Ok(())
}

/// Builds the whole site with a profile, as a folder that any static host can serve. Returns its modules.
pub(crate) fn site(places: &Places, profile: &'static str, folder: &Path, cpu_only: bool) -> Result<&'static [Part]> {
    let parts: &[Part] = if cpu_only { &[Part::Page, Part::Cpu] } else { &[Part::Page, Part::Cpu, Part::Gpu] };
    page::assemble(places, folder, false, &facts::read(places)?)?;
    let compiler = Compiler::new(places, profile, folder)?;
    for &part in parts {
        compiler.build(part, |_| ControlFlow::Continue(()))?;
    }
    let gpu = if cpu_only { Gpu::Absent } else { Gpu::Ready };
    files::write(&folder.join("engines.json"), status::engines(&gpu).to_string().as_bytes())?;
    Ok(parts)
}

/// Bytes of a file as it is, and of what a server sends of it.
#[derive(Debug, Clone, Copy, Default)]
struct Sizes {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

fn print_sizes<'a>(label: &str, sizes: impl Iterator<Item = &'a (PathBuf, Sizes)>) {
    let sum = sizes.fold(Sizes::default(), |sum, (_, one)| Sizes {
        raw: sum.raw + one.raw,
        gzip: sum.gzip + one.gzip,
        brotli: sum.brotli + one.brotli,
    });
    println!("{label:<22}{:>12}{:>12}{:>12}", sum.raw, sum.gzip, sum.brotli);
}

/// Compresses on all cores; the result is in no particular order.
fn compress_all(paths: &[PathBuf]) -> Result<Vec<(PathBuf, Sizes)>> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(path) = paths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = compress(path).map(|sizes| (path.clone(), sizes));
                    done.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(result);
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner).into_iter().collect()
}

/// Writes `path.br` and `path.gz`, unless they would be no smaller (a font is compressed already).
fn compress(path: &Path) -> Result<Sizes> {
    let bytes = fs::read(path).with_context(|| format!("Reading {}", path.display()))?;
    let doing = || format!("Compressing {}", path.display());

    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&bytes).with_context(doing)?;
    let gzip = gzip.finish().with_context(doing)?;

    let mut small = Vec::new();
    let settings =
        brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 24, size_hint: bytes.len(), ..Default::default() };
    brotli::BrotliCompress(&mut bytes.as_slice(), &mut small, &settings).with_context(doing)?;

    let raw = bytes.len() as u64;
    let twin = |ending: &str, twin: &[u8]| -> Result<u64> {
        if twin.len() >= bytes.len() {
            return Ok(raw);
        }
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        let mut file = File::create(&name).with_context(doing)?;
        file.write_all(twin).with_context(doing)?;
        Ok(twin.len() as u64)
    };
    Ok(Sizes { raw, gzip: twin(".gz", &gzip)?, brotli: twin(".br", &small)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn twins_give_the_file_back_and_are_left_out_where_they_do_not_help() {
        let folder = files::scratch("dist");
        let text = folder.join("a.js");
        files::write(&text, "const a = 1;\n".repeat(500).as_bytes()).unwrap();
        let sizes = compress(&text).unwrap();
        assert!(sizes.brotli < sizes.raw / 10 && sizes.gzip < sizes.raw / 10, "{sizes:?}");
        let mut back = String::new();
        flate2::read::GzDecoder::new(File::open(folder.join("a.js.gz")).unwrap()).read_to_string(&mut back).unwrap();
        assert_eq!(back, fs::read_to_string(&text).unwrap());
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut File::open(folder.join("a.js.br")).unwrap(), &mut back).unwrap();
        assert_eq!(back, fs::read(&text).unwrap());

        let tiny = folder.join("b.txt");
        files::write(&tiny, b"ab").unwrap();
        compress(&tiny).unwrap();
        assert!(!folder.join("b.txt.br").exists() && !folder.join("b.txt.gz").exists());
    }
}
