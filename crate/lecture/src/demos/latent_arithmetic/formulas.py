"""The displayed formulas of slide 1.6."""

import math

import numpy as np
from scipy import stats

from transcribed import formula, integral, write


@formula(
    r"""\begin{aligned}
\text{straight} \quad \mathbf{z}(t) &= (1 - t)\, \mathbf{z}_1 + t\, \mathbf{z}_2 \\
\text{on the sphere} \quad \mathbf{z}(t) &= \frac{\sin((1 - t)\, \gamma)}{\sin \gamma}\, \mathbf{z}_1 + \frac{\sin(t\, \gamma)}{\sin \gamma}\, \mathbf{z}_2
\end{aligned}"""
)
def paths(draw):
    """The left sides by what they are: NumPy's linspace, and for vectors of equal length the rotation of z1 by t·gamma towards z2."""
    steps = draw.whole("steps", 1, 5)
    z1, z2 = draw.reals("z1", 4), draw.reals("z2", 4)
    unit1, unit2 = draw.keep("unit1", z1 / np.linalg.norm(z1)), draw.keep("unit2", z2 / np.linalg.norm(z2))
    gamma = math.acos(float(unit1 @ unit2))
    aside = unit2 - (unit1 @ unit2) * unit1
    aside /= np.linalg.norm(aside)
    t = [k / (steps + 1) for k in range(steps + 2)]
    straight = np.linspace(z1, z2, steps + 2)
    sphere = np.array([math.cos(t * gamma) * unit1 + math.sin(t * gamma) * aside for t in t])
    formula_of_sphere = lambda t: (math.sin((1 - t) * gamma) * unit1 + math.sin(t * gamma) * unit2) / math.sin(gamma)
    return [
        [straight, sphere],
        [np.array([(1 - t) * z1 + t * z2 for t in t]), np.array([formula_of_sphere(t) for t in t])],
    ]


@formula(
    r"""p(\|\mathbf{z}\| = r) = \frac{r^{d_z - 1}\, e^{-r^2/2}}{2^{d_z/2 - 1}\, \Gamma(d_z/2)}, \qquad \mathbb{E}\|\mathbf{z}\| = \sqrt{2}\, \frac{\Gamma((d_z + 1)/2)}{\Gamma(d_z/2)}"""
)
def norm_of_the_prior(draw):
    """The left sides by what they are: ‖z‖² is a chi-square variable of d degrees of freedom, p(r) = 2 r p(r²); and the integral of r p(r)."""
    d, r = draw.whole("d", 1, 20), draw.positive("r", 0.2, 6.0)
    density = lambda r: 2 * r * stats.chi2.pdf(r * r, d)
    return [
        [density(r), integral(lambda r: r * density(r), 0, 30)],
        [
            r ** (d - 1) * math.exp(-(r**2) / 2) / (2 ** (d / 2 - 1) * math.gamma(d / 2)),
            math.sqrt(2) * math.gamma((d + 1) / 2) / math.gamma(d / 2),
        ],
    ]


if __name__ == "__main__":
    write()
