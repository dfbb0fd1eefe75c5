//! An encoder for tests: a text's vector says which words it has.

use porter_embeddings::{Embedding, EncodeError, Encoder};

/// Two of different lengths are two encoders.
pub(crate) struct Words(pub(crate) usize);

impl Encoder for Words {
    fn fingerprint(&self) -> &str {
        if self.0 == 64 { "words" } else { "other words" }
    }

    fn dimensions(&self) -> usize {
        self.0
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
        let vector = |text: &&str| {
            let mut vector = vec![0.01_f32; self.0];
            for word in text.to_lowercase().split(|letter: char| !letter.is_alphanumeric()).filter(|word| word.len() > 3) {
                vector[word.bytes().map(usize::from).sum::<usize>() % self.0] += 1.0;
            }
            let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
            vector.iter().map(|value| value / length).collect()
        };
        Ok(texts.iter().map(vector).collect())
    }
}
