use std::sync::Mutex;

use porter_embeddings::EncoderService;
use porter_kernel::clock::ManualClock;
use porter_testkit::{Engine, TestDb};
use tempfile::TempDir;

use super::*;
use crate::testing::Words;
use crate::{Audience, EdgeIndex, store};

const FACTS: &str = "[loan]\ndays = 14\n[walk]\nhours = 2\n";
const TELESCOPE: &str = "---\ntitle: Borrow a telescope\n---\nYou can borrow a telescope for {{loan.days}} days. Bring the telescope back in its box.\n";
const LLAMA: &str =
    "---\ntitle: Walk the llama\n---\nA walk with the llama takes {{walk.hours}} hours. Only hay is allowed for the llama.\n";

/// A folder that can be edited, and taken away.
#[derive(Debug)]
struct Folder(Mutex<Result<(String, Vec<Document>), String>>);

impl Folder {
    fn write(&self, facts: &str, articles: &[(&str, &str)]) {
        let documents = articles.iter().map(|(path, text)| Document { path: (*path).to_owned(), bytes: text.as_bytes().to_vec() });
        *self.0.lock().unwrap() = Ok((facts.to_owned(), documents.collect()));
    }

    fn take_away(&self) {
        *self.0.lock().unwrap() = Err("the folder is gone".to_owned());
    }
}

#[async_trait]
impl Source for Folder {
    async fn read(&self) -> Result<(Facts, Vec<Document>), String> {
        let (facts, documents) = self.0.lock().unwrap().clone()?;
        Ok((Facts::from_toml(&facts).unwrap(), documents))
    }
}

struct World {
    knowledge: Arc<KnowledgeBase>,
    folder: Arc<Folder>,
    _files: TempDir,
    _db: TestDb,
}

impl World {
    async fn open() -> Self {
        let (db, files) = (porter_testkit::databases(Engine::Sqlite).await, tempfile::tempdir().unwrap());
        store::migrate(&db.db).await.unwrap();
        let index = EdgeIndex::open(files.path(), "words", 64).unwrap();
        let encoder = EncoderService::start(Box::new(Words(64))).unwrap();
        let clock = Arc::new(ManualClock::default());
        let knowledge = KnowledgeBase::open(store::open(&db.db), Arc::new(index), encoder, clock, Facts::default()).await.unwrap();
        let folder = Arc::new(Folder(Mutex::new(Err("not written yet".to_owned()))));
        folder.write(FACTS, &[("telescope.md", TELESCOPE), ("llama.md", LLAMA)]);
        Self { knowledge: Arc::new(knowledge), folder, _files: files, _db: db }
    }

    fn watch(&self) -> Watch {
        Watch::new(Arc::clone(&self.knowledge), "academy", Arc::clone(&self.folder) as Arc<dyn Source>)
    }

    /// What is found, as one text.
    async fn finds(&self, question: &str) -> String {
        let question = self.knowledge.question(question).await.unwrap();
        let found = self.knowledge.search(&question, Audience::Everyone, 5).await.unwrap();
        found.into_iter().map(|found| found.text + "\n").collect()
    }
}

const LOAN: &str = "for how many days may I borrow a telescope";

#[tokio::test]
async fn an_edit_a_removal_and_a_fact_are_in_answers_after_one_look() {
    let world = World::open().await;
    let mut watch = world.watch();
    assert!(matches!(watch.look().await.unwrap(), Look::Taken(report) if report.added == 2));
    assert!(world.finds(LOAN).await.contains("for 14 days"));
    assert!(matches!(watch.look().await.unwrap(), Look::Same));

    let edited = TELESCOPE.replace("in its box", "to the library");
    world.folder.write(FACTS, &[("telescope.md", &edited), ("llama.md", LLAMA)]);
    assert!(matches!(watch.look().await.unwrap(), Look::Taken(report) if (report.changed, report.unchanged) == (1, 1)));
    let found = world.finds(LOAN).await;
    assert!(found.contains("to the library") && !found.contains("in its box"), "{found}");

    // A fact changes the articles that name it and no other.
    world.folder.write(&FACTS.replace("14", "21"), &[("telescope.md", &edited), ("llama.md", LLAMA)]);
    assert!(matches!(watch.look().await.unwrap(), Look::Taken(report) if (report.changed, report.unchanged) == (1, 1)));
    assert!(world.finds(LOAN).await.contains("for 21 days"));

    world.folder.write(FACTS, &[("llama.md", LLAMA)]);
    assert!(matches!(watch.look().await.unwrap(), Look::Taken(report) if report.removed == 1));
    assert!(!world.finds(LOAN).await.contains("telescope"));
}

#[tokio::test]
async fn a_folder_that_is_gone_or_empty_takes_nothing_away() {
    let world = World::open().await;
    let mut watch = world.watch();
    watch.look().await.unwrap();
    world.folder.take_away();
    assert!(matches!(watch.look().await.unwrap(), Look::Kept(why) if why == "the folder is gone"));
    world.folder.write(FACTS, &[]);
    assert!(matches!(watch.look().await.unwrap(), Look::Kept(_)));
    assert!(world.finds(LOAN).await.contains("for 14 days"));
}

#[tokio::test]
async fn looks_go_on_by_themselves_until_shutdown() {
    assert!(PERIOD * 2 <= Duration::from_secs(10), "an edit is seen at the next look");
    let world = World::open().await;
    let (watch, shutdown) = (world.watch(), Shutdown::default());
    let mut looks = watch.looks();
    let running = tokio::spawn(watch.run(Duration::from_millis(1), shutdown.clone()));
    looks.wait_for(|looks| *looks >= 1).await.unwrap();
    world.folder.write(FACTS, &[("llama.md", LLAMA)]);
    // The look in progress may have read before the edit; the one after it has not.
    let seen = *looks.borrow_and_update();
    looks.wait_for(|looks| *looks >= seen + 2).await.unwrap();
    assert!(!world.finds(LOAN).await.contains("telescope"));
    shutdown.trigger();
    running.await.unwrap();
}
