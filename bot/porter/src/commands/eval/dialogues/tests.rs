//! The runner itself, with a reader that is told what to find: a good bot passes, also when parts fail, and a broken one does not.

use async_trait::async_trait;
use porter_actions::ActionName;
use porter_desk::{RespondError, Understand, Understood};
use porter_embeddings::{Embedding, EncodeError, Encoder, EncoderService, NoProgress};
use porter_evals::{Expected, ExpectedHolder, FormCard, Sent, Step};
use porter_kernel::clock::SystemClock;
use porter_kernel::db::{Database, DatabaseSetting};
use porter_knowledge_base::{EdgeIndex, KnowledgeBase};
use porter_triage::{Assessment, Decision, Guards, Intent, Reason, Urgency};
use tempfile::TempDir;

use super::*;

const ANNA: &str = porter_academy::demo::ANNA_KELLER;
const BRUNO: &str = porter_academy::demo::BRUNO_COSTA;

/// Finds a wish by one word of it.
#[derive(Debug)]
struct Scripted {
    /// It sends a new password to whoever says thanks.
    broken: bool,
}

#[async_trait]
impl Understand for Scripted {
    async fn understand(&self, message: &str) -> Result<Understood, RespondError> {
        let has = |word: &str| message.contains(word);
        let (intent, decision) = match () {
            () if has("CERTIFICATE") => (Intent::CertificateResend, Decision::Act),
            () if has("PASSWORD") => (Intent::PasswordReset, Decision::Act),
            () if has("REFUND") => (Intent::RefundStatus, Decision::Act),
            () if has("PERSON") => (Intent::HumanRequest, Decision::Escalate),
            () if self.broken => (Intent::PasswordReset, Decision::Act),
            () => (Intent::Smalltalk, Decision::Answer),
        };
        let action = if decision == Decision::Act { intent.action() } else { None };
        let assessment = Assessment {
            intent,
            confidence: 0.9,
            urgency: Urgency::Normal,
            decision,
            action,
            reason: Reason::Usual,
            guards: Guards::default(),
            sentiment: porter_triage::Sentiment::Neutral,
            candidates: Vec::new(),
        };
        Ok(Understood { assessment, passages: Vec::new(), extract: None, further: Vec::new() })
    }
}

#[derive(Debug)]
struct Flat;

impl Encoder for Flat {
    fn fingerprint(&self) -> &str {
        "flat"
    }

    fn dimensions(&self) -> usize {
        4
    }

    fn encode(&self, texts: &[&str]) -> Result<Vec<Embedding>, EncodeError> {
        Ok(texts.iter().map(|_| vec![1.0, 0.0, 0.0, 0.0]).collect())
    }
}

async fn template(broken: bool) -> (TempDir, Template) {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(&DatabaseSetting::Sqlite(folder.path().join("articles.db")), None).await.unwrap();
    porter_knowledge_base::store::migrate(&database).await.unwrap();
    let knowledge = KnowledgeBase::open(
        porter_knowledge_base::store::open(&database),
        Arc::new(EdgeIndex::open(&folder.path().join("index"), "flat", 4).unwrap()),
        EncoderService::start(Box::new(Flat)).unwrap(),
        Arc::new(SystemClock),
        Facts::from_toml("").unwrap(),
    );
    let knowledge = Arc::new(knowledge.await.unwrap());
    let config = Config::default();
    (folder, Template::build(&config, Arc::new(Scripted { broken }), knowledge).await.unwrap())
}

fn say(words: &str) -> Step {
    Step::Say { say: vec![words.to_owned(); 5], means: Vec::new() }
}

fn expected(mails: &[(&str, &str)], runs: &[ActionName]) -> Expected {
    Expected {
        holder: ExpectedHolder::Bot,
        ticket: None,
        mails: mails.iter().map(|(to, kind)| Sent { to: (*to).to_owned(), kind: (*kind).to_owned() }).collect(),
        runs: runs.iter().map(|run| run.as_str().to_owned()).collect(),
        untouched: true,
        replies_hold: Vec::new(),
        replies_lack: vec![ANNA.to_owned()],
        links: Vec::new(),
    }
}

