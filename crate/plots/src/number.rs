//! Numbers as text, set as in print: a true minus sign, only the digits that are needed, powers of ten instead of exponents.

/// The labels of evenly spaced ticks: as many decimals as the closest two need, a common power of ten where the largest
/// is at least 10⁵ or below 10⁻³.
pub(crate) fn labels(ticks: &[f64]) -> Vec<String> {
    let largest = ticks.iter().fold(0.0, |m: f64, t| m.max(t.abs()));
    let step = ticks.windows(2).map(|w| (w[1] - w[0]).abs()).fold(f64::INFINITY, f64::min);
    let step = if step.is_finite() && step > 0.0 { step } else { largest };
    if largest >= 1e5 || (largest > 0.0 && largest < 1e-3) {
        let exponent = largest.log10().floor() as i32;
        let unit = 10f64.powi(exponent);
        let decimals = decimals_for(step / unit);
        return ticks.iter().map(|t| scientific(t / unit, decimals, exponent)).collect();
    }
    let decimals = decimals_for(step);
    // Zero needs no decimals to be exact.
    ticks.iter().map(|&t| if t == 0.0 { "0".into() } else { plain(t, decimals) }).collect()
}

/// The labels of a logarithmic axis: plain numbers while all are short, else powers of ten.
pub(crate) fn log_labels(ticks: &[f64]) -> Vec<String> {
    let short = ticks.iter().all(|&t| (0.0099..=1001.0).contains(&t));
    ticks.iter().map(|&t| if short { plain(t, decimals_for(t)) } else { power(t) }).collect()
}

/// `x` with a fixed number of decimals, U+2212 for minus, thin spaces between thousands from 10 000 on.
fn plain(x: f64, decimals: usize) -> String {
    let text = format!("{:.decimals$}", x.abs());
    let zero = text.bytes().all(|b| b == b'0' || b == b'.');
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let mut out = String::from(if x < 0.0 && !zero { "\u{2212}" } else { "" });
    for (i, digit) in whole.chars().enumerate() {
        if whole.len() > 4 && i > 0 && (whole.len() - i) % 3 == 0 {
            out.push('\u{2009}');
        }
        out.push(digit);
    }
    out + rest
}

/// `mantissa`×10ⁿ; zero stays 0 and a mantissa of one is left out.
fn scientific(mantissa: f64, decimals: usize, exponent: i32) -> String {
    let text = plain(mantissa, decimals);
    let short = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    match short {
        "0" => "0".into(),
        "1" => format!("10{}", superscript(exponent)),
        "\u{2212}1" => format!("\u{2212}10{}", superscript(exponent)),
        _ => format!("{short}×10{}", superscript(exponent)),
    }
}

/// A positive number as m×10ⁿ.
fn power(x: f64) -> String {
    let exponent = (x.log10() + 1e-9).floor() as i32;
    let mantissa = x / 10f64.powi(exponent);
    scientific(mantissa, decimals_for(mantissa), exponent)
}

/// The fewest decimals, at most 8, after which nothing of `step` is left.
fn decimals_for(step: f64) -> usize {
    (0..8)
        .find(|&d| {
            let scaled = step.abs() * 10f64.powi(d);
            (scaled - scaled.round()).abs() < 1e-6 * scaled.max(1e-3) && scaled.round() >= 1.0
        })
        .unwrap_or(8) as usize
}

fn superscript(n: i32) -> String {
    n.to_string()
        .chars()
        .map(|c| match c {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            digit => char::from_u32(0x2070 + digit.to_digit(10).unwrap_or(0)).unwrap_or(digit),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_share_their_decimals() {
        assert_eq!(labels(&[-1.0, -0.5, 0.0, 0.5]), ["\u{2212}1.0", "\u{2212}0.5", "0", "0.5"]);
        assert_eq!(labels(&[0.0, 20.0, 40.0]), ["0", "20", "40"]);
        assert_eq!(labels(&[0.0, 0.05, 0.1]), ["0", "0.05", "0.10"]);
        assert_eq!(labels(&[0.0, 10_000.0, 20_000.0]), ["0", "10\u{2009}000", "20\u{2009}000"]);
        assert_eq!(labels(&[3.0]), ["3"]);
        assert!(labels(&[]).is_empty());
    }

    #[test]
    fn the_very_large_and_small_are_powers_of_ten() {
        assert_eq!(labels(&[0.0, 5e4, 1e5, 1.5e5]), ["0", "0.5×10⁵", "10⁵", "1.5×10⁵"]);
        assert_eq!(labels(&[1.5e6, 2e6, 2.5e6, 3e6]), ["1.5×10⁶", "2×10⁶", "2.5×10⁶", "3×10⁶"]);
        assert_eq!(labels(&[-2e-4, 0.0, 2e-4]), ["\u{2212}2×10⁻⁴", "0", "2×10⁻⁴"]);
    }

    #[test]
    fn decades_are_plain_while_short() {
        assert_eq!(log_labels(&[0.1, 1.0, 10.0, 100.0]), ["0.1", "1", "10", "100"]);
        assert_eq!(log_labels(&[0.3, 1.0, 3.0]), ["0.3", "1", "3"]);
        assert_eq!(log_labels(&[1e-4, 1e-2, 1.0, 1e12]), ["10⁻⁴", "10⁻²", "10⁰", "10¹²"]);
        assert_eq!(log_labels(&[2e5, 5e5]), ["2×10⁵", "5×10⁵"]);
    }
}
