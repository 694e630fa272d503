//! How each layer looks. It must not know where axes and labels go.

use figure::{Chart, Dash, Layer, Marker, Role};
use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;
use plotters_backend::DrawingBackend;

use crate::layout::Frame;
use crate::path::{self, Area, Point};
use crate::pen::{Pen, Stroke};
use crate::{DrawError, palette, raster};

/// Corners of an ellipse.
const CORNERS: usize = 48;
/// More points than this are drawn small and translucent.
const MANY: usize = 300;

/// Draws all layers of a chart, first to last.
pub(crate) fn draw<DB: DrawingBackend>(chart: &Chart, frame: &Frame<'_>, pen: &Pen<'_, DB>) -> Result<(), DrawError> {
    let ink = if bars_overlap(chart) { 0.5 } else { 0.84 };
    chart.layers.iter().try_for_each(|layer| one(layer, ink, frame, pen))
}

/// The dash of a line: exact values are dashed even where nothing is said.
pub(crate) fn dash(role: Role, dash: Dash) -> Dash {
    if role == Role::Exact && dash == Dash::Solid { Dash::Dashed } else { dash }
}

/// How a line of this meaning is drawn.
pub(crate) fn stroke<DB: DrawingBackend>(role: Role, line: Dash, pen: &Pen<'_, DB>) -> Stroke {
    let width = match role {
        Role::Elbo => 2.6,
        Role::Exact => 1.4,
        Role::Neutral => 1.2,
        _ => 1.8,
    };
    Stroke { dash: dash(role, line), ..Stroke::new(palette::color(role, pen.style.dark), width * pen.unit()) }
}

fn one<DB: DrawingBackend>(layer: &Layer, ink: f64, frame: &Frame<'_>, pen: &Pen<'_, DB>) -> Result<(), DrawError> {
    let color = |role| palette::color(role, pen.style.dark);
    let pixel = |&[x, y]: &[f64; 2]| (frame.x.pixel(x), frame.y.pixel(y));
    match layer {
        Layer::Line { role, dash, points, .. } => line(points.iter().map(pixel), stroke(*role, *dash, pen), frame, pen),
        Layer::Points { role, marker, points, .. } => {
            let (radius, alpha) = size_and_alpha(*marker, points.len());
            let visible = frame.area.grown(1.0);
            points
                .iter()
                .map(pixel)
                .filter(|p| visible.contains(*p))
                .try_for_each(|p| mark(pen, *marker, p, radius * pen.unit(), *role, alpha))
        }
        Layer::Classes { marker, size, points, classes } => {
            let alpha = if points.len() > MANY { 0.75 } else { 0.9 };
            let visible = frame.area.grown(1.0);
            let radius = size.clamp(0.5, 200.0) * pen.unit();
            for (i, p) in points.iter().map(pixel).enumerate().filter(|(_, p)| visible.contains(*p)) {
                let role = match classes.get(i) {
                    Some(&class) if class != 255 => Role::Class(class),
                    _ => Role::Neutral,
                };
                mark(pen, *marker, p, radius, role, alpha)?;
            }
            Ok(())
        }
        Layer::Band { role, points, .. } => band(points, color(*role), frame, pen),
        Layer::Bars { role, bars, .. } => bars.iter().try_for_each(|one| clipped_bar(one, *role, ink, frame, pen)),
        Layer::Rule { role, dash, label, at, vertical } => {
            rule(*at, *vertical, stroke(*role, *dash, pen), frame, pen)?;
            if *vertical && !label.is_empty() { vertical_rule_label(label, *at, *role, frame, pen) } else { Ok(()) }
        }
        Layer::Ellipses { role, ellipses, .. } => ellipses.iter().try_for_each(|one| ellipse(one, *role, frame, pen)),
        Layer::Errors { role, points } => points.iter().try_for_each(|one| error_bar(one, color(*role), frame, pen)),
        Layer::Heat(heat) => raster::heat(heat, frame, pen),
        Layer::Arrows { role, dash, head, arrows } => {
            let stroke = Stroke { width: 1.3 * pen.unit(), ..stroke(*role, *dash, pen) };
            arrows.iter().try_for_each(|one| arrow(one, stroke, *head, frame, pen))
        }
        Layer::Text { role, size, at, text } => {
            let at = pixel(at);
            if !frame.area.grown(2.0).contains(at) || frame.total.height() < 3.0 * pen.text_size() {
                return Ok(());
            }
            let size = size.clamp(0.3, 6.0) * pen.text_size();
            pen.text(text, at, size, palette::text_color(*role, pen.style.dark), HPos::Center)
        }
    }
}

