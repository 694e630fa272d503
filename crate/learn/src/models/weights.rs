//! A model's parameters as a list of named, flattened tensors, and back.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use crate::Weight;

#[derive(Default)]
struct Collect {
    path: Vec<String>,
    weights: Vec<Weight>,
}

impl ModuleVisitor for Collect {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        let shape = tensor.dims().to_vec();
        let count = shape.iter().product::<usize>();
        self.weights.push(Weight { name: self.path.join("."), shape, values: tensor.reshape([count]) });
    }
}

/// Every parameter of a model, in declaration order, named by its path such as `encoder.hidden.0.weight`.
pub fn weights(model: &impl Module) -> Vec<Weight> {
    let mut collect = Collect::default();
    model.visit(&mut collect);
    collect.weights
}

/// Parameters as a safetensors file: names, shapes, little-endian f32 numbers, and metadata.
///
/// # Errors
/// A sentence when the file cannot be written (a bug: shapes and numbers disagree).
pub fn to_bytes(
    weights: &[(String, Vec<usize>, Vec<f32>)],
    description: &BTreeMap<String, String>,
) -> Result<Vec<u8>, String> {
    let bytes: Vec<Vec<u8>> =
        weights.iter().map(|(_, _, v)| v.iter().flat_map(|x| x.to_le_bytes()).collect()).collect();
    let views = weights.iter().zip(&bytes).map(|((name, shape, _), bytes)| {
        TensorView::new(Dtype::F32, shape.clone(), bytes).map(|view| (name.clone(), view))
    });
    let views: Vec<_> = views.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
    let description = description.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    safetensors::serialize(views, Some(description)).map_err(|error| error.to_string())
}

/// Parameters from a safetensors file.
///
/// # Errors
/// A sentence for the user when the file is damaged or holds other than f32 numbers.
pub fn from_bytes(bytes: &[u8]) -> Result<Stored, String> {
    let file =
        SafeTensors::deserialize(bytes).map_err(|error| format!("This is not a whole safetensors file ({error})."))?;
    let mut stored = Stored::new();
    for (name, view) in file.iter() {
        if view.dtype() != Dtype::F32 {
            return Err(format!("The parameter {name} is stored as {:?}; the page reads F32.", view.dtype()));
        }
        let values = view.data().chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        stored.insert(name.to_owned(), (view.shape().to_vec(), values));
    }
    Ok(stored)
}

/// The metadata of a safetensors file; empty when it has none or is damaged.
pub fn description(bytes: &[u8]) -> BTreeMap<String, String> {
    let metadata = SafeTensors::read_metadata(bytes).ok().and_then(|(_, metadata)| metadata.metadata().clone());
    metadata.unwrap_or_default().into_iter().collect()
}

/// Numbers for a parameter: shape and values, row by row.
pub type Stored = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

struct Restore<'a> {
    path: Vec<String>,
    stored: &'a Stored,
    missing: Vec<String>,
}

impl ModuleMapper for Restore<'_> {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.join(".");
        let tensor = param.val();
        match self.stored.get(&name) {
            Some((shape, values)) if *shape == tensor.dims() => {
                let restored = Tensor::from_data(TensorData::new(values.clone(), tensor.dims()), &tensor.device());
                let learned = tensor.is_require_grad();
                param.map(|_| restored.set_require_grad(learned))
            }
            _ => {
                self.missing.push(name);
                param
            }
        }
    }
}

/// The model with stored parameters in place of its own.
///
/// # Errors
/// A sentence for the user with the parameters that are not stored, or stored in another shape.
pub fn restore<M: Module>(model: M, stored: &Stored) -> Result<M, String> {
    let mut restore = Restore { path: Vec::new(), stored, missing: Vec::new() };
    let model = model.map(&mut restore);
    if restore.missing.is_empty() {
        return Ok(model);
    }
    Err(format!("The saved model has other sizes than these settings: {} does not fit.", restore.missing.join(", ")))
}
