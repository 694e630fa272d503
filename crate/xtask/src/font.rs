//! The font of the formulas: Latin Modern Math, as the crate `pulldown-latex` ships it.

use std::fs;
use std::path::{Path, PathBuf};

use crate::files::{self, Places};
use crate::problem::{Problem, While};
use crate::toolchain::WASM;

const FONT: &str = "latinmodern-math.woff2";
const LICENCE: &str = include_str!("../fonts/GUST-FONT-LICENSE.txt");

/// Puts the font and its licence into `fonts/` of a site.
pub(crate) fn place(places: &Places, site: &Path) -> Result<(), Problem> {
    let folder = site.join("fonts");
    files::write(&folder.join("GUST-FONT-LICENSE.txt"), LICENCE.as_bytes())?;
    let target = folder.join(FONT);
    // The crate's version is pinned, so a font that is there is the right one.
    if target.is_file() {
        return Ok(());
    }
    let kept = places.target.join("xtask").join(FONT);
    if !kept.is_file() {
        let source = find(places)?;
        let bytes = fs::read(&source).while_doing(|| format!("Reading the font {}", source.display()))?;
        files::write(&kept, &bytes)?;
    }
    let bytes = fs::read(&kept).while_doing(|| format!("Reading the font {}", kept.display()))?;
    files::write(&target, &bytes)
}

/// Asks cargo where it unpacked the crate.
fn find(places: &Places) -> Result<PathBuf, Problem> {
    let mut command = places.cargo();
    command.args(["metadata", "--format-version", "1", "--filter-platform", WASM]);
    let output = command.output().while_doing(|| "Asking cargo where the math font is".to_owned())?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        return Err(Problem::new(format!("Cargo could not say where the math font is:\n{words}")));
    }
    let metadata: serde_json::Value =
        serde_json::from_slice(&output.stdout).while_doing(|| "Reading cargo's metadata".to_owned())?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let manifest = packages
        .filter(|package| package["name"] == "pulldown-latex")
        .find_map(|package| package["manifest_path"].as_str());
    let font = manifest.and_then(|manifest| Path::new(manifest).parent()).map(|folder| folder.join("font").join(FONT));
    font.filter(|font| font.is_file())
        .ok_or_else(|| Problem::new("The crate pulldown-latex no longer ships the math font."))
}
