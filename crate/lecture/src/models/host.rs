//! A stored encoder applied on the host, for the codes that an experiment must know before its first look at the device.

use super::weights::Stored;

/// y = x·W + b for rows of x. Shapes: `x` `[n, inputs]` → `[n, outputs]`; none when a parameter is not stored.
fn dense(stored: &Stored, name: &str, x: &[f32]) -> Option<Vec<f32>> {
    let (shape, weight) = stored.get(&format!("{name}.weight"))?;
    let (_, bias) = stored.get(&format!("{name}.bias"))?;
    let [inputs, outputs] = **shape else { return None };
    let mut y = Vec::with_capacity(x.len() / inputs * outputs);
    for row in x.chunks_exact(inputs) {
        let start = y.len();
        y.extend_from_slice(bias);
        for (x, weights) in row.iter().zip(weight.chunks_exact(outputs)) {
            for (y, weight) in y[start..].iter_mut().zip(weights) {
                *y += x * weight;
            }
        }
    }
    Some(y)
}

/// The encoder of slide 1.4 on the host: the same formula as [`super::Encoder::forward`].
///
/// Shapes: `x` `[n, pixel]` → `mu`, `log_var` `[n, latent]`; none when the file holds no encoder.
pub fn encode(stored: &Stored, x: &[f32]) -> Option<(Vec<f32>, Vec<f32>)> {
    let mut h = x.to_vec();
    for layer in 0.. {
        let name = format!("encoder.hidden.{layer}");
        if !stored.contains_key(&format!("{name}.weight")) {
            break;
        }
        h = dense(stored, &name, &h)?;
        for unit in &mut h {
            *unit = unit.max(0.0);
        }
    }
    Some((dense(stored, "encoder.mu", &h)?, dense(stored, "encoder.log_var", &h)?))
}
