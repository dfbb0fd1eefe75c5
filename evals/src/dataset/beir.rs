//! Retrieval data in the layout of BEIR (Thakur et al. 2021): `corpus.jsonl`, `queries.jsonl`, `qrels.tsv`.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::DatasetError;

const NEEDS: &str = "corpus.jsonl, queries.jsonl and qrels.tsv (the layout of BEIR)";

/// What may be found.
#[derive(Debug, Clone, Deserialize)]
pub struct Passage {
    #[serde(rename = "_id")]
    pub id: String,
    #[serde(default)]
    pub title: String,
    pub text: String,
}

/// What is asked.
#[derive(Debug, Clone, Deserialize)]
pub struct Query {
    #[serde(rename = "_id")]
    pub id: String,
    pub text: String,
}

/// A corpus, the queries that have judgements, and those: for every query, in order, gains by the passage's place in the corpus.
#[derive(Debug, Clone)]
pub struct Beir {
    pub corpus: Vec<Passage>,
    pub queries: Vec<Query>,
    pub gains: Vec<HashMap<usize, f64>>,
}

impl Beir {
    /// Reads the folder's files. Queries without a relevant passage are left out, as BEIR does.
    pub fn read(folder: &Path) -> Result<Self, DatasetError> {
        let corpus: Vec<Passage> = lines(&folder.join("corpus.jsonl"))?;
        let queries: Vec<Query> = lines(&folder.join("queries.jsonl"))?;
        let places: HashMap<&str, usize> = corpus.iter().enumerate().map(|(place, passage)| (passage.id.as_str(), place)).collect();
        let mut judged: HashMap<String, HashMap<usize, f64>> = queries.iter().map(|own| (own.id.clone(), HashMap::new())).collect();
        let path = folder.join("qrels.tsv");
        let content = read(&path)?;
        for (number, line) in (1_u64..).zip(content.lines()) {
            let bad = |what: String, remedy| DatasetError::Line { path: path.clone(), line: number, what, remedy };
            let mut fields = line.split('\t').map(str::trim);
            let (Some(query), Some(passage), Some(score)) = (fields.next(), fields.next(), fields.next()) else {
                if line.trim().is_empty() {
                    continue;
                }
                return Err(bad("three fields are needed".to_owned(), "separate query-id, corpus-id and score by tabulators"));
            };
            let gain = match score.parse::<f64>() {
                Ok(gain) if gain.is_finite() => gain,
                _ if number == 1 => continue,
                _ => return Err(bad(format!("{score} is no number"), "give every line a score, such as 1")),
            };
            let Some(gains) = judged.get_mut(query) else {
                return Err(bad(format!("queries.jsonl has no query {query}"), "add the query, or take the line away"));
            };
            let Some(place) = places.get(passage) else {
                return Err(bad(format!("corpus.jsonl has no passage {passage}"), "add the passage, or take the line away"));
            };
            if gain > 0.0 {
                gains.insert(*place, gain);
            }
        }
        let (queries, gains): (Vec<Query>, Vec<_>) = queries
            .into_iter()
            .filter_map(|query| judged.remove(&query.id).filter(|gains| !gains.is_empty()).map(|gains| (query, gains)))
            .unzip();
        if queries.is_empty() {
            return Err(DatasetError::Empty { path, remedy: "it needs lines that give a passage to a query" });
        }
        Ok(Self { corpus, queries, gains })
    }
}

fn read(path: &Path) -> Result<String, DatasetError> {
    std::fs::read_to_string(path).map_err(|cause| DatasetError::Missing { path: path.to_owned(), cause, needs: NEEDS })
}

fn lines<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, DatasetError> {
    let content = read(path)?;
    let parsed: Vec<T> = (1_u64..)
        .zip(content.lines())
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(line, text)| {
            serde_json::from_str(text).map_err(|error| DatasetError::Line {
                path: path.to_owned(),
                line,
                what: error.to_string(),
                remedy: "every line is a JSON object with the strings _id and text",
            })
        })
        .collect::<Result<_, _>>()?;
    if parsed.is_empty() {
        return Err(DatasetError::Empty {
            path: path.to_owned(),
            remedy: "every line is a JSON object with the strings _id and text",
        });
    }
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_with(qrels: &str) -> Result<Beir, DatasetError> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(
            folder.path().join("corpus.jsonl"),
            "{\"_id\":\"a\",\"title\":\"t\",\"text\":\"x\"}\n{\"_id\":\"b\",\"text\":\"y\"}\n",
        )
        .unwrap();
        std::fs::write(folder.path().join("queries.jsonl"), "{\"_id\":\"1\",\"text\":\"q\"}\n{\"_id\":\"2\",\"text\":\"r\"}\n")
            .unwrap();
        std::fs::write(folder.path().join("qrels.tsv"), qrels).unwrap();
        Beir::read(folder.path())
    }

    #[test]
    fn only_queries_with_judgements_count() {
        let beir = read_with("query-id\tcorpus-id\tscore\n2\tb\t1\n1\ta\t0\n").unwrap();
        assert_eq!(beir.queries.len(), 1);
        assert_eq!(beir.gains[0], HashMap::from([(1, 1.0)]));
    }

    #[test]
    fn what_is_wrong_is_said_with_file_line_and_remedy() {
        for (qrels, part) in [
            ("h\th\th\n3\ta\t1\n", "qrels.tsv, line 2: queries.jsonl has no query 3"),
            ("h\th\th\n1\tc\t1\n", "line 2: corpus.jsonl has no passage c"),
            ("h\th\th\n1 a 1\n", "line 2: three fields"),
            ("h\th\th\n1\ta\tmuch\n", "line 2: much is no number"),
            ("h\th\th\n", "holds nothing to measure with"),
        ] {
            let message = read_with(qrels).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
    }
}
