//! From burn's tensors to a dispatch of a shader that is written in WGSL, and back.

use burn::backend::Cube;
use burn::cubecl::ir::attributes::BufferIOAttr;
use burn::cubecl::ir::metadata::Info;
use burn::cubecl::ir::{ElemType, FloatKind, UIntKind};
use burn::cubecl::prelude::*;
use burn::cubecl::server::{KernelArguments, MetadataBindingInfo};
use burn::cubecl::std::tensor::into_contiguous;
use burn::cubecl::{CubeKernel, PrecompiledSource};
use burn::tensor::{DType, Shape};

use crate::fused::passes::Float;

/// A tensor of the device.
pub(super) type GpuTensor = Float<Cube>;

/// An entry point of a WGSL module. Its bindings are its inputs, its outputs and last a uniform buffer, in the order of [`Shader::run`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Shader {
    pub(super) source: &'static str,
    /// A name that no other module has.
    pub(super) entry: &'static str,
    /// What the module is told before its text, as WGSL: a variant of its own.
    pub(super) head: &'static str,
}

impl KernelMetadata for Shader {
    fn id(&self) -> KernelId {
        KernelId::new::<Self>().info((self.entry, self.head))
    }

    fn address_type(&self) -> ElemType {
        ElemType::UInt(UIntKind::U32)
    }
}

impl CubeKernel for Shader {
    fn define(&self) -> KernelDefinition {
        let settings = KernelSettings::new(CubeDim::new_single().0, ExecutionMode::Unchecked, AddressType::U32);
        KernelDefinition { body: Scope::root(settings.clone()), settings, info: Info::default() }
    }

    fn source(&self) -> Option<PrecompiledSource> {
        Some(PrecompiledSource {
            source: [self.head, self.source].concat(),
            entrypoint_name: self.entry.to_owned(),
            lang: "wgsl",
        })
    }
}

impl Shader {
    pub(super) const fn new(source: &'static str, entry: &'static str) -> Self {
        Self { source, entry, head: "" }
    }

    /// The variant with this text before it.
    pub(super) fn told(self, head: &'static str) -> Self {
        Self { head, ..self }
    }

    /// Dispatches `[columns, rows]` workgroups; `info` becomes the uniform buffer.
    pub(super) fn run(self, groups: [usize; 2], inputs: &[&GpuTensor], outputs: &[&GpuTensor], info: &[u32]) {
        let given = inputs.iter().map(|tensor| (tensor, BufferIOAttr::ReadOnly));
        let written = outputs.iter().map(|tensor| (tensor, BufferIOAttr::ReadWrite));
        let arguments = given.chain(written).fold(KernelArguments::new(), |arguments, (tensor, io)| {
            arguments.with_buffer_io(tensor.handle.clone().binding(), io)
        });
        let words = info.chunks(2).map(|pair| u64::from(pair[0]) | u64::from(pair.get(1).copied().unwrap_or(0)) << 32);
        let count = CubeCount::Static(groups[0] as u32, groups[1] as u32, 1);
        let arguments = arguments.with_info(MetadataBindingInfo::custom(words.collect()));
        outputs[0].client.launch(Box::new(self), count, arguments);
    }
}

/// A matrix's sizes, and the distances in memory between neighbours of a column, and of a row.
pub(super) fn matrix(tensor: &GpuTensor) -> ([usize; 2], [usize; 2]) {
    let (shape, strides) = (tensor.meta.shape(), tensor.meta.strides());
    ([shape[0], shape[1]], [strides[0], strides[1]])
}

/// A tensor on the device of another, row by row, its numbers not yet written.
pub(super) fn new_like(tensor: &GpuTensor, shape: impl Into<Shape>) -> GpuTensor {
    let shape = shape.into();
    let handle = tensor.client.empty(shape.num_elements() * size_of::<f32>());
    GpuTensor::new_contiguous(tensor.client.clone(), tensor.device.clone(), shape, handle, DType::F32)
}

/// The same tensor with its numbers row by row, without gaps.
pub(super) fn in_one_piece(tensor: GpuTensor) -> GpuTensor {
    if tensor.is_contiguous() {
        return tensor;
    }
    let (client, device) = (tensor.client.clone(), tensor.device.clone());
    let tight = into_contiguous(&client, tensor.binding(), ElemType::Float(FloatKind::F32));
    GpuTensor::new(client, tight.handle, *tight.metadata, device, DType::F32)
}