fn line<DB: DrawingBackend>(
    points: impl Iterator<Item = Point>,
    stroke: Stroke,
    frame: &Frame<'_>,
    pen: &Pen<'_, DB>,
) -> Result<(), DrawError> {
    let visible = frame.area.grown(0.5 * stroke.width);
    for run in path::runs(points) {
        if let [only] = run[..] {
            if visible.contains(only) {
                pen.disc(only, 0.6 * stroke.width, stroke.color, 1.0)?;
            }
            continue;
        }
        for part in path::clip(&path::simplify(&path::decimate(&run), 0.35), &visible) {
            pen.line(&part, stroke)?;
        }
    }
    Ok(())
}

fn size_and_alpha(marker: Marker, count: usize) -> (f64, f64) {
    let radius = match marker {
        Marker::Numeral => 8.0,
        _ if count > MANY => 1.7,
        Marker::Dot => 3.2,
        _ => 3.6,
    };
    (radius, if count > MANY { 0.7 } else { 1.0 })
}

/// One point.
pub(crate) fn mark<DB: DrawingBackend>(
    pen: &Pen<'_, DB>,
    marker: Marker,
    at: Point,
    radius: f64,
    role: Role,
    alpha: f64,
) -> Result<(), DrawError> {
    let color = palette::color(role, pen.style.dark);
    let stroke = Stroke { alpha, ..Stroke::new(color, (0.42 * radius).clamp(1.0, 1.6 * pen.unit())) };
    let (x, y, r) = (at.0.round(), at.1.round(), radius.round().max(1.0));
    match (marker, role) {
        (Marker::Numeral, Role::Class(class)) => {
            let size = (2.0 * radius).max(0.6 * pen.text_size());
            pen.text(&class.to_string(), at, size, palette::text_color(role, pen.style.dark), HPos::Center)
        }
        (Marker::Dot | Marker::Numeral, _) => pen.disc(at, radius, color, alpha),
        (Marker::Circle, _) => {
            // Open marks hide the line beneath them, while there are few.
            if alpha == 1.0 {
                pen.disc(at, radius, palette::paper(pen.style.dark), 1.0)?;
            }
            pen.ring(at, radius, stroke)
        }
        (Marker::Square, _) => {
            let r = (0.9 * r).round().max(1.0);
            if alpha == 1.0 {
                let area = Area { left: x - r, right: x + r, top: y - r, bottom: y + r };
                pen.rect(area, palette::paper(pen.style.dark), 1.0)?;
            }
            let corners =
                [(x - r, y - r), (x + r, y - r), (x + r, y + r), (x - r, y + r), (x - r, y - r), (x + r, y - r)];
            pen.line(&corners, stroke)
        }
        (Marker::Cross, _) => {
            pen.line(&[(x - r, y - r), (x + r, y + r)], stroke)?;
            pen.line(&[(x - r, y + r), (x + r, y - r)], stroke)
        }
    }
}

fn band<DB: DrawingBackend>(
    points: &[[f64; 3]],
    color: RGBColor,
    frame: &Frame<'_>,
    pen: &Pen<'_, DB>,
) -> Result<(), DrawError> {
    let whole = |p: &[f64; 3]| p.iter().all(|v| v.is_finite());
    for run in points.chunk_by(|a, b| whole(a) == whole(b)).filter(|run| whole(&run[0])) {
        let edge = |k: usize| -> Vec<Point> {
            run.iter()
                .map(|p| (frame.x.pixel(p[0]), frame.y.pixel_or_end(p[k])))
                .filter(|p| p.0.is_finite() && p.1.is_finite())
                .collect()
        };
        // Each edge keeps its own extremes; the shape stays within a third of a pixel of the truth.
        let mut shape = path::simplify(&path::decimate(&edge(1)), 0.35);
        shape.extend(path::simplify(&path::decimate(&edge(2)), 0.35).into_iter().rev());
        let alpha = if pen.style.dark { 0.26 } else { 0.18 };
        pen.fill(&path::clip_polygon(&shape, &frame.area), color, alpha)?;
    }
    Ok(())
}

