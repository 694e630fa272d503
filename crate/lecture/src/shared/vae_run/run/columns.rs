//! The columns of the run's tables.

learn::columns! {
    /// The curves, in nats per image.
    pub(super) enum Column {
        Reconstruction = "reconstruction",
        Kl = "kl",
        Elbo = "elbo",
        HeldoutReconstruction = "heldout_reconstruction",
        HeldoutKl = "heldout_kl",
        HeldoutElbo = "heldout_elbo",
        // Standard errors of the training means: of the draw of batches and noise.
        ReconstructionError = "reconstruction_error",
        KlError = "kl_error",
        ElboError = "elbo_error",
    }
}

learn::columns! {
    /// The plain autoencoder's curve, in nats per image.
    pub(super) enum Autoencoder {
        Reconstruction = "autoencoder_reconstruction",
    }
}
