//! A grid of grey images: ink on paper in both themes, captions at the left. It must not know charts.

use figure::Images;
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;
use plotters_backend::DrawingBackend;

use crate::coordinates::{Cells, Coordinates};
use crate::path::Area;
use crate::pen::Pen;
use crate::{DrawError, palette, raster};

/// Draws the images as large as they fit, in the middle, in one blit; `framed` ones (those that can be pressed) in hairlines.
pub(crate) fn draw<DB: DrawingBackend>(
    images: &Images,
    framed: bool,
    pen: &Pen<'_, DB>,
) -> Result<Coordinates, DrawError> {
    let (count, columns) = (images.count(), images.columns.min(images.count()).max(1));
    if count == 0 || images.width == 0 || images.height == 0 {
        return Ok(Coordinates::empty());
    }
    let rows = count.div_ceil(columns);
    let total = if framed { pen.area().grown(-2.0 * pen.hair()) } else { pen.area() };
    let t = pen.text_size();
    let mut captions = 0.0f64;
    for caption in &images.captions {
        captions = captions.max(pen.width(caption, t)?);
    }
    if captions > 0.0 {
        captions += 0.7 * t;
    }
    if captions > 0.45 * total.width() {
        captions = 0.0;
    }
    let Some((cell, gap)) = fit(images, (columns, rows), (total.width() - captions, total.height()), pen) else {
        return Ok(Coordinates::empty());
    };
    let size = (columns * (cell.0 + gap) - gap, rows * (cell.1 + gap) - gap);
    let left = (total.left + captions + (total.width() - captions - size.0 as f64) / 2.0).floor();
    let top = (total.top + (total.height() - size.1 as f64) / 2.0).floor();
    let ramp: Vec<RGBColor> = (0..=255u8)
        .map(|v| palette::mix(palette::paper(pen.style.dark), palette::ink(pen.style.dark), f64::from(v) / 255.0))
        .collect();
    if pen.style.vector {
        vector(images, columns, cell, gap, (left, top), &ramp, pen)?;
    } else {
        blit(images, columns, cell, gap, (left, top), size, &ramp, pen)?;
    }
    if framed {
        for i in 0..count {
            let (x, y) =
                (left + ((i % columns) * (cell.0 + gap)) as f64, top + ((i / columns) * (cell.1 + gap)) as f64);
            frame((x, y), (cell.0 as f64, cell.1 as f64), pen)?;
        }
    }
    if captions > 0.0 {
        for (row, caption) in images.captions.iter().enumerate().take(rows) {
            let y = top + (row * (cell.1 + gap)) as f64 + cell.1 as f64 / 2.0;
            pen.text(caption, (left - 0.7 * t, y), t, palette::quiet(pen.style.dark), HPos::Right)?;
        }
    }
    Ok(Coordinates::images(Cells {
        left,
        top,
        cell: (cell.0 as f64, cell.1 as f64),
        gap: gap as f64,
        columns,
        count,
        pixels: (images.width, images.height),
    }))
}

/// A hairline around one image, in the gap.
fn frame<DB: DrawingBackend>((x, y): (f64, f64), (w, h): (f64, f64), pen: &Pen<'_, DB>) -> Result<(), DrawError> {
    let (hair, color) = (pen.hair(), palette::axis(pen.style.dark));
    let inner = Area { left: x, right: x + w, top: y, bottom: y + h };
    let outer = inner.grown(hair);
    pen.rect(Area { bottom: inner.top, ..outer }, color, 1.0)?;
    pen.rect(Area { top: inner.bottom, ..outer }, color, 1.0)?;
    pen.rect(Area { right: inner.left, ..outer }, color, 1.0)?;
    pen.rect(Area { left: inner.right, ..outer }, color, 1.0)
}

/// The size of one image and of the gap: whole multiples of the image's pixels unless that leaves a fifth of the space unused.
fn fit<DB: DrawingBackend>(
    images: &Images,
    (columns, rows): (usize, usize),
    (width, height): (f64, f64),
    pen: &Pen<'_, DB>,
) -> Option<((usize, usize), usize)> {
    let (w, h) = (images.width as f64, images.height as f64);
    let (c, r) = (columns as f64, rows as f64);
    // Gaps of a twelfth of an image, at least a pixel, at most six CSS pixels.
    let rough = (width / (c * w)).min(height / (r * h));
    let gap = if c * r > 1.0 { (rough * w / 12.0).clamp(1.0, (6.0 * pen.style.scale).max(1.0)).floor() } else { 0.0 };
    let zoom = ((width - (c - 1.0) * gap) / (c * w)).min((height - (r - 1.0) * gap) / (r * h));
    if !zoom.is_finite() || zoom <= 0.0 {
        return None;
    }
    let zoom = if zoom.floor() >= 0.8 * zoom { zoom.floor() } else { zoom };
    let cell = ((zoom * w).floor() as usize, (zoom * h).floor() as usize);
    (cell.0 > 0 && cell.1 > 0).then_some((cell, gap as usize))
}

#[expect(clippy::too_many_arguments, reason = "one place, one call; a struct would only rename them")]
fn blit<DB: DrawingBackend>(
    images: &Images,
    columns: usize,
    cell: (usize, usize),
    gap: usize,
    (left, top): (f64, f64),
    size: (usize, usize),
    ramp: &[RGBColor],
    pen: &Pen<'_, DB>,
) -> Result<(), DrawError> {
    let RGBColor(r, g, b) = palette::paper(pen.style.dark);
    let mut rgb = [r, g, b].repeat(size.0 * size.1);
    for (i, image) in images.pixels.chunks_exact(images.width * images.height).enumerate() {
        let corner = ((i % columns) * (cell.0 + gap), (i / columns) * (cell.1 + gap));
        let grey = raster::resized(image, (images.width, images.height), cell);
        for (y, row) in grey.chunks_exact(cell.0).enumerate() {
            let start = 3 * ((corner.1 + y) * size.0 + corner.0);
            for (pixel, value) in rgb[start..start + 3 * cell.0].chunks_exact_mut(3).zip(row) {
                let RGBColor(r, g, b) = ramp[usize::from(*value)];
                pixel.copy_from_slice(&[r, g, b]);
            }
        }
    }
    pen.blit((left as i32, top as i32), (size.0 as u32, size.1 as u32), &rgb)
}

fn vector<DB: DrawingBackend>(
    images: &Images,
    columns: usize,
    cell: (usize, usize),
    gap: usize,
    (left, top): (f64, f64),
    ramp: &[RGBColor],
    pen: &Pen<'_, DB>,
) -> Result<(), DrawError> {
    let across: Vec<usize> = (0..cell.0).map(|x| x * images.width / cell.0).collect();
    let down: Vec<usize> = (0..cell.1).map(|y| y * images.height / cell.1).collect();
    for (i, image) in images.pixels.chunks_exact(images.width * images.height).enumerate() {
        let corner = (left + ((i % columns) * (cell.0 + gap)) as f64, top + ((i / columns) * (cell.1 + gap)) as f64);
        raster::rectangles(&across, &down, corner, pen, |x, y| {
            // Sixteen greys; what is almost paper is paper.
            let grey = usize::from(image[y * images.width + x]) / 17 * 17;
            (grey > 0).then(|| ramp[grey])
        })?;
    }
    Ok(())
}
