//! From a question to the articles that fit it, each with its best passage.

use std::collections::HashMap;

use porter_embeddings::{Embedding, cosine};
use uuid::Uuid;

use super::{KnowledgeBase, KnowledgeError};
use crate::answer::Extract;
use crate::audience::Audience;
use crate::index::Search;
use crate::store::Passage;

/// Points looked at for every article that is wanted: an article is several points.
const POINTS_PER_ARTICLE: usize = 8;

/// What somebody asks: their words, and the encoder's vector of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    pub text: String,
    pub vector: Embedding,
}

/// An article that fits a question, with its best passage.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub slug: String,
    pub title: String,
    pub anchor: Option<String>,
    pub heading: Option<String>,
    /// Markdown of the passage.
    pub text: String,
    /// Cosine of the question with the article's nearest point, -1 to 1.
    pub score: f32,
    /// All body passages of the article in order, for the answer's opening.
    pub lead: Option<String>,
}

impl Found {
    /// Address of the passage on this server.
    pub fn url(&self) -> String {
        match &self.anchor {
            Some(anchor) => format!("/help/{}#{anchor}", self.slug),
            None => format!("/help/{}", self.slug),
        }
    }
}

impl KnowledgeBase {
    /// A question with its vector.
    pub async fn question(&self, text: &str) -> Result<Question, KnowledgeError> {
        Ok(Question { text: text.to_owned(), vector: self.encoder.embed_one(text).await? })
    }

    /// [`KnowledgeBase::search`] for a question that has no vector yet.
    pub async fn search_text(&self, text: &str, reader: Audience, limit: usize) -> Result<Vec<Found>, KnowledgeError> {
        self.search(&self.question(text).await?, reader, limit).await
    }

    /// The articles that fit a question best and that this reader may see, the best first, each with its best passage.
    pub async fn search(&self, question: &Question, reader: Audience, limit: usize) -> Result<Vec<Found>, KnowledgeError> {
        let vector = &question.vector;
        let hits = self.index.search(Search::dense(vector.clone(), reader, limit * POINTS_PER_ARTICLE)).await?;
        let scores: HashMap<Uuid, f32> = hits.iter().map(|hit| (hit.id, hit.score)).collect();
        let ids: Vec<Uuid> = hits.iter().map(|hit| hit.id).collect();
        let mut best: Vec<(String, f32)> = Vec::new();
        for passage in self.store.passages_by_point(&ids).await? {
            // The index has filtered already; should it lag behind an article that was withdrawn from readers, the tables have the last word.
            if !reader.reads(passage.audience) {
                continue;
            }
            let score = scores.get(&passage.point_id).copied().unwrap_or(-1.0);
            match best.iter_mut().find(|(slug, _)| *slug == passage.slug) {
                Some((_, present)) => *present = present.max(score),
                None => best.push((passage.slug, score)),
            }
        }
        best.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        best.truncate(limit);
        let mut found = Vec::with_capacity(best.len());
        for (slug, score) in best {
            found.extend(self.best_passage(vector, &slug, score).await?);
        }
        Ok(found)
    }

    /// The body passage of an article that is nearest to the question. A question point finds the article; a body passage answers.
    async fn best_passage(&self, vector: &[f32], slug: &str, score: f32) -> Result<Option<Found>, KnowledgeError> {
        let bodies: Vec<Passage> =
            self.store.passages_of(slug).await?.into_iter().filter(|passage| passage.kind == "body").collect();
        let ids: Vec<Uuid> = bodies.iter().map(|passage| passage.point_id).collect();
        let vectors: HashMap<Uuid, Vec<f32>> =
            self.store.embedded(&ids).await?.into_iter().map(|passage| (passage.point_id, passage.embedding)).collect();
        let nearness = |passage: &Passage| vectors.get(&passage.point_id).map_or(-1.0, |own| cosine(own, vector));
        let lead = bodies.first().map(|passage| passage.text.clone());
        Ok(bodies.into_iter().max_by(|a, b| nearness(a).total_cmp(&nearness(b))).map(|passage| Found {
            slug: passage.slug,
            title: passage.title,
            anchor: passage.anchor,
            heading: passage.heading,
            text: passage.text,
            score,
            lead,
        }))
    }

    /// The answer in an article's own words; `None` when nothing found answers the question.
    pub async fn extract(&self, question: &Question, found: &[Found]) -> Result<Option<Extract>, KnowledgeError> {
        Ok(self.quoter.extract(&self.encoder, &question.vector, found).await?)
    }
}
