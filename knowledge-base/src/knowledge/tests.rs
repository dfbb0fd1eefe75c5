use std::path::Path;
use std::sync::Arc;

use porter_embeddings::{EncoderService, NoProgress};
use porter_kernel::clock::ManualClock;
use porter_testkit::{Engine, TestDb};

use super::KnowledgeBase;
use crate::document::Facts;
use crate::testing::Words;
use crate::{Audience, Document, EdgeIndex, store};

const TELESCOPE: &str = "---\ntitle: Borrow a telescope\nasked:\n  Where it is:\n    - in which room are the instruments\n---\nYou can borrow a telescope for two weeks. Bring the telescope back in its box, since the next learner waits for it already.\n\n## Where it is\n\nThe observatory lends telescopes every evening, behind the green door of the library, until the janitor closes the house.\n";
const SAFE: &str = "---\ntitle: Open the telescope's safe\naudience: staff\n---\nThe safe of the telescope opens with the number that the janitor knows. Close the safe after the telescope was taken out.\n";

async fn open(db: &TestDb, folder: &Path, dimensions: usize) -> KnowledgeBase {
    let encoder = EncoderService::start(Box::new(Words(dimensions))).unwrap();
    let index = EdgeIndex::open(folder, encoder.fingerprint(), dimensions).unwrap();
    KnowledgeBase::open(store::open(&db.db), Arc::new(index), encoder, Arc::new(ManualClock::default()), Facts::default())
        .await
        .unwrap()
}

async fn filled(db: &TestDb, folder: &Path) -> KnowledgeBase {
    store::migrate(&db.db).await.unwrap();
    let knowledge = open(db, folder, 64).await;
    let document = |path: &str, text: &str| Document { path: path.to_owned(), bytes: text.as_bytes().to_vec() };
    let documents = vec![document("telescope.md", TELESCOPE), document("safe.md", SAFE)];
    let report = knowledge.ingest("academy", documents, &NoProgress).await.unwrap();
    assert_eq!((report.added, report.rejected.len()), (2, 0), "{report:?}");
    knowledge
}

async fn slugs(knowledge: &KnowledgeBase, question: &str, reader: Audience) -> Vec<String> {
    let found = knowledge.search_text(question, reader, 5).await.unwrap();
    found.into_iter().map(|found| found.slug).collect()
}

#[tokio::test]
async fn another_encoder_gives_every_passage_a_new_vector_and_no_new_text() {
    let (db, folder) = (porter_testkit::databases(Engine::Sqlite).await, tempfile::tempdir().unwrap());
    let knowledge = filled(&db, folder.path()).await;
    let question = "may i borrow a telescope";
    let before = knowledge.search_text(question, Audience::Everyone, 5).await.unwrap();
    drop(knowledge);
    let again = open(&db, folder.path(), 32).await;
    let after = again.search_text(question, Audience::Everyone, 5).await.unwrap();
    assert_eq!(before[0].text, after[0].text);
    let points = store::open(&db.db).all_points().await.unwrap();
    let ids: Vec<_> = points.iter().map(|(id, _)| *id).collect();
    let vectors = store::open(&db.db).embedded(&ids).await.unwrap();
    assert!(!vectors.is_empty() && vectors.iter().all(|own| own.embedding.len() == 32));
}

#[tokio::test]
async fn what_is_for_staff_is_neither_found_nor_opened_nor_listed_by_others() {
    let (db, folder) = (porter_testkit::databases(Engine::Sqlite).await, tempfile::tempdir().unwrap());
    let knowledge = filled(&db, folder.path()).await;
    let question = "how do i open the safe of the telescope";
    assert_eq!(slugs(&knowledge, question, Audience::Staff).await[0], "safe");
    assert_eq!(slugs(&knowledge, question, Audience::Everyone).await, ["telescope"]);
    assert!(knowledge.article("safe", Audience::Everyone).await.unwrap().is_none());
    assert!(knowledge.article("safe", Audience::Staff).await.unwrap().is_some());
    let counted =
        (knowledge.articles(Audience::Everyone).await.unwrap().len(), knowledge.articles(Audience::Staff).await.unwrap().len());
    assert_eq!(counted, (1, 2));
}

#[tokio::test]
async fn a_question_of_a_section_leads_to_it_and_is_answered_from_it() {
    let (db, folder) = (porter_testkit::databases(Engine::Sqlite).await, tempfile::tempdir().unwrap());
    let knowledge = filled(&db, folder.path()).await;
    let question = knowledge.question("in which room are the instruments").await.unwrap();
    let found = knowledge.search(&question, Audience::Everyone, 5).await.unwrap();
    assert_eq!(found[0].url(), "/help/telescope#where-it-is");
    let extract = knowledge.extract(&question, &found).await.unwrap().unwrap();
    assert!(extract.text().contains("behind the green door"), "{extract:?}");
}
