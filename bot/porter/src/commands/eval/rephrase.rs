use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use porter_embeddings::Progress;
use porter_evals::{Asked, HostileModel, Run, Worded, grade_rephrasing, own_questions, read_questions};
use porter_kernel::db::{Database, DatabaseSetting};
use porter_knowledge_base::document::{plain_text, units};
use porter_knowledge_base::{Audience, Found, KnowledgeBase};
use porter_rephrase::{Guard, LocalModel, Model, Question, Rephraser};

use crate::assemble;
use crate::bars::Bars;
use crate::config::Config;
use crate::error::PorterError;
use crate::reword;

/// Articles among which the answer's is.
const FOUND: usize = 3;

/// Has a model word the answers to questions that the articles answer, and looks at what would be shown.
pub(super) async fn run(config: &Config, input: Option<&Path>, limit: Option<usize>, model: &str) -> Result<Run, PorterError> {
    let questions = match input {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|cause| PorterError::Input { path: path.to_owned(), cause })?;
            read_questions(path, &text)
        }
        None => own_questions(),
    };
    let questions = spread(questions.map_err(|error| PorterError::Usage(error.to_string()))?, limit);
    let bars = Bars::default();
    let encoder = assemble::encoder(config, &bars).await?;
    let (worder, name): (Arc<dyn Model>, &str) = match model {
        "local" => (Arc::new(LocalModel::new(assemble::generator(config, &bars).await?)), "local"),
        "stub-hostile" => (Arc::new(HostileModel), "stub-hostile"),
        url => (reword::endpoint(&config.answers, url)?, "endpoint"),
    };
    // Without a breaker: each question is asked, however the one before it went.
    let guard = Guard { threshold: u32::MAX, ..reword::guard(&config.answers)? };
    let rephraser = reword::rephraser(&config.answers, worder, guard, &encoder);
    let database = Database::open(&DatabaseSetting::Sqlite(config.cache_dir.join("triage").join("articles.db")), None).await?;
    let folder = tempfile::tempdir()?;
    let knowledge = assemble::knowledge(config, &database, folder.path(), encoder, &bars).await?;
    let (mut worded, mut unanswered) = (Vec::new(), 0);
    bars.start("Wording answers", Some(questions.len() as u64));
    for asked in questions {
        match word(&knowledge, &rephraser, asked).await? {
            Some(own) => worded.push(own),
            None => unanswered += 1,
        }
        bars.advance(1);
    }
    bars.finish();
    Ok(grade_rephrasing(name, &worded, unanswered))
}

/// So many of them, evenly over all.
fn spread(questions: Vec<Asked>, limit: Option<usize>) -> Vec<Asked> {
    let (total, wanted) = (questions.len(), limit.unwrap_or(usize::MAX).min(questions.len()));
    let taken = |place: usize| wanted > 0 && (place * wanted) / total != ((place + 1) * wanted) / total;
    questions.into_iter().enumerate().filter(|(place, _)| taken(*place)).map(|(_, asked)| asked).collect()
}

/// `None`: the articles do not answer it.
async fn word(knowledge: &KnowledgeBase, rephraser: &Rephraser, asked: Asked) -> Result<Option<Worded>, PorterError> {
    let question = knowledge.question(&asked.text).await?;
    let passages = knowledge.search(&question, Audience::Everyone, FOUND).await?;
    let Some(floor) = knowledge.extract(&question, &passages).await? else { return Ok(None) };
    let own: Vec<Found> = passages.into_iter().filter(|found| found.slug == floor.slug).collect();
    let began = Instant::now();
    let found = rephraser.rephrase(Question { text: &asked.text, passages: &own, floor: &floor }, &|_| {}).await;
    let took = began.elapsed();
    let markdown =
        knowledge.article(&floor.slug, Audience::Everyone).await?.map(|article| article.row.markdown).unwrap_or_default();
    // Rows of tables are quoted with their columns' names, which the plain text has in another place.
    let quotable = units(&markdown).into_iter().map(|unit| unit.text).collect::<Vec<_>>().join("\n");
    Ok(Some(Worded {
        asked,
        shown: found.pieces,
        said: found.judged.into_iter().map(|own| (own.sentence, own.verdict.as_str())).collect(),
        floor: floor.pieces,
        article: format!("{}\n{quotable}", plain_text(&markdown)),
        slug: floor.slug,
        fault: found.fault.map(|fault| fault.to_string()),
        took,
    }))
}
