//! Numbers that other frameworks printed: the formula of `reference/given.py`, and the comparison.

use serde_json::Value;

/// The JSON that a script printed.
pub(crate) fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// scale · sin(frequency · (index + 1)).
pub(crate) fn wave(count: usize, frequency: f64, scale: f64) -> Vec<f64> {
    (0..count).map(|index| scale * (frequency * (index as f64 + 1.0)).sin()).collect()
}

/// Numbers as tensors take them.
pub(crate) fn narrow(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&value| value as f32).collect()
}

/// Every number in a JSON value, rows one after the other.
pub(crate) fn flat(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(all) => all.iter().flat_map(flat).collect(),
        Value::Number(one) => vec![one.as_f64().unwrap()],
        other => panic!("{other} holds no numbers"),
    }
}

/// The tested numbers against the reference, each with an error of at most `tolerance`·(1 + its size).
pub(crate) fn near(ours: &[f64], reference: &Value, tolerance: f64, what: &str) {
    let reference = flat(reference);
    assert_eq!(ours.len(), reference.len(), "{what}");
    for (ours, reference) in ours.iter().zip(reference) {
        let error = (ours - reference).abs();
        assert!(error <= tolerance * (1.0 + reference.abs()), "{what}: {ours} against {reference}");
    }
}
