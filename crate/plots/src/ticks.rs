//! Which numbers an axis shows, and its range: steps of 1, 2 and 5 times a power of ten, the same for the same data, so that a
//! growing axis changes rarely and always to a round number. It must not know pixels.

use figure::Scale;

/// The most ticks an axis carries.
pub(crate) const MOST: usize = 7;

/// The range that an axis shows for data from `low` to `high`: the nearest multiples of a 1-2-5 step outwards (linear,
/// at most `steps` of them for the data) or of 1, 2, 5 times a power of ten (logarithmic). Depends on nothing but its arguments, and is
/// unchanged for all data inside the same steps.
///
/// An empty range, or one that cannot be drawn, gives 0 to 1 (logarithmic: 1 to 10); a single value gets a margin on both sides.
pub(crate) fn fit(low: f64, high: f64, scale: Scale, steps: f64) -> (f64, f64) {
    if !(low.is_finite() && high.is_finite()) || low > high || (scale == Scale::Log && low <= 0.0) {
        return if scale == Scale::Log { (1.0, 10.0) } else { (0.0, 1.0) };
    }
    match scale {
        Scale::Linear => {
            let (low, high) = padded(low, high);
            let step = round_step((high - low) / steps);
            // The tolerance keeps 0.30000000000000004 from adding a step.
            ((low / step + 1e-9).floor() * step, (high / step - 1e-9).ceil() * step)
        }
        Scale::Log => {
            let (low, high) = (low.clamp(1e-290, 1e290), high.clamp(1e-290, 1e290));
            let (low, high) = if high / low < 1.0 + 1e-9 { (low * 0.7, high * 1.4) } else { (low, high) };
            (log_below(low), 1.0 / log_below(1.0 / high))
        }
    }
}

/// About `wanted` round numbers from `low` to `high`, sorted: 3 to 7 of them wherever `wanted` is at least 3.
pub(crate) fn ticks(low: f64, high: f64, scale: Scale, wanted: usize) -> Vec<f64> {
    if !(low.is_finite() && high.is_finite()) || low >= high {
        return Vec::new();
    }
    match scale {
        Scale::Linear => linear(low, high, wanted),
        Scale::Log => logarithmic(low, high, wanted),
    }
}

fn linear(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    let span = high - low;
    let mut step = round_step(span / (wanted.max(1) as f64 + 0.5));
    let few = wanted.min(3);
    let most = wanted.clamp(3, MOST);
    for _ in 0..4 {
        let count = multiples(low, high, step).len();
        step = if count > most {
            round_step(step * 1.5)
        } else if count < few {
            next_smaller_step(step)
        } else {
            break;
        };
        // Coarser and finer may disagree by one: the finer one wins unless it is more than an axis carries.
        if count > most && multiples(low, high, step).len() < few {
            step = next_smaller_step(step);
            if multiples(low, high, step).len() <= MOST {
                break;
            }
            step = round_step(step * 1.5);
            break;
        }
    }
    multiples(low, high, step)
}

fn logarithmic(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let inside = |t: &f64| *t >= low * (1.0 - 1e-9) && *t <= high * (1.0 + 1e-9);
    let decades: Vec<f64> = (first..=last).map(|e| 10f64.powi(e)).filter(inside).collect();
    let most = wanted.clamp(3, MOST);
    if decades.len() >= 3 {
        // Every second, third, ... decade, counted from 10⁰ so that growth keeps them.
        let stride = (1..).find(|s| decades.len().div_ceil(*s) <= most).unwrap_or(1) as i32;
        let kept: Vec<f64> =
            decades.iter().copied().filter(|t| (t.log10().round() as i32).rem_euclid(stride) == 0).collect();
        return if kept.len() >= 3 || decades.len() > MOST { kept } else { decades };
    }
    for parts in [&[1.0, 3.0][..], &[1.0, 2.0, 5.0]] {
        let all = (first - 1..=last).flat_map(|e| parts.iter().map(move |p| p * 10f64.powi(e)));
        let some: Vec<f64> = all.filter(inside).collect();
        if (3..=MOST).contains(&some.len()) {
            return some;
        }
    }
    linear(low, high, wanted).into_iter().filter(|t| *t > 0.0).collect()
}

