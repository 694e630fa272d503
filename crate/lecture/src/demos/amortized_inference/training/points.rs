//! The points of a run, each with its exact values, and the state of inference at each.

use math::wheel::{Family, Gaussian, Wheel};

use super::mean_field::Shape;
use learn::Stream;
use learn::Table;

/// Nats below the best Gaussian at which a point's optimisation counts as finished.
pub(super) const NEAR: f64 = 0.01;
/// Steps for which an added point is followed in any case.
pub(super) const FOLLOWED: u64 = 300;
/// The most steps for which it is followed, where it has not come near its best Gaussian.
const FOLLOWED_AT_MOST: u64 = 5000;

/// The groups of points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Training,
    HeldOut,
    Added,
}

impl Group {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Training => "training",
            Self::HeldOut => "held out",
            Self::Added => "added",
        }
    }
}

/// A point and its exact values, in nats.
#[derive(Clone, Debug)]
pub(super) struct Point {
    /// Unique in a run.
    pub(super) id: u64,
    pub(super) group: Group,
    pub(super) x: [f64; 2],
    pub(super) log_px: f64,
    /// Of the run's family.
    pub(super) best: Gaussian,
    pub(super) best_elbo: f64,
    /// Of both families, whichever the run has. With one latent dimension they are the same.
    pub(super) diagonal_elbo: f64,
    pub(super) full: Gaussian,
    pub(super) full_elbo: f64,
}

impl Point {
    fn new(model: &Wheel, family: Family, id: u64, group: Group, x: [f64; 2]) -> Self {
        let diagonal = model.best(x, Family::Diagonal);
        let full = if model.latent() == 2 { model.best(x, Family::Full) } else { diagonal };
        let (diagonal_elbo, full_elbo) = (model.elbo(x, &diagonal), model.elbo(x, &full));
        let (best, best_elbo) = match family {
            Family::Diagonal => (diagonal, diagonal_elbo),
            Family::Full => (full, full_elbo),
        };
        Self { id, group, x, log_px: model.log_px(x), best, best_elbo, diagonal_elbo, full, full_elbo }
    }

    /// log p(x) − max ELBO = KL\[best Gaussian‖p(z|x)\]: the approximation gap.
    pub(super) fn approximation_gap(&self) -> f64 {
        self.log_px - self.best_elbo
    }
}

learn::columns! {
    /// How far an ELBO is below that of the best Gaussian, in nats.
    pub(super) enum Below {
        Best = "below_best",
    }
}

/// The course of an added point's mean-field optimisation.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    pub(super) id: u64,
    /// The step of the run at which the point was added.
    pub(super) born: u64,
    /// Steps until its ELBO was within [`NEAR`] of the best.
    pub(super) reached: Option<u64>,
    /// (steps since it was added, nats below the best Gaussian).
    pub(super) below: Table<Below>,
}

impl Trace {
    pub(super) fn is_followed(&self, step: u64) -> bool {
        let age = step - self.born;
        age <= FOLLOWED || (self.reached.is_none() && age <= FOLLOWED_AT_MOST)
    }

    /// Records the optimisation at a step of the run.
    pub(super) fn saw(&mut self, step: u64, below: f64) {
        let age = step - self.born;
        if self.below.last().is_some_and(|(last, _)| last >= age) {
            return; // recorded already, when another point was added
        }
        if below <= NEAR && self.reached.is_none() {
            self.reached = Some(age);
        }
        if self.below.due(age) {
            self.below.push(age, [(Below::Best, below)]);
        }
    }

    /// Drops what was recorded after a step (the run went back to it).
    pub(super) fn rewind(&mut self, step: u64) {
        self.born = self.born.min(step);
        let age = step - self.born;
        self.below.rewind(age);
        self.reached = self.reached.filter(|reached| *reached <= age);
    }
}

/// All points, in the table's order: training, held out, added.
#[derive(Clone, Debug)]
pub(super) struct Points {
    pub(super) model: Wheel,
    /// The Gaussians that mean-field and the encoder choose from.
    pub(super) family: Family,
    pub(super) all: Vec<Point>,
    pub(super) training: usize,
    pub(super) heldout: usize,
    /// One per added point, in their order.
    pub(super) traces: Vec<Trace>,
    next_id: u64,
}

impl Points {
    /// `training` and `heldout` points of the model. The first points are the same for every number of points.
    pub(super) fn new(model: Wheel, family: Family, training: usize, heldout: usize, seed: u64) -> Self {
        let mut points = Self { model, family, all: Vec::new(), training, heldout, traces: Vec::new(), next_id: 0 };
        for (stream, count, group) in [(0, training, Group::Training), (1, heldout, Group::HeldOut)] {
            let mut rng = Stream::Samples.rng(seed).stream(stream);
            for _ in 0..count {
                points.push(group, model.sample(&mut rng));
            }
        }
        points
    }

