//! Words as a sparse vector: BM25 with the terms' weights on our side and their rarity (IDF) on the index's, the same for every index.

use std::sync::OnceLock;

use qdrant_edge::bm25_embed::{EdgeBm25, EdgeBm25Config};

/// Words of a passage on average, as BM25 counts them: about 45 in the academy's articles. It need not be exact, and must not follow the articles:
/// the weights of all would change with each.
const AVERAGE_WORDS: f64 = 45.0;

/// Places and values of a sparse vector; each place occurs once.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sparse {
    pub indices: Vec<u32>,
    pub values: Vec<f32>,
}

/// The weights of a passage's words.
pub fn document_weights(text: &str) -> Sparse {
    bm25().map_or_else(Sparse::default, |model| {
        let vector = model.embed_document(text);
        Sparse { indices: vector.indices, values: vector.values }
    })
}

/// The words of a question, each with weight one.
pub fn query_weights(text: &str) -> Sparse {
    bm25().map_or_else(Sparse::default, |model| {
        let vector = model.embed_query(text);
        Sparse { indices: vector.indices, values: vector.values }
    })
}

/// English stemming and stop words. `None` cannot happen: the settings are constants, and a test reads them.
fn bm25() -> Option<&'static EdgeBm25> {
    static MODEL: OnceLock<Option<EdgeBm25>> = OnceLock::new();
    MODEL
        .get_or_init(|| {
            let config: EdgeBm25Config = serde_json::from_value(serde_json::json!({ "avg_len": AVERAGE_WORDS })).ok()?;
            EdgeBm25::new(config).ok()
        })
        .as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_meets_a_passage_in_the_words_that_they_share() {
        let (passage, question) = (document_weights("Refunds are paid within ten days."), query_weights("when is my REFUND paid"));
        let shared = question.indices.iter().filter(|place| passage.indices.contains(place)).count();
        assert_eq!((shared, question.indices.len()), (2, 2), "refund and paid; the rest are stop words: {question:?}");
        assert_eq!(passage.indices.len(), passage.values.len());
    }

    #[test]
    fn a_repeated_word_weighs_more_and_less_than_twice() {
        let once = document_weights("refund").values[0];
        let twice = document_weights("refund refund").values[0];
        assert!(twice > once && twice < 2.0 * once, "{once} {twice}");
    }

    #[test]
    fn a_text_without_words_has_no_weights() {
        assert_eq!(query_weights("the of ?!"), Sparse::default());
        assert_eq!(document_weights(""), Sparse::default());
    }
}
