//! Names for what something was made from.

use sha2::{Digest, Sha256};

/// SHA-256 over the parts, each after its length, so that none can pass for the end of another; in hexadecimal digits.
pub(crate) fn of_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::of_parts;

    #[test]
    fn where_one_part_ends_counts() {
        let names = [of_parts([b"ab".as_slice(), b"c"]), of_parts([b"a".as_slice(), b"bc"]), of_parts([b"abc".as_slice()])];
        assert!(names[0] != names[1] && names[1] != names[2] && names[0].len() == 64);
    }
}
