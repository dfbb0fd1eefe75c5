//! The parts of ONNX's messages that hold weights. Field numbers are those of `onnx.proto3`.

use super::wire::{Fields, Value, numbers};

const FLOAT: u64 = 1;
const UINT8: u64 = 2;
const INT8: u64 = 3;

#[derive(Debug, Default)]
pub(super) struct Graph<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    pub(super) initialisers: Vec<Initialiser<'a>>,
}

/// An operation.
#[derive(Debug, Default)]
pub(super) struct Node<'a> {
    pub(super) name: &'a str,
    pub(super) operator: &'a str,
    pub(super) inputs: Vec<&'a str>,
}

/// A stored tensor. Its content is in one of three fields.
#[derive(Debug, Default)]
pub(super) struct Initialiser<'a> {
    pub(super) name: &'a str,
    dimensions: Vec<u64>,
    kind: u64,
    raw: &'a [u8],
    floats: Vec<f32>,
    integers: Vec<u64>,
}

impl<'a> Graph<'a> {
    /// Reads a `ModelProto`.
    pub(super) fn read(file: &'a [u8]) -> Result<Self, String> {
        let mut graph = Self::default();
        let mut found = false;
        for field in Fields::of(file) {
            if let (7, Value::Bytes(message)) = field? {
                found = true;
                for field in Fields::of(message) {
                    match field? {
                        (1, Value::Bytes(node)) => graph.nodes.push(Node::read(node)?),
                        (5, Value::Bytes(tensor)) => graph.initialisers.push(Initialiser::read(tensor)?),
                        _ => {}
                    }
                }
            }
        }
        if found { Ok(graph) } else { Err("no ONNX model".to_owned()) }
    }
}

impl<'a> Node<'a> {
    fn read(message: &'a [u8]) -> Result<Self, String> {
        let mut node = Self::default();
        for field in Fields::of(message) {
            match field? {
                (1, Value::Bytes(input)) => node.inputs.push(text(input)?),
                (3, Value::Bytes(name)) => node.name = text(name)?,
                (4, Value::Bytes(operator)) => node.operator = text(operator)?,
                _ => {}
            }
        }
        Ok(node)
    }
}

impl<'a> Initialiser<'a> {
    fn read(message: &'a [u8]) -> Result<Self, String> {
        let mut tensor = Self::default();
        for field in Fields::of(message) {
            match field? {
                (1, Value::Bytes(packed)) => tensor.dimensions.extend(numbers(packed)?),
                (1, Value::Number(one)) => tensor.dimensions.push(one),
                (2, Value::Number(kind)) => tensor.kind = kind,
                (4, Value::Bytes(packed)) => tensor.floats.extend(little_endian(packed)),
                (5, Value::Bytes(packed)) => tensor.integers.extend(numbers(packed)?),
                (5, Value::Number(one)) => tensor.integers.push(one),
                (8, Value::Bytes(name)) => tensor.name = text(name)?,
                (9, Value::Bytes(raw)) => tensor.raw = raw,
                _ => {}
            }
        }
        Ok(tensor)
    }

    pub(super) fn is_float(&self) -> bool {
        self.kind == FLOAT
    }

    /// The dimensions, which fit the content.
    pub(super) fn shape(&self) -> Result<Vec<usize>, String> {
        self.dimensions.iter().map(|size| usize::try_from(*size).map_err(|error| error.to_string())).collect()
    }

    pub(super) fn floats(&self) -> Result<Vec<f32>, String> {
        if !self.is_float() {
            return Err(format!("{} holds no floats", self.name));
        }
        Ok(if self.raw.is_empty() { self.floats.clone() } else { little_endian(self.raw).collect() })
    }

    /// 8-bit integers, each as a float, which holds it exactly.
    pub(super) fn integers(&self) -> Result<Vec<f32>, String> {
        // A negative number takes ten bytes on the wire, of which the lowest is its own.
        let bytes =
            self.integers.iter().map(|number| number.to_le_bytes().first().copied().unwrap_or(0)).chain(self.raw.iter().copied());
        match self.kind {
            UINT8 => Ok(bytes.map(f32::from).collect()),
            INT8 => Ok(bytes.map(|byte| f32::from(byte.cast_signed())).collect()),
            other => Err(format!("{} holds no 8-bit integers, but type {other}", self.name)),
        }
    }
}

fn little_endian(bytes: &[u8]) -> impl Iterator<Item = f32> {
    bytes.as_chunks::<4>().0.iter().map(|four| f32::from_le_bytes(*four))
}

fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|error| error.to_string())
}