fn clipped_bar<DB: DrawingBackend>(
    &[x0, x1, y0, y1]: &[f64; 4],
    role: Role,
    ink: f64,
    frame: &Frame<'_>,
    pen: &Pen<'_, DB>,
) -> Result<(), DrawError> {
    let (a, b) = (frame.x.pixel_or_end(x0), frame.x.pixel_or_end(x1));
    let (c, d) = (frame.y.pixel_or_end(y0), frame.y.pixel_or_end(y1));
    if !(a.is_finite() && b.is_finite() && c.is_finite() && d.is_finite()) {
        return Ok(());
    }
    // On whole pixels, so that neighbouring bars meet; between wide ones a hairline of background.
    let gap = if (a - b).abs() >= 3.5 * pen.style.scale { pen.hair() } else { 0.0 };
    let area = Area {
        left: a.min(b).round().max(frame.area.left),
        right: (a.max(b).round() - gap).min(frame.area.right),
        top: c.min(d).max(frame.area.top),
        bottom: c.max(d).min(frame.area.bottom),
    };
    if area.right <= area.left || area.bottom <= area.top { Ok(()) } else { bar(pen, area, role, ink) }
}

/// Whether bars of different layers cover each other, as two histograms do and stacked bars do not.
fn bars_overlap(chart: &Chart) -> bool {
    let all: Vec<&Vec<[f64; 4]>> =
        chart.layers.iter().filter_map(|l| if let Layer::Bars { bars, .. } = l { Some(bars) } else { None }).collect();
    let shared = |a0: f64, a1: f64, b0: f64, b1: f64| a0.max(a1).min(b0.max(b1)) - a0.min(a1).max(b0.min(b1));
    let meet = |a: &[f64; 4], b: &[f64; 4]| {
        shared(a[0], a[1], b[0], b[1]) > 0.05 * (a[1] - a[0]).abs()
            && shared(a[2], a[3], b[2], b[3]) > 0.05 * (a[3] - a[2]).abs()
    };
    all.iter().enumerate().any(|(i, a)| all[..i].iter().any(|b| a.iter().any(|p| b.iter().any(|q| meet(p, q)))))
}

/// One bar; the aggregate posterior is an outline, so that what it is compared with shows through.
pub(crate) fn bar<DB: DrawingBackend>(pen: &Pen<'_, DB>, area: Area, role: Role, ink: f64) -> Result<(), DrawError> {
    let color = palette::color(role, pen.style.dark);
    if role != Role::Aggregate {
        // Opaque where bars stand alone: neighbours then meet without a seam.
        let paper = palette::paper(pen.style.dark);
        return if ink < 0.6 {
            pen.rect(area, color, ink)
        } else {
            pen.rect(area, palette::mix(paper, color, ink), 1.0)
        };
    }
    pen.rect(area, color, 0.14)?;
    let Area { left, right, top, bottom } = area;
    let outline = [(left, bottom), (left, top), (right, top), (right, bottom)];
    pen.line(&outline, Stroke::new(color, 1.4 * pen.unit()))
}

fn rule<DB: DrawingBackend>(
    at: f64,
    vertical: bool,
    stroke: Stroke,
    frame: &Frame<'_>,
    pen: &Pen<'_, DB>,
) -> Result<(), DrawError> {
    let Area { left, right, top, bottom } = frame.area;
    let ends = if vertical {
        let x = frame.x.pixel(at);
        [(x, bottom), (x, top)]
    } else {
        let y = frame.y.pixel(at);
        [(left, y), (right, y)]
    };
    if frame.area.grown(1.0).contains(ends[0]) { pen.line(&ends, stroke) } else { Ok(()) }
}

