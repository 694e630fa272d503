//! Where the axes, their ticks and their labels go. It must not know how layers look.

use figure::{Axis, Chart};
use plotters_backend::DrawingBackend;

use crate::coordinates::AxisMap;
use crate::labels::{self, Key};
use crate::path::Area;
use crate::pen::Pen;
use crate::{DrawError, extent, number, ticks};

/// Tick labels in multiples of the text size.
pub(crate) const TICK_SIZE: f64 = 0.88;

/// How much there is room for besides the data: nothing, ticks with their numbers, or all labels too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Detail {
    Bare,
    Ticks,
    Full,
}

/// A tick: its pixel along the axis, its label.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tick {
    pub at: f64,
    pub label: String,
}

/// The finished plan of a chart.
#[derive(Debug)]
pub(crate) struct Frame<'c> {
    pub detail: Detail,
    /// The whole drawing area.
    pub total: Area,
    /// Where the data go.
    pub area: Area,
    pub x: AxisMap,
    pub y: AxisMap,
    pub x_ticks: Vec<Tick>,
    pub y_ticks: Vec<Tick>,
    pub key: Key<'c>,
}

/// The plan with the most labels that leaves the data enough space: labels at line ends, else a legend, else ticks only, else nothing.
pub(crate) fn plan<'c, DB: DrawingBackend>(chart: &'c Chart, pen: &Pen<'_, DB>) -> Result<Frame<'c>, DrawError> {
    let keys = labels::keys(chart, pen)?;
    for (detail, key) in keys.into_iter().map(|key| (Detail::Full, key)).chain([(Detail::Ticks, Key::default())]) {
        let frame = attempt(chart, pen, detail, key)?;
        let t = pen.text_size();
        let least = if detail == Detail::Full { (5.0 * t, 3.0 * t) } else { (2.5 * t, 1.5 * t) };
        if frame.area.width() >= least.0.min(0.45 * frame.total.width())
            && frame.area.height() >= least.1
            && frame.total.width() >= 6.0 * t
            && frame.key.fits(&frame, pen)
        {
            return Ok(frame);
        }
    }
    attempt(chart, pen, Detail::Bare, Key::default())
}

fn attempt<'c, DB: DrawingBackend>(
    chart: &'c Chart,
    pen: &Pen<'_, DB>,
    detail: Detail,
    mut key: Key<'c>,
) -> Result<Frame<'c>, DrawError> {
    let t = pen.text_size();
    let total = pen.area();
    let (x_range, y_range) = extent::ranges(chart);
    let (labelled, ticked) = (detail == Detail::Full, detail >= Detail::Ticks);
    let pad = if ticked { 0.35 * t } else { 0.04 * total.width().min(total.height()) };

    let y_label = if labelled && !chart.y.hidden { pen.width(&chart.y.label, t)? } else { 0.0 };
    let rows = key.flow(total, y_label, pen)?;
    let mut area = total.grown(-pad);
    area.top += if rows > 0 {
        1.45 * t * rows as f64 + 0.35 * t
    } else if ticked {
        0.3 * t
    } else {
        0.0
    };
    if ticked && !chart.x.hidden {
        area.bottom -= 1.45 * t;
        if labelled && !chart.x.label.is_empty() {
            area.bottom -= 1.3 * t;
        }
    }
    area.bottom = area.bottom.max(area.top + 1.0);

    let mut x = axis_map(&chart.x, x_range, area.left, area.right);
    let mut y = axis_map(&chart.y, y_range, area.bottom, area.top);
    let mut y_ticks = if ticked { vertical_ticks(&chart.y, &y, t) } else { Vec::new() };
    let mut left = 0.0f64;
    for tick in &y_ticks {
        left = left.max(pen.width(&tick.label, TICK_SIZE * t)?);
    }
    if !y_ticks.is_empty() {
        // Long tick labels take a third of the width at most.
        area.left += left.min(0.34 * total.width()) + 0.55 * t;
    }
    // The last number under the axis is centred on its end.
    area.right -= key.margin(t).max(if ticked && !chart.x.hidden { 0.9 * t } else { 0.0 });
    area.right = area.right.max(area.left + 1.0);
    if chart.equal {
        area = shrunk(area, x_range.1 - x_range.0, y_range.1 - y_range.0);
    }
    (x.from, x.to, y.from, y.to) = (area.left, area.right, area.bottom, area.top);
    if chart.equal && ticked {
        y_ticks = vertical_ticks(&chart.y, &y, t);
    }
    let x_ticks = if ticked { horizontal_ticks(&chart.x, &x, pen)? } else { Vec::new() };
    for tick in &mut y_ticks {
        tick.at = tick.at.clamp(area.top, area.bottom);
    }
    let mut frame = Frame { detail, total, area, x, y, x_ticks, y_ticks, key };
    let mut key = std::mem::take(&mut frame.key);
    let reserved = key.margin(t);
    key.place(chart, &frame, pen);
    if key.margin(t) < reserved {
        // Some labels fit inside the axes: the data get the space kept for them, and the other labels are placed again.
        return attempt(chart, pen, detail, key);
    }
    frame.key = key;
    Ok(frame)
}

