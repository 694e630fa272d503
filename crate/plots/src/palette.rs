//! One colour, one meaning: the colours of every role, on a light and on a dark background, and the same as CSS custom properties.
//!
//! Okabe and Ito's palette (2008), darkened or lightened until graphics stand 3:1 and text 4.5:1 against the paper
//! (WCAG 2.2, 1.4.11 and 1.4.3). This file must not know what is drawn with the colours.

use std::fmt::Write as _;

use figure::Role;
use plotters::style::RGBColor;

/// The hues of classes 0 to 9: graphics light, text light, dark (both).
const CLASSES: [[u32; 3]; 10] = [
    [0x1a5fb4, 0x1a5fb4, 0x5b9df2], // blue
    [0xd55e00, 0xbb5300, 0xff7f3f], // vermilion
    [0x00926a, 0x00835f, 0x25c28e], // green
    [0xc2569a, 0xbc4590, 0xf08cc8], // pink
    [0xa88500, 0x8c6f00, 0xead24a], // gold
    [0x0d9bb0, 0x0a7c8d, 0x86e5f2], // cyan
    [0x6f3fb0, 0x6f3fb0, 0xb592f7], // violet
    [0x8a4b2c, 0x8a4b2c, 0xcf9a72], // brown
    [0x6f8a00, 0x637b00, 0xa9cf3c], // olive
    [0x5b6470, 0x5b6470, 0xaab4c0], // slate
];

/// Every named role with its name in CSS; the classes are `class-0` to `class-9`.
pub const NAMED: [(Role, &str); 15] = [
    (Role::Reconstruction, "reconstruction"),
    (Role::Kl, "kl"),
    (Role::Elbo, "elbo"),
    (Role::Exact, "exact"),
    (Role::MutualInformation, "mi"),
    (Role::MarginalKl, "marginal-kl"),
    (Role::Mmd, "mmd"),
    (Role::Prior, "prior"),
    (Role::Posterior, "posterior"),
    (Role::Aggregate, "aggregate"),
    (Role::Score, "score"),
    (Role::Reparameterized, "reparam"),
    (Role::Data, "data"),
    (Role::Neutral, "neutral"),
    (Role::MeanField, "mean-field"),
];

const INK: [u32; 2] = [0x1b1d21, 0xe8e6e1];
const PAPER: [u32; 2] = [0xfdfcf9, 0x15171a];
const GRID: [u32; 2] = [0xe9e7e1, 0x2a2d32];
const AXIS: [u32; 2] = [0xb4b2ad, 0x5c6067];
const QUIET: [u32; 2] = [0x63656b, 0xa7a9ae];

/// The colour of marks with this meaning: at least 3:1 against the paper.
pub fn color(role: Role, dark: bool) -> RGBColor {
    let [light, _, night] = triple(role);
    rgb(if dark { night } else { light })
}

/// The colour of text with this meaning: at least 4.5:1 against the paper.
pub fn text_color(role: Role, dark: bool) -> RGBColor {
    let [_, light, night] = triple(role);
    rgb(if dark { night } else { light })
}

/// Text and thick lines.
pub fn ink(dark: bool) -> RGBColor {
    rgb(INK[usize::from(dark)])
}

/// The background.
pub fn paper(dark: bool) -> RGBColor {
    rgb(PAPER[usize::from(dark)])
}

/// Grid lines, hardly visible.
pub fn grid(dark: bool) -> RGBColor {
    rgb(GRID[usize::from(dark)])
}

/// Axis hairlines and tick marks: present, never louder than data.
pub fn axis(dark: bool) -> RGBColor {
    rgb(AXIS[usize::from(dark)])
}

/// Tick labels and other text of second rank: 4.5:1 against the background.
pub fn quiet(dark: bool) -> RGBColor {
    rgb(QUIET[usize::from(dark)])
}

/// The name of a role in CSS and in CSV files.
pub fn name(role: Role) -> String {
    match role {
        Role::Class(class) => format!("class-{class}"),
        _ => NAMED.iter().find(|(named, _)| *named == role).map_or("neutral", |(_, name)| name).to_owned(),
    }
}

/// `from` moved towards `to` by the share `t` in \[0, 1\], component by component in sRGB.
pub fn mix(from: RGBColor, to: RGBColor, t: f64) -> RGBColor {
    let t = if t.is_finite() { t.clamp(0.0, 1.0) } else { 0.0 };
    let part = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * t).round() as u8;
    RGBColor(part(from.0, to.0), part(from.1, to.1), part(from.2, to.2))
}

/// The palette as a style sheet: `--paper`, `--ink`, `--grid`, and for every role `--role-NAME` and `--role-NAME-text`;
/// light by default, dark by preference or by `data-theme`.
pub fn css() -> String {
    let mut sheet = String::from("/* Written by plots::palette::css(), which a test compares with this file. */\n");
    block(&mut sheet, ":root", "", false);
    sheet.push_str("\n@media (prefers-color-scheme: dark) {\n");
    block(&mut sheet, ":root:not([data-theme=light])", "  ", true);
    sheet.push_str("}\n\n");
    block(&mut sheet, ":root[data-theme=dark]", "", true);
    sheet
}

