//! Vectors that were computed once, by model and text.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

type Key = [u8; 32];

/// A file of records of equal length: the text's SHA-256, then the vector as little-endian floats. What a crash has cut off at the end is dropped when
/// it is opened, so that no half of a vector is ever read.
#[derive(Debug)]
pub struct VectorCache {
    path: PathBuf,
    dimensions: usize,
    known: HashMap<Key, Vec<f32>>,
}

impl VectorCache {
    /// Opens the cache of the encoder with that fingerprint below `folder`.
    pub fn open(folder: &Path, fingerprint: &str, dimensions: usize) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let name: String = fingerprint.chars().map(|own| if own.is_ascii_alphanumeric() { own } else { '-' }).collect();
        let path = folder.join(format!("{name}-{dimensions}.vectors"));
        let record = size_of::<Key>() + dimensions * size_of::<f32>();
        let mut bytes = Vec::new();
        if path.exists() {
            File::open(&path)?.read_to_end(&mut bytes)?;
            let whole = bytes.len() - bytes.len() % record;
            if whole < bytes.len() {
                OpenOptions::new().write(true).open(&path)?.set_len(whole as u64)?;
                bytes.truncate(whole);
            }
        }
        let known = bytes
            .chunks_exact(record)
            .filter_map(|record| {
                let (key, vector) = record.split_first_chunk::<32>()?;
                Some((*key, vector.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()))
            })
            .collect();
        Ok(Self { path, dimensions, known })
    }

    /// Those of the texts that have no vector yet, each once.
    pub fn missing<'a>(&self, texts: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
        let mut seen = std::collections::HashSet::new();
        texts.filter(|text| !self.known.contains_key(&key(text)) && seen.insert(*text)).collect()
    }

    /// Keeps these vectors. Vectors of another length are not kept.
    pub fn add(&mut self, texts: &[&str], vectors: Vec<Vec<f32>>) -> io::Result<()> {
        let mut bytes = Vec::new();
        for (text, vector) in texts.iter().zip(vectors).filter(|(_, vector)| vector.len() == self.dimensions) {
            bytes.extend_from_slice(&key(text));
            bytes.extend(vector.iter().flat_map(|value| value.to_le_bytes()));
            self.known.insert(key(text), vector);
        }
        OpenOptions::new().create(true).append(true).open(&self.path)?.write_all(&bytes)
    }

    /// The vector of a text.
    pub fn get(&self, text: &str) -> Option<&[f32]> {
        self.known.get(&key(text)).map(Vec::as_slice)
    }
}

fn key(text: &str) -> Key {
    Sha256::digest(text.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_found_again_and_half_a_record_is_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let mut cache = VectorCache::open(folder.path(), "a model/1", 2).unwrap();
        assert_eq!(cache.missing(["x", "y", "x"].into_iter()), ["x", "y"]);
        cache.add(&["x", "y"], vec![vec![1.0, 2.0], vec![3.0, 4.0]]).unwrap();
        let file = OpenOptions::new().append(true).open(folder.path().join("a-model-1-2.vectors"));
        file.unwrap().write_all(&[7; 33]).unwrap();
        let mut again = VectorCache::open(folder.path(), "a model/1", 2).unwrap();
        assert_eq!((again.get("x"), again.get("y")), (Some([1.0, 2.0].as_slice()), Some([3.0, 4.0].as_slice())));
        again.add(&["z"], vec![vec![5.0, 6.0]]).unwrap();
        let third = VectorCache::open(folder.path(), "a model/1", 2).unwrap();
        assert_eq!(third.get("z"), Some([5.0, 6.0].as_slice()), "what was cut off stands in nobody's way");
        assert!(VectorCache::open(folder.path(), "another", 2).unwrap().get("x").is_none());
    }
}
