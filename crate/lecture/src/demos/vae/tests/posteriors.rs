//! The true posterior of a pressed image, and the two gaps.

use figure::{Layer, Pointer, Role, Snapshot};

use crate::demos::vae::DEMO;
use crate::testing::{advance, changed, layers, start, value};

fn heat(snapshot: &Snapshot) -> Option<&figure::Heat> {
    layers(snapshot, "latent").iter().find_map(|layer| match layer {
        Layer::Heat(heat) => Some(heat),
        _ => None,
    })
}

fn ring(snapshot: &Snapshot) -> Option<[f64; 2]> {
    layers(snapshot, "latent").iter().find_map(|layer| match layer {
        Layer::Classes { marker: figure::Marker::Circle, points, .. } => Some(points[0]),
        _ => None,
    })
}

/// Nothing pressed: nothing drawn. A press, on the strip or on the point itself, rings the image over its posterior, which has the
/// image's code in it; and the gaps of that image and of the strip are there, none below 0.
#[test]
fn a_pressed_image_shows_its_posterior_and_its_gaps() {
    let mut run = start(DEMO, |values| values.with("hidden", 32.0));
    let before = advance(run.as_mut(), 250);
    assert!(heat(&before).is_none() && ring(&before).is_none());
    let gaps = ["approximation_gap", "amortization_gap"].map(|name| value(&before, name));
    assert!(gaps.iter().all(|gap| (0.0..2.0).contains(gap)), "{gaps:?}");
    assert!(value(&before, "pressed_log_px").is_nan());
    for figure in ["latent", "reconstructions"] {
        let pointer = &before.figure(figure).unwrap().pointer;
        assert_eq!(*pointer, Some(Pointer::Pick { control: "pressed".into() }), "{figure}");
    }

    let press = |list: Vec<f64>| changed(DEMO, |values| values.with("hidden", 32.0).with("pressed", list));
    // The second row of the strip is the first one's reconstructions.
    run.set(&press(vec![13.0]));
    let strip = advance(run.as_mut(), 0);
    let at = ring(&strip).unwrap();
    run.set(&press(at.to_vec()));
    let plane = advance(run.as_mut(), 0);
    assert_eq!(ring(&plane), Some(at));
    let heat = heat(&plane).unwrap();
    assert!((heat.x.0..heat.x.1).contains(&at[0]) && (heat.y.0..heat.y.1).contains(&at[1]), "{at:?} {heat:?}");
    let [family, encoder] = ["pressed_approximation_gap", "pressed_amortization_gap"].map(|name| value(&plane, name));
    assert!(family > -1e-3 && encoder >= 0.0 && value(&plane, "pressed_log_px") < -10.0, "{family} {encoder}");
    // It is the fourth of the strip's ten bars.
    let bars = |role: Role| {
        layers(&plane, "gaps").iter().find_map(|layer| match layer {
            Layer::Bars { role: of, bars, .. } if *of == role => Some(bars.clone()),
            _ => None,
        })
    };
    let [lower, upper] = [Role::Exact, Role::Posterior].map(|role| bars(role).unwrap());
    assert_eq!((lower.len(), upper.len()), (10, 10));
    assert!(lower[3][3] == family && upper[3][3] == family + encoder);
    let mean = lower.iter().map(|bar| bar[3]).sum::<f64>() / 10.0;
    assert!((mean - value(&plane, "approximation_gap")).abs() < 1e-12);
}

/// A look costs nothing of the run: it is the same run with an image pressed. And where the grid is not affordable a press does nothing.
#[test]
fn a_press_leaves_the_run_as_it_is() {
    let with = |list: Vec<f64>, latent: f64| {
        let mut run = start(DEMO, |values| values.with("hidden", 16.0).with("latent", latent).with("pressed", list));
        advance(run.as_mut(), 0);
        advance(run.as_mut(), 100)
    };
    let [pressed, not] = [vec![0.5, 0.5], vec![]].map(|list| with(list, 1.0));
    assert!(value(&pressed, "elbo") == value(&not, "elbo") && heat(&pressed).is_some() && heat(&not).is_none());
    let many = with(vec![2.0], 3.0);
    assert!(heat(&many).is_none() && many.figure("latent").unwrap().pointer.is_none());
    assert!(value(&many, "approximation_gap").is_nan());
}
