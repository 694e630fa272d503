"""Golden numbers for probabilistic PCA: scikit-learn's PCA on the embedded digits. Run from the repository's root."""

import numpy as np
from sklearn.decomposition import PCA

COUNT = 1797
raw = np.fromfile("crate/data/digits.bin", dtype=np.uint8)
x = raw[: COUNT * 64].reshape(COUNT, 64) / 16.0

for m in (2, 5, 10):
    # PCA.score is the mean log-likelihood per image under its own model, whose covariance has the divisor N - 1.
    pca = PCA(n_components=m, svd_solver="full").fit(x)
    print(f"m = {m}: PCA.score {pca.score(x)!r}, noise_variance_ {pca.noise_variance_!r}")
    # The same by the formula of Tipping and Bishop 1999 with the divisor N, as the page defines the sample covariance.
    values = np.linalg.eigvalsh(np.cov(x.T, ddof=0))[::-1]
    sigma2 = values[m:].mean()
    log_px = -0.5 * (64 * np.log(2 * np.pi) + np.log(values[:m]).sum() + (64 - m) * np.log(sigma2) + 64)
    print(f"m = {m}: maximum log-likelihood per image {log_px!r}, sigma2 {sigma2!r}, first eigenvalue {values[0]!r}")
