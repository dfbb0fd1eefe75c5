//! The one body that names an address: exactly `{"address": "…"}`.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use utoipa::ToSchema;

/// The address of the account that somebody who is signed out cannot get into.
///
/// Read by hand: a derived reader would also take `["…"]`, and what another reader of the same text would make of a doubled name is anybody's guess.
#[derive(ToSchema)]
pub(super) struct AddressBody {
    /// As it was typed into the form.
    pub(super) address: String,
}

impl fmt::Debug for AddressBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AddressBody(…)")
    }
}

impl<'de> Deserialize<'de> for AddressBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Object)
    }
}

struct Object;

impl<'de> Visitor<'de> for Object {
    type Value = AddressBody;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the one field `address`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AddressBody, A::Error> {
        let mut address = None;
        while let Some(name) = map.next_key::<String>()? {
            if name != "address" {
                return Err(de::Error::custom("there is a field other than `address`"));
            }
            if address.is_some() {
                return Err(de::Error::duplicate_field("address"));
            }
            address = Some(map.next_value::<String>()?);
        }
        address.map(|address| AddressBody { address }).ok_or_else(|| de::Error::missing_field("address"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_plain_object_is_read() {
        let read = |text: &str| serde_json::from_str::<AddressBody>(text).map(|body| body.address).ok();
        assert_eq!(read(r#"{"address":"a@b"}"#).as_deref(), Some("a@b"));
        assert_eq!(read(r#"{"\u0061ddress":"a@b"}"#).as_deref(), Some("a@b"));
        for text in [
            r#"["a@b"]"#,
            r#""a@b""#,
            r#"{}"#,
            r#"null"#,
            r#"{"address":["a@b"]}"#,
            r#"{"address":{"address":"a@b"}}"#,
            r#"{"address":null}"#,
            r#"{"address":7}"#,
            r#"{"address":"a@b","address":"c@d"}"#,
            r#"{"address":"a@b","\u0061ddress":"c@d"}"#,
            r#"{"address":"a@b","to":"c@d"}"#,
            r#"{"Address":"a@b"}"#,
            r#"{"address":"a@b"}{"address":"c@d"}"#,
            r#"{"address":"a@b",}"#,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
