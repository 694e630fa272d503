//! The bounds of an M2 model and the objective J of a step. Noise is passed in, and no weights change here.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor};

use learn::models::{Classifier, M2, M2Config, Vae, repeat_each};
use learn::objectives::{kl_to_standard_normal, labelled_bound, log_likelihood, log_of_class, unlabelled_bound};

/// log p(y) of the uniform prior over the classes: −log K.
pub(crate) fn log_prior(config: &M2Config) -> f64 {
    -(config.classes as f64).ln()
}

/// −L(x,y) of each example with its own class.
///
/// Shapes: `x` `[batch, input]`, `y` one-hot `[batch, class]`, `eps` `[batch, latent]` → `[batch]`, nats.
pub(crate) fn bound(model: &M2, config: &M2Config, x: Tensor<2>, y: Tensor<2>, eps: Tensor<2>) -> Tensor<1> {
    let (mu, log_var) = model.encoder.forward(x.clone(), y.clone());
    let z = Vae::reparameterize(mu.clone(), log_var.clone(), eps);
    let decoded = model.decoder.forward(z, y);
    let reconstruction = log_likelihood(config.likelihood, x, decoded, model.decoder.log_scale.val());
    let log_prior = reconstruction.full_like(log_prior(config));
    labelled_bound(reconstruction, log_prior, kl_to_standard_normal(mu, log_var))
}

/// −L(x,y) of each example with every class. All classes of an example share its noise: each bound has the same distribution
/// as with separate noise, and the differences between classes, which train q(y|x), have less variance.
///
/// Shapes: `x` `[batch, input]`, `eps` `[batch, latent]` → `[batch, class]`, nats.
pub(crate) fn bounds(model: &M2, config: &M2Config, x: Tensor<2>, eps: Tensor<2>) -> Tensor<2> {
    let (batch, classes) = (x.dims()[0], config.classes);
    let (mu, log_var) = model.encoder.forward_every(x.clone()); // [batch·class, latent]
    let z = Vae::reparameterize(mu.clone(), log_var.clone(), repeat_each(eps, classes));
    let decoded = model.decoder.forward_each(z); // [batch·class, input]
    let x = repeat_each(x, classes);
    let reconstruction = log_likelihood(config.likelihood, x, decoded, model.decoder.log_scale.val());
    let log_prior = reconstruction.full_like(log_prior(config));
    labelled_bound(reconstruction, log_prior, kl_to_standard_normal(mu, log_var)).reshape([batch, classes])
}

/// log q(y|x), normalised: `x` `[batch, input]` → `[batch, class]`.
pub(crate) fn log_q(classifier: &Classifier, x: Tensor<2>) -> Tensor<2> {
    log_softmax(classifier.forward(x), 1)
}

/// −U(x) of each example, the sum over y written out.
///
/// Shapes: `x` `[batch, input]`, `eps` `[batch, latent]` → `[batch]`, nats.
pub(crate) fn unlabelled(model: &M2, config: &M2Config, x: Tensor<2>, eps: Tensor<2>) -> Tensor<1> {
    unlabelled_bound(log_q(&model.classifier, x.clone()), bounds(model, config, x, eps))
}

/// The most probable class of each example under q(y|x), one-hot: `[batch, class]`.
pub(crate) fn inferred(classifier: &Classifier, x: Tensor<2>) -> Tensor<2> {
    let logits = classifier.forward(x);
    let [batch, classes] = logits.dims();
    let numbers = Tensor::<1, Int>::arange(0..classes as i64, &logits.device()).reshape([1, classes]);
    logits.argmax(1).repeat_dim(1, classes).equal(numbers.repeat_dim(0, batch)).float()
}

/// Share of examples whose most probable class is the right one: `[1]`.
pub(crate) fn accuracy(classifier: &Classifier, x: Tensor<2>, y: Tensor<2>) -> Tensor<1> {
    let examples = x.dims()[0] as f64;
    (inferred(classifier, x) * y).sum() / examples
}

/// Labelled examples with their noise.
#[derive(Clone, Debug)]
pub(crate) struct Labelled {
    /// `[batch, input]`.
    pub(crate) x: Tensor<2>,
    /// One-hot, `[batch, class]`.
    pub(crate) y: Tensor<2>,
    /// `[batch, latent]`.
    pub(crate) eps: Tensor<2>,
}

/// Unlabelled examples with their noise.
#[derive(Clone, Debug)]
pub(crate) struct Unlabelled {
    /// `[batch, input]`.
    pub(crate) x: Tensor<2>,
    /// `[batch, latent]`.
    pub(crate) eps: Tensor<2>,
}

/// The weights of J's parts, divided by the number of data points N + M so that a learning rate means the same for
/// every data set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Weights {
    /// N/(N+M): each labelled example weighs 1/(N+M).
    pub(crate) labelled: f64,
    /// M/(N+M) times the warm-up's share.
    pub(crate) unlabelled: f64,
    /// α/(N+M).
    pub(crate) classification: f64,
}

/// The parts of J, as means over examples.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    /// J/(N+M), which a step increases: `[1]`.
    pub(crate) objective: Tensor<1>,
    /// Mean −L(x,y) of the labelled examples: `[1]`, none without labels.
    pub(crate) labelled: Option<Tensor<1>>,
    /// Mean −U(x) of the unlabelled examples: `[1]`, none when everything is labelled.
    pub(crate) unlabelled: Option<Tensor<1>>,
}

/// J/(N+M) estimated from a labelled and an unlabelled batch.
///
/// J/(N+M) = w_L · mean −L(x,y) + w_U · mean −U(x) + w_α · mean log q(y|x), the first and last over the labelled batch
///
/// Kingma, Rezende, Mohamed and Welling 2014, equation (9). Without labelled (unlabelled) examples their parts are absent.
///
/// # Panics
/// When there are no examples at all: a bug.
pub(crate) fn parts(
    model: &M2,
    config: &M2Config,
    labelled: Option<Labelled>,
    unlabelled_batch: Option<Unlabelled>,
    weights: Weights,
) -> Parts {
    let labelled = labelled.map(|Labelled { x, y, eps }| {
        let classified = log_of_class(log_q(&model.classifier, x.clone()), y.clone()).mean();
        (bound(model, config, x, y, eps).mean(), classified)
    });
    let unlabelled = unlabelled_batch.map(|Unlabelled { x, eps }| unlabelled(model, config, x, eps).mean());
    let with_labels =
        labelled.clone().map(|(bound, classified)| bound * weights.labelled + classified * weights.classification);
    let without = unlabelled.clone().map(|bound| bound * weights.unlabelled);
    let objective = match (with_labels, without) {
        (Some(a), Some(b)) => a + b,
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => panic!("an objective needs examples"),
    };
    Parts { objective, labelled: labelled.map(|(bound, _)| bound), unlabelled }
}