fn block(sheet: &mut String, selector: &str, indent: &str, dark: bool) {
    let mut lines = vec![
        ("paper".to_owned(), paper(dark)),
        ("ink".to_owned(), ink(dark)),
        ("quiet".to_owned(), quiet(dark)),
        ("axis".to_owned(), axis(dark)),
        ("grid".to_owned(), grid(dark)),
    ];
    for role in NAMED.iter().map(|(role, _)| *role).chain((0..10).map(Role::Class)) {
        lines.push((format!("role-{}", name(role)), color(role, dark)));
        lines.push((format!("role-{}-text", name(role)), text_color(role, dark)));
    }
    // Writing into a String cannot fail.
    let _ = writeln!(sheet, "{indent}{selector} {{");
    for (name, RGBColor(r, g, b)) in lines {
        let _ = writeln!(sheet, "{indent}  --{name}: #{r:02x}{g:02x}{b:02x};");
    }
    let _ = writeln!(sheet, "{indent}}}");
}

/// Graphics light, text light, dark.
fn triple(role: Role) -> [u32; 3] {
    match role {
        Role::Reconstruction | Role::Reparameterized => [0x0072b2, 0x0072b2, 0x56b4e9],
        Role::Kl | Role::Score => [0xd55e00, 0xbb5300, 0xff8a3d],
        Role::Elbo | Role::Exact => [INK[0], INK[0], INK[1]],
        Role::MutualInformation => [0x009568, 0x00835c, 0x2fc795],
        Role::MarginalKl => [0xb4508f, 0xb34e8e, 0xe291c2],
        Role::Mmd => [0x9c8200, 0x887100, 0xe6cb3f],
        Role::Prior => [0x808289, 0x6c6e75, 0xa3a6ad],
        Role::Posterior => [0xc98000, 0xa16500, 0xf0a92e],
        Role::Aggregate => [0x7d4fb0, 0x7d4fb0, 0xb899ea],
        Role::Data => [0x4a4e57, 0x4a4e57, 0xb9bcc4],
        Role::Class(class) => CLASSES.get(usize::from(class)).copied().unwrap_or(triple(Role::Neutral)),
        Role::Neutral => [0x6d7078, 0x6d7078, 0x9a9da5],
        Role::MeanField => [0x0d9bb0, 0x0a7c8d, 0x86e5f2], // cyan, which class 5 has where digits are shown
    }
}

fn rgb(hex: u32) -> RGBColor {
    let [_, r, g, b] = hex.to_be_bytes();
    RGBColor(r, g, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn linear(c: u8) -> f64 {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    }

    /// WCAG 2.2 relative luminance.
    fn luminance(c: RGBColor) -> f64 {
        0.2126 * linear(c.0) + 0.7152 * linear(c.1) + 0.0722 * linear(c.2)
    }

    fn contrast(a: RGBColor, b: RGBColor) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// CIE L*a*b* under D65.
    fn lab(c: RGBColor) -> [f64; 3] {
        let (r, g, b) = (linear(c.0), linear(c.1), linear(c.2));
        let f = |t: f64| if t > 0.008856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
        let x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
        let y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
        let z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    fn roles() -> impl Iterator<Item = Role> {
        NAMED.iter().map(|(role, _)| *role).chain((0..10).map(Role::Class))
    }

    #[test]
    fn every_role_stands_out_from_the_paper() {
        for dark in [false, true] {
            let paper = paper(dark);
            for role in roles() {
                let (mark, word) = (contrast(color(role, dark), paper), contrast(text_color(role, dark), paper));
                assert!(mark >= 3.0, "{role:?} dark {dark}: {mark:.2}");
                assert!(word >= 4.5, "{role:?} dark {dark}: {word:.2}");
            }
            assert!(contrast(ink(dark), paper) >= 12.0);
            assert!(contrast(quiet(dark), paper) >= 4.5);
            assert!(contrast(grid(dark), paper) <= 1.5, "grid lines stay quiet");
        }
    }

    #[test]
    fn ten_classes_are_ten_colours() {
        for dark in [false, true] {
            let labs: Vec<_> = (0..10).map(|class| lab(color(Role::Class(class), dark))).collect();
            for (i, a) in labs.iter().enumerate() {
                for (j, b) in labs.iter().enumerate().take(i) {
                    let distance = a.iter().zip(b).map(|(p, q)| (p - q).powi(2)).sum::<f64>().sqrt();
                    assert!(distance > 22.0, "classes {i} and {j}, dark {dark}: {distance:.1}");
                }
            }
        }
    }

    #[test]
    fn the_style_sheet_is_the_palette() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../www/palette.css");
        let sheet = std::fs::read_to_string(path).expect("www/palette.css exists");
        assert!(sheet == css(), "www/palette.css differs: cargo run -p plots --example gallery -- palette");
    }
}
