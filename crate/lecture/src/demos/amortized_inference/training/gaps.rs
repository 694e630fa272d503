//! Both gaps of every point as bars; pressing on a bar shows that point.

use crate::demos::amortized_inference::{keys, slots};
use figure::{Axis, Chart, Dash, Figure, Layer, Marker, Pointer, Role};

use math::wheel::Family;

use super::points::{Group, Points};
use super::report::{MEAN_FIELD, Moment, point_name};

/// The most bars of training and of held-out points; with more points every k-th in the order of the approximation gap.
const MOST_BARS: [(Group, usize); 3] = [(Group::Training, 32), (Group::HeldOut, 12), (Group::Added, usize::MAX)];
/// Bars left out between groups.
const BETWEEN: usize = 2;

/// A bar's place and the index of its point.
struct Bar {
    place: usize,
    point: usize,
}

/// The bars: by group, and in each drawn group by falling approximation gap, which training does not change.
fn bars(points: &Points) -> Vec<Bar> {
    let mut bars = Vec::new();
    let mut place = 0;
    for (group, most) in MOST_BARS {
        let mut order: Vec<usize> = (0..points.all.len()).filter(|&index| points.all[index].group == group).collect();
        if group != Group::Added {
            let gap = |index: usize| points.all[index].approximation_gap();
            order.sort_by(|&a, &b| gap(b).total_cmp(&gap(a)).then(a.cmp(&b)));
        }
        let count = order.len().min(most);
        for rank in 0..count {
            bars.push(Bar { place, point: order[rank * order.len() / count] });
            place += 1;
        }
        place += if count > 0 { BETWEEN } else { 0 };
    }
    bars
}

/// The id of the point whose bar was pressed: the nearest bar to the first of `chosen`'s numbers, if there are any.
pub(super) fn pressed(points: &Points, chosen: &[f64]) -> Option<u64> {
    let x = *chosen.first()?;
    let distance = |bar: &Bar| (bar.place as f64 - x).abs();
    let nearest = bars(points).into_iter().min_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    Some(points.all[nearest.point].id)
}

/// The approximation gap of each point, its amortization gap stacked on it, and its mean-field's gap.
pub(super) fn figure(moment: &Moment<'_>) -> Figure {
    let bars = bars(moment.points);
    let (mut approximation, mut amortization, mut mean_field) = (Vec::new(), Vec::new(), Vec::new());
    let (mut diagonal, mut ticks) = (Vec::new(), Vec::new());
    let mut tops = Vec::new();
    for bar in &bars {
        let (point, state) = (&moment.points.all[bar.point], &moment.states[bar.point]);
        let (left, right) = (bar.place as f64 - 0.42, bar.place as f64 + 0.42);
        let (gap, whole) = (point.approximation_gap(), point.log_px - state.amortized_elbo);
        let other = moment.other_gap(point);
        match (other, moment.points.family) {
            (Some(full), Family::Diagonal) => {
                approximation.push([left, right, 0.0, full]);
                diagonal.push([left, right, full, gap]);
            }
            (other, _) => {
                approximation.push([left, right, 0.0, gap]);
                ticks.extend(other.map(|gap| [left, gap, right, gap]));
            }
        }
        amortization.push([left, right, gap, whole]);
        mean_field.push([bar.place as f64, point.log_px - state.mean_field_elbo]);
        tops.push(whole);
    }
    let top = top(&mut tops);
    // With two latent dimensions the approximation gap of a diagonal Gaussian has two parts.
    let name = if diagonal.is_empty() { "approximation gap" } else { "Gaussian" };
    let mut layers = vec![Layer::bars(Role::Exact, name, approximation)];
    if !diagonal.is_empty() {
        layers.push(Layer::bars(Role::Neutral, "and diagonal", diagonal));
    }
    layers.push(Layer::bars(Role::Posterior, "amortization gap", amortization));
    layers.push(Layer::points(MEAN_FIELD, Marker::Square, "", mean_field));
    if !ticks.is_empty() {
        layers.push(Layer::Arrows { role: Role::Neutral, dash: Dash::Solid, head: false, arrows: ticks });
    }
    if let Some(bar) = bars.iter().find(|bar| bar.point == moment.shown) {
        let at = bar.place as f64;
        layers.push(Layer::vertical_rule(Role::Neutral, Dash::Dotted, "", at));
    }
    let ticks = MOST_BARS.iter().filter_map(|(group, _)| {
        let places = bars.iter().filter(|bar| moment.points.all[bar.point].group == *group).map(|bar| bar.place as f64);
        let (sum, count) = places.fold((0.0, 0.0), |(sum, count), place| (sum + place, count + 1.0));
        (count > 0.0).then(|| (sum / count, group.name().to_owned()))
    });
    let shown = &moment.points.all[moment.shown];
    let families = match (moment.other_gap(shown), moment.points.family) {
        (None, _) => String::new(),
        (Some(gap), Family::Diagonal) => {
            format!(" The lower part of an approximation gap is what the best full Gaussian leaves; here {gap:.3}.")
        }
        (Some(gap), Family::Full) => format!(" A tick: what the best diagonal Gaussian leaves; here {gap:.3}."),
    };
    let alt = format!(
        "For each point log p(x) − ELBO of the encoder in nats, as approximation gap plus amortization gap; squares: the same for mean-field. {}: {:.3} + {:.3}.{families}",
        point_name(moment, moment.shown),
        shown.approximation_gap(),
        shown.best_elbo - moment.states[moment.shown].amortized_elbo
    );
    let end = bars.last().map_or(0, |bar| bar.place) as f64;
    let chart = Chart::new(
        Axis::linear("points, each group by its approximation gap").over(-1.0, end + 1.0).with_ticks(ticks.collect()),
        Axis::linear("log p(x) − ELBO (nats)").over(0.0, top),
        layers,
    );
    slots::GAPS.chart(alt, chart).with_pointer(Pointer::Pick { control: keys::CHOSEN.name.into() })
}

/// The axis's upper end: 1, 2 or 5 times a power of ten, at least 1, with the bars below four fifths of it. It changes in steps.
fn top(wholes: &mut [f64]) -> f64 {
    wholes.sort_by(f64::total_cmp);
    let wanted = wholes.get(wholes.len() * 4 / 5).copied().unwrap_or(1.0);
    let mut top = 1.0;
    for factor in [2.0, 2.5, 2.0].into_iter().cycle().take(20) {
        if top >= wanted {
            break;
        }
        top *= factor;
    }
    top
}