fn axis_map(axis: &Axis, (low, high): (f64, f64), from: f64, to: f64) -> AxisMap {
    AxisMap { scale: axis.scale, low, high, from, to }
}

/// The largest area inside `area`, in its middle, whose sides are as `width` to `height`.
fn shrunk(area: Area, width: f64, height: f64) -> Area {
    let unit = (area.width() / width).min(area.height() / height);
    let (dx, dy) = ((area.width() - unit * width) / 2.0, (area.height() - unit * height) / 2.0);
    Area { left: area.left + dx, right: area.right - dx, top: area.top + dy, bottom: area.bottom - dy }
}

fn numbers(axis: &Axis, map: &AxisMap, wanted: usize) -> Vec<Tick> {
    let values = ticks::ticks(map.low, map.high, axis.scale, wanted);
    let texts = match axis.scale {
        figure::Scale::Linear => number::labels(&values),
        figure::Scale::Log => number::log_labels(&values),
    };
    values.iter().zip(texts).map(|(v, label)| Tick { at: map.pixel(*v), label }).collect()
}

fn named(axis: &Axis, map: &AxisMap) -> Vec<Tick> {
    let inside = |v: &f64| *v >= map.low && *v <= map.high;
    axis.ticks
        .iter()
        .filter(|(v, _)| inside(v))
        .map(|(v, label)| Tick { at: map.pixel(*v), label: label.clone() })
        .collect()
}

/// Ticks of the vertical axis: as many as do not touch each other.
fn vertical_ticks(axis: &Axis, map: &AxisMap, t: f64) -> Vec<Tick> {
    if axis.hidden {
        return Vec::new();
    }
    let height = (map.from - map.to).abs();
    let clear = |ticks: &[Tick]| ticks.windows(2).all(|w| (w[0].at - w[1].at).abs() >= 1.2 * t);
    if !axis.ticks.is_empty() {
        return thinned(&named(axis, map), |ticks| clear(ticks));
    }
    let most = ((height / (2.7 * t)) as usize).clamp(2, 6);
    (1..=most).rev().map(|n| numbers(axis, map, n)).find(|ticks| clear(ticks)).unwrap_or_default()
}

/// Ticks of the horizontal axis: as many as do not touch each other.
fn horizontal_ticks<DB: DrawingBackend>(axis: &Axis, map: &AxisMap, pen: &Pen<'_, DB>) -> Result<Vec<Tick>, DrawError> {
    if axis.hidden {
        return Ok(Vec::new());
    }
    let t = pen.text_size();
    let width = (map.to - map.from).abs();
    let clear = |ticks: &[Tick]| -> Result<bool, DrawError> {
        let mut end = f64::NEG_INFINITY;
        for tick in ticks {
            let half = pen.width(&tick.label, TICK_SIZE * t)? / 2.0;
            if tick.at - half < end {
                return Ok(false);
            }
            end = tick.at + half + 0.5 * t;
        }
        Ok(true)
    };
    if !axis.ticks.is_empty() {
        let all = named(axis, map);
        for stride in 1..=all.len().max(1) {
            let some: Vec<Tick> = all.iter().step_by(stride).cloned().collect();
            if clear(&some)? {
                return Ok(some);
            }
        }
        return Ok(Vec::new());
    }
    let most = ((width / (4.6 * t)) as usize).clamp(2, 6);
    for n in (1..=most).rev() {
        let ticks = numbers(axis, map, n);
        if clear(&ticks)? {
            return Ok(ticks);
        }
    }
    Ok(Vec::new())
}

fn thinned(all: &[Tick], clear: impl Fn(&[Tick]) -> bool) -> Vec<Tick> {
    (1..=all.len())
        .map(|stride| all.iter().step_by(stride).cloned().collect::<Vec<_>>())
        .find(|some| clear(some))
        .unwrap_or_default()
}
