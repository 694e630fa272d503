//! The linear VAE, eq. (12) and (13), with every term of its ELBO and of the ELBO's gradient in closed form.

use super::{Moments, Ppca};
use crate::gaussian::LN_2PI;
use nalgebra::{DMatrix, DVector};

/// Decoder (12) p(x|z) = N(W z + mu, sigma² I) and encoder (13) q(z|x) = N(V (x - mu), D), D diagonal.
///
/// The slide's captions of the two lines are exchanged: the first is the decoder.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearVae {
    /// W, `[D, M]`.
    pub weights: DMatrix<f64>,
    /// mu, `[D]`.
    pub mu: DVector<f64>,
    /// V, `[M, D]`.
    pub recognition: DMatrix<f64>,
    /// Logarithm of the diagonal of D, `[M]`.
    pub log_d: DVector<f64>,
    /// log sigma².
    pub log_sigma2: f64,
}

/// The ELBO per data point and its terms, in nats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearElbo {
    /// tr(W D W^T): what the posterior's width adds to the squared error.
    pub spread: f64,
    /// The average of ‖W V (x - mu) - (x - mu)‖²: the squared error of the mean.
    pub squared_error: f64,
    /// E_q\[log p(x|z)\], by the trace trick.
    pub reconstruction: f64,
    /// KL\[q(z|x)‖p(z)\].
    pub kl: f64,
    /// reconstruction - kl.
    pub elbo: f64,
}

/// The gradient of the ELBO per data point; each field has the shape of the parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearGradient {
    /// With respect to W, `[D, M]`.
    pub weights: DMatrix<f64>,
    /// With respect to mu, `[D]`.
    pub mu: DVector<f64>,
    /// With respect to V, `[M, D]`.
    pub recognition: DMatrix<f64>,
    /// With respect to log D, `[M]`.
    pub log_d: DVector<f64>,
    /// With respect to log sigma².
    pub log_sigma2: f64,
}

/// Products that the ELBO and its gradient share, none larger than `[D, M]` but S itself.
struct Products {
    /// S = E (x - mu)(x - mu)^T, `[D, D]`.
    about: DMatrix<f64>,
    /// S V^T, `[D, M]`.
    sv: DMatrix<f64>,
    /// V S V^T, `[M, M]`.
    vsv: DMatrix<f64>,
    /// W^T W, `[M, M]`.
    ww: DMatrix<f64>,
    d: DVector<f64>,
    sigma2: f64,
}

impl LinearVae {
    /// The decoder as a pPCA model, for its exact log p(x).
    pub fn decoder(&self) -> Ppca {
        Ppca { weights: self.weights.clone(), mu: self.mu.clone(), sigma2: libm::exp(self.log_sigma2) }
    }

    /// The ELBO averaged over the data, exactly, from their covariance alone.
    ///
    /// KL = 1/2 ( -log det D + tr(V S V^T) + tr D - M );
    /// E_q log p(x|z) = -D/2 log(2 pi sigma²) - 1/(2 sigma²) \[ tr(W D W^T) + tr((W V - I) S (W V - I)^T) \],
    /// S the second moment about mu, O(D² M).
    pub fn elbo(&self, moments: &Moments) -> LinearElbo {
        self.elbo_from(&self.products(moments))
    }

    /// The ELBO and its gradient with respect to every parameter, averaged over the data, exactly.
    ///
    /// With A = W V - I: W: -(W D + A S V^T)/sigma²; V: -W^T A S/sigma² - V S; log d_j: 1/2 (1 - d_j - d_j ‖w_j‖²/sigma²);
    /// log sigma²: -D/2 + \[...\]/(2 sigma²) with the bracket of [`LinearVae::elbo`]; mu: (V^T V + A^T A/sigma²)(mean - mu).
    pub fn gradient(&self, moments: &Moments) -> (LinearElbo, LinearGradient) {
        let products = self.products(moments);
        let Products { about, sv, vsv, ww, d, sigma2 } = &products;
        let elbo = self.elbo_from(&products);
        let mut scaled = self.weights.clone(); // W D
        for (mut column, d) in scaled.column_iter_mut().zip(d.iter()) {
            column *= *d;
        }
        let weights = -(scaled + &self.weights * vsv - sv) / *sigma2;
        let recognition = -(ww * sv.transpose() - self.weights.transpose() * about) / *sigma2 - sv.transpose();
        let log_d = DVector::from_fn(d.len(), |j, _| 0.5 * (1.0 - d[j] - d[j] * ww[(j, j)] / sigma2));
        let bracket = elbo.spread + elbo.squared_error;
        let log_sigma2 = 0.5 * (bracket / sigma2 - self.mu.len() as f64);
        let shift = &moments.mean - &self.mu;
        let code = &self.recognition * &shift;
        let error = &self.weights * &code - &shift; // A (mean - mu)
        let back = self.recognition.transpose() * (self.weights.transpose() * &error) - error; // A^T A (mean - mu)
        let mu = self.recognition.transpose() * code + back / *sigma2;
        (elbo, LinearGradient { weights, mu, recognition, log_d, log_sigma2 })
    }

    fn products(&self, moments: &Moments) -> Products {
        let about = moments.about(&self.mu);
        let sv = &about * self.recognition.transpose();
        let vsv = &self.recognition * &sv;
        let ww = self.weights.transpose() * &self.weights;
        Products { about, sv, vsv, ww, d: self.log_d.map(libm::exp), sigma2: libm::exp(self.log_sigma2) }
    }

    fn elbo_from(&self, Products { about, sv, vsv, ww, d, sigma2 }: &Products) -> LinearElbo {
        let (data_dims, latent_dims) = self.weights.shape();
        let spread = d.dot(&ww.diagonal());
        // tr(A S A^T) = tr S - 2 tr(W V S) + tr(W^T W V S V^T); both factors of the last are symmetric.
        let squared_error = about.trace() - 2.0 * self.weights.dot(sv) + ww.dot(vsv);
        let reconstruction = -0.5 * (data_dims as f64 * (LN_2PI + self.log_sigma2) + (spread + squared_error) / sigma2);
        let kl = 0.5 * (vsv.trace() + d.sum() - self.log_d.sum() - latent_dims as f64);
        LinearElbo { spread, squared_error, reconstruction, kl, elbo: reconstruction - kl }
    }
}
