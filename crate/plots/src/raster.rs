//! Heat maps and grey images as pixels for one blit, or as rectangles for vector files. It must not know labels.

use figure::Heat;
use plotters::style::RGBColor;
use plotters_backend::DrawingBackend;

use crate::coordinates::AxisMap;
use crate::layout::Frame;
use crate::path::Area;
use crate::pen::Pen;
use crate::{DrawError, palette};

/// Shades in vector files, so that equal neighbours become one rectangle.
const SHADES: f64 = 32.0;

/// Draws a heat map where it meets the axes' area.
pub(crate) fn heat<DB: DrawingBackend>(heat: &Heat, frame: &Frame<'_>, pen: &Pen<'_, DB>) -> Result<(), DrawError> {
    let Some(values) = heat.columns.checked_mul(heat.rows).and_then(|n| heat.values.get(..n)) else { return Ok(()) };
    let (x0, x1) = (frame.x.pixel(heat.x.0), frame.x.pixel(heat.x.1));
    let (y0, y1) = (frame.y.pixel(heat.y.0), frame.y.pixel(heat.y.1));
    if values.is_empty() || !(x0.is_finite() && x1.is_finite() && y0.is_finite() && y1.is_finite()) {
        return Ok(());
    }
    let area = Area {
        left: x0.min(x1).max(frame.area.left).round(),
        right: x0.max(x1).min(frame.area.right).round(),
        top: y0.min(y1).max(frame.area.top).round(),
        bottom: y0.max(y1).min(frame.area.bottom).round(),
    };
    if area.width() < 1.0 || area.height() < 1.0 {
        return Ok(());
    }
    let shade = shades(heat, values, pen.style.dark, pen.style.vector);
    let columns = cells(area.left, area.width() as usize, &frame.x, heat.x, heat.columns);
    let rows = cells(area.top, area.height() as usize, &frame.y, heat.y, heat.rows);
    if pen.style.vector {
        return rectangles(&columns, &rows, (area.left, area.top), pen, |column, row| {
            let i = row * heat.columns + column;
            values[i].is_finite().then(|| shade(values[i]))
        });
    }
    let mut rgb = Vec::with_capacity(3 * columns.len() * rows.len());
    let palette: Vec<RGBColor> = values.iter().map(|v| shade(*v)).collect();
    for row in &rows {
        for column in &columns {
            let RGBColor(r, g, b) = palette[row * heat.columns + column];
            rgb.extend_from_slice(&[r, g, b]);
        }
    }
    pen.blit((area.left as i32, area.top as i32), (columns.len() as u32, rows.len() as u32), &rgb)
}

/// From a value to a colour between paper and the role's; values that are not finite stay paper.
fn shades(heat: &Heat, values: &[f32], dark: bool, coarse: bool) -> impl Fn(f32) -> RGBColor {
    let finite = values.iter().copied().filter(|v| v.is_finite());
    let (low, high) = heat.range.unwrap_or_else(|| finite.fold((f32::MAX, f32::MIN), |(a, b), v| (a.min(v), b.max(v))));
    let (paper, full) = (palette::paper(dark), palette::color(heat.role, dark));
    let (low, span) = (f64::from(low), f64::from(high) - f64::from(low));
    move |value| {
        // A map of one value has no range: it takes the background's colour.
        let t = if span > 0.0 { (f64::from(value) - low) / span } else { 0.0 };
        palette::mix(paper, full, if coarse { (t * SHADES).round() / SHADES } else { t })
    }
}

/// The cell under each of `count` pixels from `start`.
fn cells(start: f64, count: usize, axis: &AxisMap, (low, high): (f64, f64), cells: usize) -> Vec<usize> {
    let share = |i: usize| (axis.data(start + i as f64 + 0.5) - low) / (high - low);
    (0..count).map(|i| ((share(i) * cells as f64).max(0.0) as usize).min(cells.saturating_sub(1))).collect()
}

/// Cells as rectangles, equal neighbours in a row as one. `columns` and `rows` say the cell under each pixel.
pub(crate) fn rectangles<DB: DrawingBackend>(
    columns: &[usize],
    rows: &[usize],
    (left, top): (f64, f64),
    pen: &Pen<'_, DB>,
    color: impl Fn(usize, usize) -> Option<RGBColor>,
) -> Result<(), DrawError> {
    let mut y = 0;
    for band in rows.chunk_by(|a, b| a == b) {
        let mut x = 0;
        for run in columns.chunk_by(|a, b| color(*a, band[0]) == color(*b, band[0])) {
            if let Some(shade) = color(run[0], band[0]) {
                // A pixel more towards what comes next, which covers it: no seams between neighbours.
                let more = |end: usize, all: usize| (end + usize::from(end < all)) as f64;
                let area = Area {
                    left: left + x as f64,
                    right: left + more(x + run.len(), columns.len()),
                    top: top + y as f64,
                    bottom: top + more(y + band.len(), rows.len()),
                };
                pen.rect(area, shade, 1.0)?;
            }
            x += run.len();
        }
        y += band.len();
    }
    Ok(())
}

/// One grey image at another size: the nearest pixel when it grows at least twofold, else the mean over the area that each
/// new pixel covers (thin strokes survive shrinking).
pub(crate) fn resized(source: &[u8], (w, h): (usize, usize), (tw, th): (usize, usize)) -> Vec<u8> {
    if tw >= 2 * w && th >= 2 * h {
        let columns: Vec<usize> = (0..tw).map(|x| x * w / tw).collect();
        return (0..th).flat_map(|y| columns.iter().map(move |x| source[y * h / th * w + x])).collect();
    }
    let (across, down) = (shares(w, tw), shares(h, th));
    let mut out = Vec::with_capacity(tw * th);
    for ys in &down {
        for xs in &across {
            let mut sum = 0.0;
            for &(y, b) in ys {
                for &(x, a) in xs {
                    sum += a * b * f64::from(source[y * w + x]);
                }
            }
            out.push(sum.round() as u8);
        }
    }
    out
}

/// For each of `to` new pixels, the old ones that it covers and their shares, which sum to one.
fn shares(from: usize, to: usize) -> Vec<Vec<(usize, f64)>> {
    let pitch = from as f64 / to as f64;
    let overlap = |i: usize, a: f64, b: f64| (b.min(i as f64 + 1.0) - a.max(i as f64)).max(0.0) / pitch;
    (0..to)
        .map(|t| (t as f64 * pitch, (t + 1) as f64 * pitch))
        .map(|(a, b)| (a as usize..(b.ceil() as usize).min(from)).map(|i| (i, overlap(i, a, b))).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growing_repeats_and_shrinking_averages() {
        assert_eq!(resized(&[0, 255], (2, 1), (4, 2)), [0, 0, 255, 255, 0, 0, 255, 255]);
        assert_eq!(resized(&[0, 100, 200, 100], (2, 2), (1, 1)), [100]);
        let flat = resized(&[77; 28 * 28], (28, 28), (37, 19));
        assert!(flat.iter().all(|v| *v == 77) && flat.len() == 37 * 19);
    }
}
