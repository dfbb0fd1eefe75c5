//! The wire format of Protocol Buffers, as much as ONNX needs: <https://protobuf.dev/programming-guides/encoding/>.

/// The content of a field.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// Walks over the fields of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn of(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], String> {
        let length = usize::try_from(length).map_err(|error| error.to_string())?;
        let (taken, rest) = self.rest.split_at_checked(length).ok_or("the file ends in the middle of a field")?;
        self.rest = rest;
        Ok(taken)
    }

    fn varint(&mut self) -> Result<u64, String> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?.first().copied().unwrap_or(0);
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        Err("a number of more than ten bytes".to_owned())
    }

    fn field(&mut self) -> Result<(u64, Value<'a>), String> {
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Value::Number(self.varint()?),
            1 => Value::Bytes(self.take(8)?),
            2 => {
                let length = self.varint()?;
                Value::Bytes(self.take(length)?)
            }
            5 => Value::Bytes(self.take(4)?),
            other => return Err(format!("a field of unknown kind {other}")),
        };
        Ok((key >> 3, value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<(u64, Value<'a>), String>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let field = self.field();
        if field.is_err() {
            self.rest = &[];
        }
        Some(field)
    }
}

/// Packed variable-length numbers.
pub(super) fn numbers(packed: &[u8]) -> Result<Vec<u64>, String> {
    let mut fields = Fields::of(packed);
    let mut numbers = Vec::new();
    while !fields.rest.is_empty() {
        numbers.push(fields.varint()?);
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the format's own description: field 1 is 150, field 2 is "testing".
    #[test]
    fn numbers_and_texts_are_read() {
        let message = [&[0x08, 0x96, 0x01, 0x12, 0x07][..], b"testing"].concat();
        let fields: Vec<_> = Fields::of(&message).collect::<Result<_, _>>().unwrap();
        assert!(matches!(fields[..], [(1, Value::Number(150)), (2, Value::Bytes(b"testing"))]));
        assert_eq!(numbers(&[3, 0x8e, 0x02]).unwrap(), [3, 270]);
    }

    #[test]
    fn an_endless_number_is_refused() {
        assert!(numbers(&[0xff; 11]).is_err());
        assert!(Fields::of(&[0x08]).next().unwrap().is_err());
    }
}
