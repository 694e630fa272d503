//! A snapshot of the run: figures, read-outs, table and notes.

use crate::demos::amortized_inference::readouts;
use figure::{Figure, Readout, Role};
use math::wheel::{Family, Gaussian};

use super::points::{Group, Point, Points, State, mean};
use super::{curves, gaps, plane};
use learn::Table;

/// The colour of mean-field. Both families are q(z|x); the encoder's has the colour of [`Role::Posterior`], as on every slide.
pub(super) const MEAN_FIELD: Role = Role::MeanField;

learn::columns! {
    /// Mean ELBOs over the training points and over the held-out ones, in nats per point.
    pub(super) enum Column {
        MeanField = "mean_field_elbo",
        Amortized = "amortized_elbo",
        HeldoutMeanField = "heldout_mean_field_elbo",
        HeldoutAmortized = "heldout_amortized_elbo",
    }
}

/// The most points whose Gaussians are in the table.
const MOST_GAUSSIANS: usize = 400;

/// Everything that a snapshot is made of.
pub(super) struct Moment<'a> {
    pub(super) points: &'a Points,
    /// One per point.
    pub(super) states: &'a [State],
    pub(super) curves: &'a Table<Column>,
    /// The index of the point whose posteriors are shown.
    pub(super) shown: usize,
    /// |φ|.
    pub(super) network_parameters: usize,
    pub(super) step: u64,
}

/// Means over a group of points, in nats per point.
pub(super) struct Averages {
    pub(super) log_px: f64,
    /// Of the best Gaussian's ELBO.
    pub(super) best: f64,
    /// Of the best diagonal and of the best full Gaussian's, whichever the run's family is.
    pub(super) diagonal: f64,
    pub(super) full: f64,
    pub(super) mean_field: f64,
    pub(super) amortized: f64,
}

impl Moment<'_> {
    fn average(&self, group: Group) -> Averages {
        let of = |value: fn(&Point, &State) -> f64| {
            let both = self.points.all.iter().zip(self.states).filter(|(point, _)| point.group == group);
            mean(both.map(|(point, state)| value(point, state)))
        };
        Averages {
            log_px: of(|point, _| point.log_px),
            best: of(|point, _| point.best_elbo),
            diagonal: of(|point, _| point.diagonal_elbo),
            full: of(|point, _| point.full_elbo),
            mean_field: of(|_, state| state.mean_field_elbo),
            amortized: of(|_, state| state.amortized_elbo),
        }
    }

    /// Over the training points.
    pub(super) fn averages(&self) -> Averages {
        self.average(Group::Training)
    }

    /// Over the held-out points.
    pub(super) fn heldout_averages(&self) -> Averages {
        self.average(Group::HeldOut)
    }

    /// 2·d_z·N, and with a full covariance 5·N.
    pub(super) fn free_parameters(&self) -> usize {
        self.points.shape().numbers() * self.points.training
    }

    /// The N at which mean-field has as many numbers as the network, |φ|.
    pub(super) fn break_even_points(&self) -> f64 {
        self.network_parameters as f64 / self.points.shape().numbers() as f64
    }

    /// What is left of log p(x) by the best Gaussian of the family that the run does not have; none with one latent dimension, where
    /// both are the same.
    pub(super) fn other_gap(&self, point: &Point) -> Option<f64> {
        let elbo = match self.points.family {
            Family::Diagonal => point.full_elbo,
            Family::Full => point.diagonal_elbo,
        };
        (self.points.model.latent() == 2).then_some(point.log_px - elbo)
    }

    /// The amortization gap of a point: ELBO(best Gaussian) − ELBO(encoder), never negative.
    fn amortization_gap(&self, index: usize) -> f64 {
        self.points.all[index].best_elbo - self.states[index].amortized_elbo
    }

    /// A sentence for each added point: how far both kinds of inference are from its best Gaussian.
    pub(super) fn new_point_sentences(&self) -> Vec<String> {
        let first = self.points.drawn();
        let tell = |(k, trace): (usize, &super::points::Trace)| {
            let point = &self.points.all[first + k];
            let way = match trace.reached {
                Some(steps) => format!("mean-field needed {steps} steps to come within 0.01 nats of its best Gaussian"),
                None => format!(
                    "mean-field is {:.3} nats below its best Gaussian after {} steps",
                    point.best_elbo - self.states[first + k].mean_field_elbo,
                    self.step - trace.born
                ),
            };
            format!(
                "Point ({:.2}, {:.2}): {way}; the encoder’s one forward pass is {:.3} nats below it.",
                point.x[0],
                point.x[1],
                self.amortization_gap(first + k)
            )
        };
        self.points.traces.iter().enumerate().map(tell).collect()
    }
}

/// What a point is called.
pub(super) fn point_name(moment: &Moment<'_>, index: usize) -> String {
    let group = moment.points.all[index].group;
    let first = match group {
        Group::Training => 0,
        Group::HeldOut => moment.points.training,
        Group::Added => moment.points.drawn(),
    };
    let kind = match group {
        Group::Training => "Training point",
        Group::HeldOut => "Held-out point",
        Group::Added => "Added point",
    };
    format!("{kind} {}", index - first + 1)
}

/// All figures.
pub(super) fn figures(moment: &Moment<'_>, exact: &plane::Exact) -> Vec<Figure> {
    vec![
        plane::data(moment),
        plane::posterior(moment, exact),
        gaps::figure(moment),
        curves::elbo(moment),
        curves::distance(moment),
        curves::new_points(moment),
        curves::parameters(moment),
    ]
}