    fn push(&mut self, group: Group, x: [f64; 2]) {
        self.all.push(Point::new(&self.model, self.family, self.next_id, group, x));
        self.next_id += 1;
    }

    /// The numbers of one Gaussian: with one latent dimension there is nothing below the diagonal.
    pub(super) fn shape(&self) -> Shape {
        let latent = self.model.latent();
        Shape { latent, below: usize::from(self.family == Family::Full && latent == 2) }
    }

    /// The number of training and held-out points.
    pub(super) fn drawn(&self) -> usize {
        self.training + self.heldout
    }

    /// The added points.
    pub(super) fn added(&self) -> &[Point] {
        &self.all[self.drawn()..]
    }

    /// Makes the added points those of a list (x, y, x, y, ...): keeps those still in it, and appends the new ones. Returns the
    /// indices of all points that stayed and the number of new ones; none when nothing changed.
    pub(super) fn set_added(&mut self, list: &[f64], step: u64) -> Option<(Vec<usize>, usize)> {
        let mut wanted: Vec<[f64; 2]> = list.chunks_exact(2).map(|pair| [pair[0], pair[1]]).collect();
        let mut kept: Vec<usize> = (0..self.drawn()).collect();
        for index in self.drawn()..self.all.len() {
            if let Some(found) = wanted.iter().position(|x| *x == self.all[index].x) {
                wanted.remove(found);
                kept.push(index);
            }
        }
        if wanted.is_empty() && kept.len() == self.all.len() {
            return None;
        }
        self.all = kept.iter().map(|&index| self.all[index].clone()).collect();
        let ids: Vec<u64> = self.added().iter().map(|point| point.id).collect();
        self.traces.retain(|trace| ids.contains(&trace.id));
        for &x in &wanted {
            self.traces.push(Trace { id: self.next_id, born: step, reached: None, below: Table::new(1) });
            self.push(Group::Added, x);
        }
        Some((kept, wanted.len()))
    }

    /// Coordinates for the device, `[point, 2]`, row by row, of the first `count` points, each `repeats` times.
    pub(super) fn coordinates(&self, count: usize, repeats: usize) -> Vec<f32> {
        let of = |point: &Point| std::iter::repeat_n(point.x.map(|x| x as f32), repeats).flatten();
        self.all[..count].iter().flat_map(of).collect()
    }

    /// A Gaussian from a row of a table: means, log variances, L_21.
    pub(super) fn gaussian(&self, row: &[f32]) -> Gaussian {
        let latent = self.model.latent();
        let mut q = Gaussian::diagonal([0.0; 2], [0.0; 2]);
        q.lower = row.get(2 * latent).map_or(0.0, |&lower| f64::from(lower));
        for j in 0..latent {
            q.mu[j] = f64::from(row[j]);
            q.log_var[j] = f64::from(row[latent + j]);
        }
        q
    }

    /// The best of a point's starts, with its ELBO. `rows` are the point's rows of the table.
    pub(super) fn best_start(&self, x: [f64; 2], rows: &[f32]) -> (Gaussian, f64) {
        let starts = rows.chunks_exact(self.shape().numbers()).map(|row| self.gaussian(row));
        let valued = starts.map(|q| (q, self.model.elbo(x, &q)));
        valued.max_by(|a, b| a.1.total_cmp(&b.1)).expect("every point has a start")
    }
}

/// The state of inference at a point.
#[derive(Clone, Copy, Debug)]
pub(super) struct State {
    pub(super) mean_field: Gaussian,
    pub(super) mean_field_elbo: f64,
    pub(super) amortized: Gaussian,
    pub(super) amortized_elbo: f64,
}

impl State {
    /// Both at the prior.
    pub(super) fn prior(model: &Wheel, x: [f64; 2]) -> Self {
        let q = Gaussian::diagonal([0.0; 2], [0.0; 2]);
        let elbo = model.elbo(x, &q);
        Self { mean_field: q, mean_field_elbo: elbo, amortized: q, amortized_elbo: elbo }
    }
}

/// States from the numbers of the table and of the encoder, point by point: exact ELBOs of both.
pub(super) fn states(points: &Points, table: &[f32], encoded: &[f32], starts: usize) -> Vec<State> {
    let width = points.shape().numbers();
    let rows = table.chunks_exact(width * starts).zip(encoded.chunks_exact(width));
    let state = |(point, (table, encoded)): (&Point, (&[f32], &[f32]))| {
        let (mean_field, mean_field_elbo) = points.best_start(point.x, table);
        let amortized = points.gaussian(encoded);
        State { mean_field, mean_field_elbo, amortized, amortized_elbo: points.model.elbo(point.x, &amortized) }
    };
    points.all.iter().zip(rows).map(state).collect()
}

/// The mean of a value over points; NaN over none.
pub(super) fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}
