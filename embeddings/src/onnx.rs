//! Reads the weights out of an ONNX file whose matrices are 8-bit integers, as numbers that any engine can use.
//!
//! Quantised by ONNX Runtime's dynamic quantisation: a table or matrix `q` stands beside a scale `s` and a zero point `z`
//! and means `(q - z) * s`, where `s` and `z` are one number, or one a column.

mod graph;
mod wire;

use candle_core::{Device, Tensor};
use std::collections::HashMap;

use crate::bert::Weights;
use graph::{Graph, Initialiser};

const QUANTIZED: &str = "_quantized";

/// The weights under their names in the PyTorch model. Matrices have no name of their own in the file: the node that
/// multiplies with one is named after the module that it belongs to.
pub(crate) fn weights(file: &[u8]) -> Result<Weights, String> {
    let graph = Graph::read(file)?;
    let stored: HashMap<&str, &Initialiser<'_>> = graph.initialisers.iter().map(|stored| (stored.name, stored)).collect();
    let mut weights = Weights::new();
    for (name, initialiser) in &stored {
        if let Some(base) = name.strip_suffix(QUANTIZED) {
            // Tables of embeddings carry their names; matrices are called `onnx::MatMul_1525` and found by their nodes below.
            if base.ends_with(".weight") {
                weights.insert(plain(base), dequantise(&stored, base)?);
            }
        } else if initialiser.is_float() && !name.ends_with("_scale") {
            weights.insert(plain(name), tensor(initialiser.floats()?, &initialiser.shape()?)?);
        }
    }
    for product in graph.nodes.iter().filter(|node| node.operator == "MatMulInteger") {
        let base = product.inputs.get(1).and_then(|input| input.strip_suffix(QUANTIZED));
        let base = base.ok_or_else(|| format!("the node {} has no quantised matrix", product.name))?;
        let module = product.name.trim_start_matches('/');
        let module = module.trim_end_matches("/Gemm_MatMul_quant").trim_end_matches("/MatMul_quant").replace('/', ".");
        let matrix = dequantise(&stored, base)?.t().map_err(|error| error.to_string())?;
        weights.insert(format!("{}.weight", plain(&module)), matrix);
    }
    Ok(weights)
}

/// A name as in the network alone: a classifier has the network under `bert.` beside its head.
fn plain(name: &str) -> String {
    name.strip_prefix("bert.").unwrap_or(name).to_owned()
}

fn dequantise(stored: &HashMap<&str, &Initialiser<'_>>, base: &str) -> Result<Tensor, String> {
    let part = |suffix: &str| {
        let name = format!("{base}{suffix}");
        stored.get(name.as_str()).copied().ok_or_else(|| format!("{name} is missing"))
    };
    let quantised = part(QUANTIZED)?;
    let (scales, zeros) = (part("_scale")?.floats()?, part("_zero_point")?.integers()?);
    let shape = quantised.shape()?;
    let columns = shape.last().copied().unwrap_or(0).max(1);
    if scales.len() != zeros.len() || !(scales.len() == 1 || scales.len() == columns) {
        return Err(format!("{base} has {} scales and {} zero points for {columns} columns", scales.len(), zeros.len()));
    }
    let mut values = quantised.integers()?;
    for row in values.chunks_mut(columns) {
        for ((value, scale), zero) in row.iter_mut().zip(scales.iter().cycle()).zip(zeros.iter().cycle()) {
            *value = (*value - zero) * scale;
        }
    }
    tensor(values, &shape)
}

fn tensor(values: Vec<f32>, shape: &[usize]) -> Result<Tensor, String> {
    Tensor::from_vec(values, shape, &Device::Cpu).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A field of a message: number, and content by its length.
    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        let (high, low) = (u8::try_from(content.len() / 128).unwrap(), u8::try_from(content.len() % 128).unwrap());
        [&[number << 3 | 2, low | 0x80, high], content].concat()
    }

    fn initialiser(name: &str, kind: u8, shape: &[u8], content: Vec<u8>) -> Vec<u8> {
        let dims = field(1, shape);
        field(5, &[dims, vec![2 << 3, kind], field(8, name.as_bytes()), content].concat())
    }

    fn model(nodes_and_weights: &[Vec<u8>]) -> Vec<u8> {
        field(7, &nodes_and_weights.concat())
    }

    #[test]
    fn a_matrix_is_found_by_its_node_scaled_by_column_and_turned() {
        let node = [
            field(1, b"x_quantized"),
            field(1, b"m_quantized"),
            field(3, b"/bert/layer.0/dense/Gemm_MatMul_quant"),
            field(4, b"MatMulInteger"),
        ];
        let scales = [0.5_f32, 2.0].iter().flat_map(|scale| scale.to_le_bytes()).collect::<Vec<u8>>();
        let file = model(&[
            field(1, &node.concat()),
            initialiser("m_quantized", 3, &[1, 2], field(9, &[254, 3])),
            initialiser("m_scale", 1, &[2], field(4, &scales)),
            initialiser("m_zero_point", 3, &[2], field(5, &[0, 1])),
        ]);
        let weights = weights(&file).unwrap();
        assert_eq!(weights["layer.0.dense.weight"].to_vec2::<f32>().unwrap(), [[-1.0], [4.0]]);
    }

    #[test]
    fn a_file_that_is_cut_off_is_refused() {
        let file = model(&[initialiser("bias", 1, &[1], field(9, &1.0_f32.to_le_bytes()))]);
        assert_eq!(weights(&file).unwrap()["bias"].to_vec1::<f32>().unwrap(), [1.0]);
        assert!(weights(&file[..file.len() - 1]).is_err());
    }
}