/// The multiples of `step` from `low` to `high`; at most a thousand.
fn multiples(low: f64, high: f64, step: f64) -> Vec<f64> {
    let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
    let count = (last - first + 1.0).clamp(0.0, 1000.0) as usize;
    // Adding zero turns −0 into 0.
    (0..count).map(|i| (first + i as f64) * step + 0.0).collect()
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `x`.
fn round_step(x: f64) -> f64 {
    let unit = 10f64.powf(x.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|m| m * unit).find(|s| *s >= x * (1.0 - 1e-9)).unwrap_or(10.0 * unit)
}

/// The next smaller step.
fn next_smaller_step(step: f64) -> f64 {
    round_step(step / 2.6)
}

/// The largest of 1, 2, 5 times a power of ten that is not above `x`.
fn log_below(x: f64) -> f64 {
    let unit = 10f64.powf((x.log10() + 1e-9).floor());
    [5.0, 2.0].into_iter().map(|m| m * unit).find(|s| *s <= x * (1.0 + 1e-9)).unwrap_or(unit)
}

/// A margin around a single value, and bounds on extreme ones, so that differences stay finite.
fn padded(low: f64, high: f64) -> (f64, f64) {
    let (low, high) = (low.clamp(-1e300, 1e300), high.clamp(-1e300, 1e300));
    let size = low.abs().max(high.abs());
    if size < 1e-290 {
        return (-1.0, 1.0);
    }
    if high - low > 1e-9 * size {
        return (low, high);
    }
    (low - 0.1 * size, high + 0.1 * size)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANGES: [(f64, f64); 12] = [
        (0.0, 1.0),
        (-3.0, 3.0),
        (0.013, 0.0171),
        (-1e6, 4e7),
        (99.0, 99.5),
        (-0.3, 17.0),
        (5.5, 23.4),
        (0.0, 130.0),
        (-204.7, -96.1),
        (1e-9, 3e-9),
        (0.1, 0.30000000000000004),
        (-7.0, 7.9),
    ];

    #[test]
    fn fitted_ranges_contain_the_data_and_little_more() {
        for (low, high) in RANGES {
            let (a, b) = fit(low, high, Scale::Linear, 5.0);
            let slack = 1e-6 * (high - low);
            assert!(a <= low + slack && b >= high - slack, "{low} {high}: {a} {b}");
            assert!(b - a <= 1.9 * (high - low), "{low} {high}: {a} {b}");
        }
    }

    #[test]
    fn ticks_are_few_sorted_and_inside() {
        for (low, high) in RANGES {
            for (low, high) in [(low, high), fit(low, high, Scale::Linear, 5.0)] {
                for wanted in 3..=MOST {
                    let ticks = ticks(low, high, Scale::Linear, wanted);
                    assert!((3..=MOST).contains(&ticks.len()), "{low} {high} {wanted}: {ticks:?}");
                    assert!(ticks.windows(2).all(|w| w[0] < w[1]));
                    let slack = 1e-6 * (high - low);
                    assert!(ticks.iter().all(|t| (low - slack..=high + slack).contains(t)), "{ticks:?}");
                }
            }
        }
    }

    #[test]
    fn a_growing_axis_steps_and_never_shrinks() {
        let mut bounds: Vec<f64> = (1..=1000).map(|n| fit(0.0, f64::from(n), Scale::Linear, 5.0).1).collect();
        assert!(bounds.windows(2).all(|w| w[0] <= w[1]));
        bounds.dedup();
        assert!(bounds.len() < 40, "{} jumps from 1 to 1000: {bounds:?}", bounds.len());
    }

    #[test]
    fn log_ticks_are_decades_where_they_suffice() {
        assert_eq!(ticks(1.0, 1000.0, Scale::Log, 5), [1.0, 10.0, 100.0, 1000.0]);
        for (low, high) in [(0.5, 20.0), (1.0, 100.0), (0.11, 90.0), (1.1, 1.4), (2.0, 9.0), (1e-12, 1e12), (3e-4, 2e5)]
        {
            let (a, b) = fit(low, high, Scale::Log, 5.0);
            assert!(a <= low && b >= high * (1.0 - 1e-9), "{low} {high}: {a} {b}");
            for (low, high) in [(low, high), (a, b)] {
                let ticks = ticks(low, high, Scale::Log, 5);
                assert!((3..=MOST).contains(&ticks.len()), "{low} {high}: {ticks:?}");
                assert!(ticks.windows(2).all(|w| w[0] < w[1]), "{ticks:?}");
                assert!(ticks.iter().all(|t| (low * 0.999..=high * 1.001).contains(t)), "{ticks:?}");
            }
        }
    }

    #[test]
    fn degenerate_ranges_still_have_an_axis() {
        for scale in [Scale::Linear, Scale::Log] {
            for (low, high) in [
                (f64::INFINITY, f64::NEG_INFINITY),
                (f64::NAN, 1.0),
                (0.0, 0.0),
                (7.0, 7.0),
                (-1e308, 1e308),
                (5e-324, 5e-324),
            ] {
                let (a, b) = fit(low, high, scale, 5.0);
                assert!(a.is_finite() && b.is_finite() && a < b, "{low} {high} {scale:?}: {a} {b}");
                assert!(ticks(a, b, scale, 5).len() < 1000);
            }
        }
    }
}
