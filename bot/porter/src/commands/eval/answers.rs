use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use porter_embeddings::{Encoder as _, EncoderService, Progress};
use porter_evals::{
    AnswerCase, ArticleText, FoundArticle, Given, Run, Section, Shelf, grade_answers, own_answer_cases, parse_answer_cases,
};
use porter_kernel::clock::SystemClock;
use porter_kernel::db::{Database, DatabaseSetting};
use porter_knowledge_base::document::{ChunkKind, Facts, chunk, parse, units};
use porter_knowledge_base::{Audience, BUILTIN_SOURCE, Document, EdgeIndex, KnowledgeBase, store};
use serde_json::json;

use super::encoded::keeping;
use crate::assemble;
use crate::bars::Bars;
use crate::config::Config;
use crate::error::PorterError;

/// Articles of a ranking.
const DEPTH: usize = 10;

/// Grades what the knowledge base alone answers, before triage decides: the academy's articles in a folder of their own, so that a running Porter is not asked.
pub(super) async fn run(config: &Config, input: Option<&Path>, encoder: &str) -> Result<Run, PorterError> {
    let (facts, documents) = assemble::academy(config)?;
    let fill = |text: &str| facts.apply(text).map_err(|error| error.placeholder);
    let cases = match input {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|cause| PorterError::Input { path: path.to_owned(), cause })?;
            parse_answer_cases(&text, &fill)
        }
        None => own_answer_cases(&fill),
    };
    let cases = cases.map_err(|error| PorterError::Usage(error.to_string()))?;
    let shelf = shelf(&documents, &facts);
    let folder = tempfile::tempdir()?;
    let knowledge = knowledge(config, encoder, folder.path(), facts, documents).await?;
    let bars = Bars::default();
    bars.start("Answering", Some(cases.len() as u64));
    let mut given = Vec::with_capacity(cases.len());
    for case in &cases {
        given.push(answer(&knowledge, case).await?);
        bars.advance(1);
    }
    bars.finish();
    let mut run = grade_answers(&cases, &given, &shelf);
    run.about.insert("encoder".to_owned(), knowledge.encoder().fingerprint().to_owned());
    Ok(run)
}

/// What a learner would be told, and how long they would wait.
async fn answer(knowledge: &KnowledgeBase, case: &AnswerCase) -> Result<Given, PorterError> {
    let begun = Instant::now();
    let question = knowledge.question(&case.text).await?;
    let found = knowledge.search(&question, Audience::Everyone, DEPTH).await?;
    let extract = knowledge.extract(&question, &found).await?;
    let milliseconds = begun.elapsed().as_secs_f64() * 1_000.0;
    let decision = json!({
        "answered": extract.is_some(),
        "ranks": found.iter().map(|own| own.rank).collect::<Vec<f32>>(),
        "sections": found.first().map(|best| best.sections.iter().map(|own| (&own.heading, own.score)).collect::<Vec<_>>()),
    });
    let ranking = found.into_iter().map(|own| FoundArticle { slug: own.slug, score: own.rank, passage: own.text }).collect();
    Ok(Given { ranking, answer: extract.map(|own| (own.slug, own.pieces)), decision, milliseconds })
}

/// The articles as the grader reads them: their sentences by section.
fn shelf(documents: &[Document], facts: &Facts) -> Shelf {
    let articles = documents.iter().filter_map(|document| parse(&document.path, &document.bytes, facts).ok());
    let text = |article: porter_knowledge_base::document::Article| ArticleText {
        sections: chunk(&article)
            .into_iter()
            .filter(|chunk| chunk.kind == ChunkKind::Body)
            .map(|chunk| Section {
                heading: chunk.heading,
                sentences: units(&chunk.text).into_iter().map(|unit| unit.text).collect(),
            })
            .collect(),
        slug: article.slug,
    };
    Shelf::new(&articles.map(text).collect::<Vec<_>>())
}

/// A knowledge base with these articles. Their vectors are kept below `cache_dir`; those of questions are computed, since their time is measured.
async fn knowledge(
    config: &Config,
    encoder: &str,
    folder: &Path,
    facts: Facts,
    documents: Vec<Document>,
) -> Result<KnowledgeBase, PorterError> {
    // Passages need not be timed; questions are, so their encoder keeps nothing.
    let (kept, fresh) = (keeping(config, encoder).await?, assemble::encoder_named(config, encoder, &Bars::default()).await?);
    let database = Database::open(&DatabaseSetting::Sqlite(folder.join("articles.db")), None).await?;
    store::migrate(&database).await?;
    let index = Arc::new(EdgeIndex::open(&folder.join("index"), kept.fingerprint(), kept.dimensions())?);
    let kept = EncoderService::start(Box::new(kept))?;
    let (articles, clock) = (store::open(&database), Arc::new(SystemClock));
    let filling =
        KnowledgeBase::open(Arc::clone(&articles), Arc::clone(&index) as _, kept, Arc::clone(&clock) as _, facts.clone()).await?;
    filling.ingest(BUILTIN_SOURCE, documents, &Bars::default()).await?;
    let fresh = EncoderService::start(fresh)?;
    Ok(KnowledgeBase::open(articles, index, fresh, clock, facts).await?)
}