/// All read-outs. They are exact for the given points: no estimates, no batches.
pub(super) fn readouts(moment: &Moment<'_>) -> Vec<Readout> {
    let (training, heldout) = (moment.averages(), moment.heldout_averages());
    let newest = moment.points.traces.last();
    let shown = &moment.points.all[moment.shown];
    let last = moment.points.all.len() - 1;
    vec![
        readouts::STEP.value(moment.step as f64),
        readouts::LOG_PX.value(training.log_px),
        readouts::MEAN_FIELD_ELBO.value(training.mean_field),
        readouts::AMORTIZED_ELBO.value(training.amortized),
        readouts::APPROXIMATION_GAP.value(training.log_px - training.best),
        readouts::DIAGONAL_APPROXIMATION_GAP.value(training.log_px - training.diagonal),
        readouts::FULL_APPROXIMATION_GAP.value(training.log_px - training.full),
        readouts::OPTIMISATION_GAP.value(training.best - training.mean_field),
        readouts::AMORTIZATION_GAP.value(training.best - training.amortized),
        readouts::HELDOUT_MEAN_FIELD_ELBO.value(heldout.mean_field),
        readouts::HELDOUT_AMORTIZED_ELBO.value(heldout.amortized),
        readouts::HELDOUT_AMORTIZATION_GAP.value(heldout.best - heldout.amortized),
        readouts::FREE_PARAMETERS.value(moment.free_parameters() as f64),
        readouts::NETWORK_PARAMETERS.value(moment.network_parameters as f64),
        readouts::BREAK_EVEN_POINTS.value(moment.break_even_points()),
        readouts::NEW_STEPS.value(newest.and_then(|trace| trace.reached).map_or(f64::NAN, |steps| steps as f64)),
        readouts::NEW_AMORTIZATION_GAP.value(newest.map_or(f64::NAN, |_| moment.amortization_gap(last))),
        readouts::SHOWN_APPROXIMATION_GAP.value(shown.approximation_gap()),
        readouts::SHOWN_AMORTIZATION_GAP.value(moment.amortization_gap(moment.shown)),
    ]
}

/// The sentence of the newest added point, and with two latent dimensions what a tilt is worth at the shown point.
pub(super) fn notes(moment: &Moment<'_>) -> Vec<String> {
    let mut notes: Vec<String> = moment.new_point_sentences().pop().into_iter().collect();
    let shown = &moment.points.all[moment.shown];
    if moment.points.model.latent() == 2 {
        notes.push(format!(
            "The ringed point’s best diagonal Gaussian leaves {:.3} nats to log p(x), its best full one {:.3}.",
            shown.log_px - shown.diagonal_elbo,
            shown.log_px - shown.full_elbo
        ));
    } else if moment.points.family == Family::Full {
        notes.push("With one latent dimension a full covariance is a diagonal one.".to_owned());
    }
    notes
}

/// One row per point: its values, and while the points are few enough for a small snapshot also its Gaussians.
pub(super) fn table(moment: &Moment<'_>) -> Vec<Vec<String>> {
    let shape = moment.points.shape();
    let latent = shape.latent;
    let gaussians: &[&str] =
        if moment.points.all.len() <= MOST_GAUSSIANS { &["best", "mean_field", "amortized"] } else { &[] };
    let mut header: Vec<String> = [
        "group",
        "x1",
        "x2",
        "log_px",
        "best_elbo",
        "mean_field_elbo",
        "amortized_elbo",
        "approximation_gap",
        "amortization_gap",
        "steps_to_best",
    ]
    .map(str::to_owned)
    .to_vec();
    for kind in gaussians {
        for what in ["mu", "log_var"] {
            header.extend((1..=latent).map(|j| format!("{kind}_{what}{j}")));
        }
        header.extend((0..shape.below).map(|_| format!("{kind}_lower")));
    }
    if latent == 2 {
        header.extend(["best_diagonal_elbo", "best_full_elbo"].map(str::to_owned));
    }
    let numbers = |q: &Gaussian| -> Vec<f64> {
        let lower = [q.lower];
        q.mu[..latent].iter().chain(&q.log_var[..latent]).chain(&lower[..shape.below]).copied().collect()
    };
    let mut rows = vec![header];
    for (index, (point, state)) in moment.points.all.iter().zip(moment.states).enumerate() {
        let reached = index.checked_sub(moment.points.drawn()).and_then(|k| moment.points.traces[k].reached);
        let mut row = vec![point.group.name().to_owned()];
        let values = [
            point.x[0],
            point.x[1],
            point.log_px,
            point.best_elbo,
            state.mean_field_elbo,
            state.amortized_elbo,
            point.approximation_gap(),
            point.best_elbo - state.amortized_elbo,
        ];
        row.extend(values.iter().map(|value| format!("{value:.6}")));
        row.push(reached.map_or(String::new(), |steps| steps.to_string()));
        for q in [&point.best, &state.mean_field, &state.amortized].into_iter().take(gaussians.len()) {
            row.extend(numbers(q).iter().map(|value| format!("{value:.6}")));
        }
        if latent == 2 {
            row.extend([point.diagonal_elbo, point.full_elbo].map(|value| format!("{value:.6}")));
        }
        rows.push(row);
    }
    rows
}
