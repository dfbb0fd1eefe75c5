//! A vector as both engines store it: f32 after f32, little-endian.

use sqlx::{Database, Decode, Encode, Type, encode::IsNull, error::BoxDynError};

/// The column codec of a vector.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Embedding(pub(super) Vec<f32>);

impl<DB: Database> Type<DB> for Embedding
where
    Vec<u8>: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <Vec<u8> as Type<DB>>::type_info()
    }

    fn compatible(ty: &DB::TypeInfo) -> bool {
        <Vec<u8> as Type<DB>>::compatible(ty)
    }
}

impl<'q, DB: Database> Encode<'q, DB> for Embedding
where
    Vec<u8>: Encode<'q, DB>,
{
    fn encode_by_ref(&self, buf: &mut <DB as Database>::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let bytes: Vec<u8> = self.0.iter().flat_map(|value| value.to_le_bytes()).collect();
        bytes.encode(buf)
    }
}

impl<'r, DB: Database> Decode<'r, DB> for Embedding
where
    Vec<u8>: Decode<'r, DB>,
{
    fn decode(value: <DB as Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let bytes = Vec::<u8>::decode(value)?;
        let (chunks, rest) = bytes.as_chunks::<4>();
        if !rest.is_empty() {
            return Err(format!("a vector of {} bytes is not made of f32", bytes.len()).into());
        }
        Ok(Self(chunks.iter().copied().map(f32::from_le_bytes).collect()))
    }
}
