//! A chart: grid, axes, layers, labels. It must not know how a single layer looks.

use figure::Chart;
use plotters::style::text_anchor::HPos;
use plotters_backend::DrawingBackend;

use crate::coordinates::{AxisMap, Coordinates};
use crate::layout::{self, Detail, Frame, TICK_SIZE};
use crate::pen::Pen;
use crate::{DrawError, labels, layers, palette};

/// Draws a chart over all of the pen's area.
pub(crate) fn draw<DB: DrawingBackend>(chart: &Chart, pen: &Pen<'_, DB>) -> Result<Coordinates, DrawError> {
    let total = pen.area();
    if total.width() < 2.0 || total.height() < 2.0 {
        return Ok(Coordinates::empty());
    }
    let frame = layout::plan(chart, pen)?;
    grid(chart, &frame, pen)?;
    layers::draw(chart, &frame, pen)?;
    axis_text(chart, &frame, pen)?;
    frame.key.draw(pen)?;
    Ok(Coordinates::chart(frame.x, frame.y))
}

/// What lies under the data: light lines at the ticks (horizontal ones, and vertical ones where both axes have one scale), a stronger
/// line at zero, and the horizontal axis with its tick marks, drawn before the data so that points on it are not cut.
fn grid<DB: DrawingBackend>(chart: &Chart, frame: &Frame<'_>, pen: &Pen<'_, DB>) -> Result<(), DrawError> {
    let (area, dark) = (frame.area, pen.style.dark);
    let (light, firm) = (palette::grid(dark), palette::axis(dark));
    if chart.y.ticks.is_empty() {
        for tick in &frame.y_ticks {
            pen.rule((area.left, tick.at), (area.right, tick.at), pen.hair(), light)?;
        }
    }
    if chart.equal && chart.x.ticks.is_empty() {
        for tick in &frame.x_ticks {
            pen.rule((tick.at, area.top), (tick.at, area.bottom), pen.hair(), light)?;
        }
    }
    let zero = |map: &AxisMap| (map.low < 0.0 && map.high > 0.0).then(|| map.pixel(0.0));
    if let Some(y) = zero(&frame.y).filter(|_| !frame.y_ticks.is_empty()) {
        pen.rule((area.left, y), (area.right, y), pen.hair(), firm)?;
    }
    if let Some(x) = zero(&frame.x).filter(|_| chart.equal && !frame.x_ticks.is_empty()) {
        pen.rule((x, area.top), (x, area.bottom), pen.hair(), firm)?;
    }
    if frame.detail == Detail::Bare || chart.x.hidden || chart.equal {
        return Ok(());
    }
    pen.rule((area.left, area.bottom), (area.right, area.bottom), pen.hair(), firm)?;
    for tick in frame.x_ticks.iter().filter(|_| chart.x.ticks.is_empty()) {
        let foot = area.bottom + 0.25 * pen.text_size();
        pen.rule((tick.at, area.bottom), (tick.at, foot), pen.hair(), firm)?;
    }
    Ok(())
}

/// The tick labels and the axes' labels.
fn axis_text<DB: DrawingBackend>(chart: &Chart, frame: &Frame<'_>, pen: &Pen<'_, DB>) -> Result<(), DrawError> {
    if frame.detail == Detail::Bare {
        return Ok(());
    }
    let (t, dark, area, total) = (pen.text_size(), pen.style.dark, frame.area, frame.total);
    let (quiet, ink) = (palette::quiet(dark), palette::ink(dark));
    if !chart.x.hidden {
        for tick in &frame.x_ticks {
            let half = pen.width(&tick.label, TICK_SIZE * t)? / 2.0;
            let x = tick.at.min(total.right - half).max(total.left + half);
            pen.text(&tick.label, (x, area.bottom + 0.85 * t), TICK_SIZE * t, quiet, HPos::Center)?;
        }
        if frame.detail == Detail::Full {
            pen.text(&chart.x.label, (area.right, area.bottom + 2.1 * t), t, ink, HPos::Right)?;
        }
    }
    if !chart.y.hidden {
        for tick in &frame.y_ticks {
            pen.text(&tick.label, (area.left - 0.5 * t, tick.at), TICK_SIZE * t, quiet, HPos::Right)?;
        }
        if frame.detail == Detail::Full {
            let widest = {
                let mut widest = 0.0f64;
                for tick in &frame.y_ticks {
                    widest = widest.max(pen.width(&tick.label, TICK_SIZE * t)?);
                }
                widest + 0.5 * t
            };
            // Flush with the tick labels, above their column.
            let left = (area.left - widest).max(total.left + 0.35 * t);
            let y = if chart.equal { area.top - 0.95 * t } else { labels::row_middle(total, 0, t) };
            pen.text(&chart.y.label, (left, y.max(labels::row_middle(total, 0, t))), t, ink, HPos::Left)?;
        }
    }
    Ok(())
}
