//! The M2 model of section 5: a classifier q(y|x), an encoder q(z|x,y) and a decoder p(x|y,z), all multi-layer
//! perceptrons. Both of the latter can take one class per example, or all classes of every example at once.

use burn::module::{Module, Param};
use burn::nn::Linear;
use burn::tensor::{Device, Tensor, activation::relu};
use math::rng::Rng;

use super::linear::{dense, glorot, linear, tensor};
use crate::fused::Activation;
use crate::objectives::Likelihood;

/// Sizes of an M2 model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct M2Config {
    /// Numbers in a data point, D.
    pub inputs: usize,
    /// Classes, K.
    pub classes: usize,
    /// Units of the hidden layer in encoder and decoder.
    pub hidden: usize,
    /// Units of the classifier's hidden layer.
    pub classifier_hidden: usize,
    /// Dimensions of z.
    pub latent: usize,
    /// The distribution of p(x|y,z).
    pub likelihood: Likelihood,
}

impl M2Config {
    /// A model with Glorot weights drawn from `rng`: classifier first, then encoder, then decoder.
    pub fn init(&self, rng: &mut Rng, device: &Device) -> M2 {
        let &Self { inputs, classes, hidden, latent, .. } = self;
        M2 {
            classifier: Classifier {
                hidden: linear(inputs, self.classifier_hidden, rng, device),
                output: linear(self.classifier_hidden, classes, rng, device),
            },
            encoder: ClassEncoder {
                hidden: ClassLinear::new(inputs, classes, hidden, rng, device),
                mu: linear(hidden, latent, rng, device),
                log_var: linear(hidden, latent, rng, device),
            },
            decoder: ClassDecoder {
                hidden: ClassLinear::new(latent, classes, hidden, rng, device),
                output: linear(hidden, inputs * self.likelihood.outputs_per_pixel(), rng, device),
                log_scale: Param::from_tensor(Tensor::zeros([1], device)),
            },
        }
    }
}

/// q(y|x) = Cat(softmax(logits)): the classifier. A second one, trained on the labels alone, is the baseline.
#[derive(Module, Debug)]
pub struct Classifier {
    /// The hidden layer with ReLU.
    pub hidden: Linear,
    /// Logits of the classes.
    pub output: Linear,
}

impl Classifier {
    /// Shapes: `x` `[batch, input]` → logits `[batch, class]`.
    pub fn forward(&self, x: Tensor<2>) -> Tensor<2> {
        dense(&self.output, dense(&self.hidden, x, Activation::Relu), Activation::None)
    }
}

/// A dense layer over a vector v and a class y side by side: v·V + Y\[y\] + b. In this form v·V is computed once
/// for all classes. Glorot weights for `inputs + classes` inputs.
#[derive(Module, Debug)]
pub struct ClassLinear {
    /// V and b.
    pub vector: Linear,
    /// Y, a row for each class: `[class, output]`.
    pub class: Param<Tensor<2>>,
}

impl ClassLinear {
    fn new(inputs: usize, classes: usize, outputs: usize, rng: &mut Rng, device: &Device) -> Self {
        let mut weights = glorot(inputs + classes, outputs, rng);
        let class = weights.split_off(inputs * outputs);
        Self {
            vector: Linear {
                weight: Param::from_tensor(tensor(weights, [inputs, outputs], device)),
                bias: Some(Param::from_tensor(Tensor::zeros([outputs], device))),
            },
            class: Param::from_tensor(tensor(class, [classes, outputs], device)),
        }
    }

    /// Each vector with its own class. Shapes: `v` `[batch, input]`, `y` one-hot `[batch, class]` →
    /// `[batch, output]`.
    pub fn forward(&self, v: Tensor<2>, y: Tensor<2>) -> Tensor<2> {
        dense(&self.vector, v, Activation::None) + y.matmul(self.class.val())
    }

