//! The two bounds of the M2 model. Kingma, Rezende, Mohamed and Welling 2014, equations (6) and (7).

use burn::tensor::Tensor;

/// Evidence lower bound of an example with its label, log p(x,y) ≥ −L(x,y).
///
/// −L(x,y) = E_q(z|x,y)\[log p(x|y,z)\] + log p(y) − KL\[q(z|x,y)‖p(z)\]
///
/// Shapes: all `[batch]`, in nats; `reconstruction` is log p(x|y,z) for z ~ q(z|x,y), `log_prior` is log p(y).
pub fn labelled_bound(reconstruction: Tensor<1>, log_prior: Tensor<1>, kl: Tensor<1>) -> Tensor<1> {
    reconstruction + log_prior - kl
}

/// Entropy of categorical distributions.
///
/// H(q) = −Σ_y q(y) log q(y)
///
/// Shapes: `log_q` `[batch, class]`, normalised over the classes → `[batch]`, in nats, between 0 and log K.
pub fn entropy(log_q: Tensor<2>) -> Tensor<1> {
    (log_q.clone().exp() * -log_q).sum_dim(1).squeeze_dim(1)
}

/// Evidence lower bound of an example without a label, log p(x) ≥ −U(x): the exact sum over y.
///
/// −U(x) = Σ_y q(y|x) ( −L(x,y) ) + H(q(y|x))
///
/// Shapes: `log_q` `[batch, class]` is log q(y|x), normalised; `bounds` `[batch, class]` is −L(x,y) for every y
/// → `[batch]`, in nats. Of all q(y|x) the one proportional to exp(−L(x,y)) makes it largest: log Σ_y exp(−L(x,y)).
pub fn unlabelled_bound(log_q: Tensor<2>, bounds: Tensor<2>) -> Tensor<1> {
    let expected: Tensor<1> = (log_q.clone().exp() * bounds).sum_dim(1).squeeze_dim(1);
    expected + entropy(log_q)
}

/// Log probability of each example's own class.
///
/// log q(y|x), with y one-hot
///
/// Shapes: `log_q`, `y` `[batch, class]` → `[batch]`, in nats.
pub fn log_of_class(log_q: Tensor<2>, y: Tensor<2>) -> Tensor<1> {
    (log_q * y).sum_dim(1).squeeze_dim(1)
}