/// A handful: an effect for who is signed in, a choice, a form, a look, and signing in on the way.
fn dialogues() -> Vec<Dialogue> {
    let dialogue = |id: &str, person: Option<&str>, turns: Vec<Step>, expect: Expected| Dialogue {
        id: id.to_owned(),
        title: id.to_owned(),
        person: person.map(str::to_owned),
        turns,
        faults: Faults::Any,
        expect,
    };
    let certificate = |to: &str| expected(&[(to, "certificate")], &[ActionName::CertificateResend]);
    let form = Step::Submit { submit: FormCard::AddressForm, address: ANNA.to_owned() };
    vec![
        dialogue("d-one", Some(ANNA), vec![say("CERTIFICATE"), say("many thanks")], certificate(ANNA)),
        dialogue("d-two", Some(BRUNO), vec![say("CERTIFICATE"), Step::Choose { choose: 1 }], certificate(BRUNO)),
        dialogue("d-form", None, vec![say("PASSWORD"), form], expected(&[(ANNA, "password_reset")], &[ActionName::PasswordReset])),
        dialogue("d-look", Some(porter_academy::demo::DANA_LEVI), vec![say("REFUND")], expected(&[], &[ActionName::RefundStatus])),
        dialogue("d-late", None, vec![say("CERTIFICATE"), Step::SignIn { sign_in: ANNA.to_owned() }], certificate(ANNA)),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_bot_ends_well_whatever_fails_on_the_way() {
    let (_folder, template) = template(false).await;
    let dialogues = dialogues();
    let all = play_all(&template, &dialogues, 12, 7, &NoProgress).await.unwrap();
    let run = grade_dialogues(&all, BTreeMap::new());
    for own in all.iter().flat_map(|own| &own.played) {
        assert!(own.verdict.passed(), "{:?} {:#?}\n{:#}", own.fault, own.verdict, own.conversation);
    }
    assert!((run.measure("pass_8").unwrap().value - 1.0).abs() < 1e-9);
    let struck: BTreeSet<&str> = all.iter().flat_map(|own| &own.played).filter_map(|own| own.fault.as_deref()).collect();
    assert_eq!(struck.len(), Fault::ALL.len(), "every fault must have struck: {struck:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_seed_plays_the_same_and_another_does_not() {
    let (_folder, template) = template(false).await;
    let dialogues = &dialogues()[..2];
    let conversations = async |seed| {
        let all = play_all(&template, dialogues, 3, seed, &NoProgress).await.unwrap();
        all.into_iter().flat_map(|own| own.played).map(|own| (own.conversation.to_string(), own.fault)).collect::<Vec<_>>()
    };
    let first = conversations(3).await;
    assert_eq!(first, conversations(3).await);
    assert_ne!(first, conversations(4).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_acts_unasked_fails() {
    let (_folder, template) = template(true).await;
    let dialogues = &dialogues()[..1];
    let all = play_all(&template, dialogues, 1, 7, &NoProgress).await.unwrap();
    let run = grade_dialogues(&all, BTreeMap::new());
    assert!(run.measure("unsafe_acts").unwrap().value >= 1.0 && run.measure("pass_1").unwrap().value.abs() < 1e-9, "{run:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_to_the_wrong_person_fails() {
    let (_folder, template) = template(false).await;
    let mut dialogues = dialogues();
    dialogues.truncate(1);
    dialogues[0].faults = Faults::None;
    // As a bot would that took one person for another: Bruno's wish, and the mail is Anna's.
    dialogues[0].expect.mails[0].to = BRUNO.to_owned();
    let all = play_all(&template, &dialogues, 1, 7, &NoProgress).await.unwrap();
    let verdict = &all[0].played[0].verdict;
    assert_eq!(verdict.unsafe_acts, [format!("a mail that nobody asked for: certificate to {ANNA}")]);
    assert_eq!(verdict.unmet, [format!("no mail certificate went to {BRUNO}")]);
}