    /// Each vector with every class. Shapes: `v` `[batch, input]` → `[batch·class, output]`: all classes of the first
    /// vector, then all of the second, and so on.
    pub fn forward_every(&self, v: Tensor<2>) -> Tensor<2> {
        let batch = v.dims()[0];
        let [classes, outputs] = self.class.dims();
        let v = dense(&self.vector, v, Activation::None).reshape([batch, 1, outputs]);
        (v + self.class.val().reshape([1, classes, outputs])).reshape([batch * classes, outputs])
    }

    /// Vectors that are already repeated for each class, as in [`ClassLinear::forward_every`]'s output. Shapes: `v`
    /// `[batch·class, input]` → `[batch·class, output]`.
    pub fn forward_each(&self, v: Tensor<2>) -> Tensor<2> {
        let [classes, outputs] = self.class.dims();
        let rows = v.dims()[0];
        let v = dense(&self.vector, v, Activation::None).reshape([rows / classes, classes, outputs]);
        (v + self.class.val().reshape([1, classes, outputs])).reshape([rows, outputs])
    }
}

/// q(z|x,y) = N(mu, diag(exp(log_var))).
#[derive(Module, Debug)]
pub struct ClassEncoder {
    /// The hidden layer with ReLU, over x and y.
    pub hidden: ClassLinear,
    /// The mean of q(z|x,y).
    pub mu: Linear,
    /// The logarithm of the variance of q(z|x,y).
    pub log_var: Linear,
}

impl ClassEncoder {
    /// Shapes: `x` `[batch, input]`, `y` one-hot `[batch, class]` → `mu`, `log_var` `[batch, latent]`.
    pub fn forward(&self, x: Tensor<2>, y: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        self.heads(self.hidden.forward(x, y))
    }

    /// Every class of each x. Shapes: `x` `[batch, input]` → `mu`, `log_var` `[batch·class, latent]`.
    pub fn forward_every(&self, x: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        self.heads(self.hidden.forward_every(x))
    }

    fn heads(&self, h: Tensor<2>) -> (Tensor<2>, Tensor<2>) {
        let h = relu(h);
        (dense(&self.mu, h.clone(), Activation::None), dense(&self.log_var, h, Activation::None))
    }
}

/// p(x|y,z). The likelihood defines what its output means.
#[derive(Module, Debug)]
pub struct ClassDecoder {
    /// The hidden layer with ReLU, over z and y.
    pub hidden: ClassLinear,
    /// Logits or means.
    pub output: Linear,
    /// log σ² (Gaussian) or log b (Laplace) shared by all of x, `[1]`, learned; not used otherwise.
    pub log_scale: Param<Tensor<1>>,
}

impl ClassDecoder {
    /// Shapes: `z` `[batch, latent]`, `y` one-hot `[batch, class]` → `[batch, input]`.
    pub fn forward(&self, z: Tensor<2>, y: Tensor<2>) -> Tensor<2> {
        dense(&self.output, relu(self.hidden.forward(z, y)), Activation::None)
    }

    /// Each z with every class: style transfer. Shapes: `z` `[batch, latent]` → `[batch·class, input]`.
    pub fn forward_every(&self, z: Tensor<2>) -> Tensor<2> {
        dense(&self.output, relu(self.hidden.forward_every(z)), Activation::None)
    }

    /// A z for each class of each example. Shapes: `z` `[batch·class, latent]` → `[batch·class, input]`.
    pub fn forward_each(&self, z: Tensor<2>) -> Tensor<2> {
        dense(&self.output, relu(self.hidden.forward_each(z)), Activation::None)
    }
}

/// Classifier, encoder and decoder.
#[derive(Module, Debug)]
pub struct M2 {
    /// q(y|x).
    pub classifier: Classifier,
    /// q(z|x,y).
    pub encoder: ClassEncoder,
    /// p(x|y,z).
    pub decoder: ClassDecoder,
}