/// The label of a vertical rule, at its top on the side that has room.
fn vertical_rule_label<DB: DrawingBackend>(
    label: &str,
    at: f64,
    role: Role,
    frame: &Frame<'_>,
    pen: &Pen<'_, DB>,
) -> Result<(), DrawError> {
    let (t, x) = (pen.text_size(), frame.x.pixel(at));
    if frame.detail < crate::layout::Detail::Full || !(x >= frame.area.left && x <= frame.area.right) {
        return Ok(());
    }
    let width = pen.width(label, t)?;
    let right = x + 0.4 * t + width <= frame.total.right;
    let (x, h_pos) = if right { (x + 0.4 * t, HPos::Left) } else { (x - 0.4 * t, HPos::Right) };
    pen.text(label, (x, frame.area.top + 0.55 * t), t, palette::text_color(role, pen.style.dark), h_pos)
}

fn ellipse<DB: DrawingBackend>(
    &[x, y, rx, ry]: &[f64; 4],
    role: Role,
    frame: &Frame<'_>,
    pen: &Pen<'_, DB>,
) -> Result<(), DrawError> {
    let outline: Vec<Point> = (0..=CORNERS)
        .map(|i| std::f64::consts::TAU * i as f64 / CORNERS as f64)
        .map(|a| (frame.x.pixel(x + rx * a.cos()), frame.y.pixel(y + ry * a.sin())))
        .collect();
    if outline.iter().any(|p| !(p.0.is_finite() && p.1.is_finite())) {
        return Ok(());
    }
    let color = palette::color(role, pen.style.dark);
    if role != Role::Aggregate {
        pen.fill(&path::clip_polygon(&outline, &frame.area), color, 0.12)?;
    }
    let stroke = Stroke::new(color, 1.2 * pen.unit());
    path::clip(&outline, &frame.area.grown(1.0)).iter().try_for_each(|part| pen.line(part, stroke))
}

fn error_bar<DB: DrawingBackend>(
    &[x, y, half]: &[f64; 3],
    color: RGBColor,
    frame: &Frame<'_>,
    pen: &Pen<'_, DB>,
) -> Result<(), DrawError> {
    let x = frame.x.pixel(x);
    let (low, high) = (frame.y.pixel_or_end(y - half), frame.y.pixel_or_end(y + half));
    if !(x.is_finite() && low.is_finite() && high.is_finite()) {
        return Ok(());
    }
    let stroke = Stroke::new(color, 1.2 * pen.unit());
    let visible = frame.area.grown(1.0);
    let Some((a, b)) = path::clip_segment((x, low), (x, high), &visible) else { return Ok(()) };
    pen.line(&[a, b], stroke)?;
    let cap = 2.6 * pen.unit();
    for y in [low, high] {
        if visible.contains((x, y)) {
            pen.line(&[(x - cap, y), (x + cap, y)], stroke)?;
        }
    }
    Ok(())
}

fn arrow<DB: DrawingBackend>(
    &[x0, y0, x1, y1]: &[f64; 4],
    stroke: Stroke,
    head: bool,
    frame: &Frame<'_>,
    pen: &Pen<'_, DB>,
) -> Result<(), DrawError> {
    let (from, to) = ((frame.x.pixel(x0), frame.y.pixel(y0)), (frame.x.pixel(x1), frame.y.pixel(y1)));
    if ![from.0, from.1, to.0, to.1].iter().all(|v| v.is_finite()) {
        return Ok(());
    }
    let visible = frame.area.grown(1.0);
    let Some((a, b)) = path::clip_segment(from, to, &visible) else { return Ok(()) };
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy);
    if !head || b != to || length < 1.0 {
        return pen.line(&[a, b], stroke);
    }
    let (ux, uy) = (dx / length, dy / length);
    let reach = (6.5 * pen.unit()).min(0.6 * length);
    let base = (to.0 - ux * reach, to.1 - uy * reach);
    let half = 0.42 * reach;
    pen.line(&[a, (to.0 - 0.7 * ux * reach, to.1 - 0.7 * uy * reach)], stroke)?;
    let corners = [to, (base.0 - uy * half, base.1 + ux * half), (base.0 + uy * half, base.1 - ux * half)];
    pen.fill(&corners, stroke.color, 1.0)
}
