//! Shared by the tests against TensorFlow's numbers: the formula of `tests/reference/given.py`, and the comparison.

#![allow(dead_code, unreachable_pub, reason = "shared by several test files, each using a part")]
#![allow(clippy::unwrap_used, reason = "tests")]

use serde_json::Value;

/// The JSON that a script beside it printed.
pub fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// scale · sin(frequency · (index + 1)).
pub fn wave(count: usize, frequency: f64, scale: f64) -> Vec<f64> {
    (0..count).map(|index| scale * (frequency * (index as f64 + 1.0)).sin()).collect()
}

/// [`wave`] for tensors.
pub fn wave_f32(count: usize, frequency: f64, scale: f64) -> Vec<f32> {
    narrow(&wave(count, frequency, scale))
}

/// Numbers as tensors take them.
pub fn narrow(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&value| value as f32).collect()
}

/// Numbers of a tensor as f64.
pub fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| f64::from(value)).collect()
}

/// Every number in a JSON value, rows one after the other.
pub fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(all) => all.iter().flat_map(numbers).collect(),
        Value::Number(one) => vec![one.as_f64().unwrap()],
        other => panic!("{other} holds no numbers"),
    }
}

/// The tested numbers against the reference, each with an error of at most `tolerance`·(1 + its size).
pub fn near(ours: &[f64], reference: &Value, tolerance: f64, what: &str) {
    let reference = numbers(reference);
    assert_eq!(ours.len(), reference.len(), "{what}");
    for (ours, reference) in ours.iter().zip(reference) {
        let error = (ours - reference).abs();
        assert!(error <= tolerance * (1.0 + reference.abs()), "{what}: {ours} against {reference}");
    }
}
