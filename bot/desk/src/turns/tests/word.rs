use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use porter_actions::ActionName;
use porter_knowledge_base::{Extract, Found};
use porter_triage::{Decision, Intent, Urgency};

use crate::Reword;
use crate::live::ConversationEvent;
use crate::respond::Understood;
use crate::testing::{World, reading, wants};
use crate::texts;

/// Words an answer as a test has it, and keeps what it was asked.
#[derive(Debug, Default)]
struct Words {
    says: Option<Vec<String>>,
    asked: Mutex<Vec<(String, Vec<String>)>>,
}

#[async_trait]
impl Reword for Words {
    async fn reword(
        &self,
        question: &str,
        passages: &[Found],
        _extract: &Extract,
        draft: &(dyn for<'p> Fn(&'p [String]) + Send + Sync),
    ) -> Option<Vec<String>> {
        let slugs = passages.iter().map(|found| found.slug.clone()).collect();
        self.asked.lock().unwrap().push((question.to_owned(), slugs));
        if let Some(says) = &self.says {
            draft(&says[..1]);
        }
        self.says.clone()
    }
}

fn answered() -> Understood {
    let found = |slug: &str| Found {
        slug: slug.to_owned(),
        title: slug.to_owned(),
        anchor: None,
        heading: None,
        text: "Open the page. Choose a link.".to_owned(),
        score: 0.9,
        standing: None,
        rank: 0.0,
        sections: Vec::new(),
    };
    Understood {
        passages: vec![found("reset-password"), found("another")],
        extract: Some(Extract {
            title: "Reset your password".to_owned(),
            url: "/help/reset-password".to_owned(),
            slug: "reset-password".to_owned(),
            pieces: vec!["Open the page.".to_owned(), "Choose a link.".to_owned()],
            score: 0.9,
        }),
        ..reading(Intent::DiscountQuestion, Urgency::Normal, Decision::Answer, None)
    }
}

async fn with(says: Option<&[&str]>) -> (World, Arc<Words>) {
    let says = says.map(|says| says.iter().map(|piece| (*piece).to_owned()).collect());
    let (mut world, words) = (World::open().await, Arc::new(Words { says, ..Words::default() }));
    world.turns.reword = Some(Arc::<Words>::clone(&words));
    (world, words)
}

#[tokio::test]
async fn an_answer_is_shown_in_the_models_words_with_the_retrievers_source() {
    let (world, words) = with(Some(&["Please open the page.", "1. Choose a link."])).await;
    let conversation = world.conversation().await;
    world.reader.says(answered());
    world.say(conversation, "how do I reset it").await;
    let mut events = world.turns.live.watch(conversation);
    assert!(world.answer().await);
    let message = world.last(conversation).await;
    assert_eq!(message.text, "Please open the page.\n1. Choose a link.");
    assert_eq!(message.citations.iter().map(|citation| citation.url.as_str()).collect::<Vec<_>>(), ["/help/reset-password"]);
    assert_eq!(*words.asked.lock().unwrap(), [("how do I reset it".to_owned(), vec!["reset-password".to_owned()])]);
    let drafts: Vec<String> = std::iter::from_fn(|| events.try_recv().ok())
        .filter_map(|event| if let ConversationEvent::Draft(text) = event { Some(text) } else { None })
        .collect();
    assert_eq!(drafts, ["Please open the page.", "Please open the page.\n1. Choose a link."]);
}

#[tokio::test]
async fn without_words_of_the_models_the_articles_sentences_stand() {
    let (world, words) = with(None).await;
    let conversation = world.conversation().await;
    world.reader.says(answered());
    world.say(conversation, "how do I reset it").await;
    assert!(world.answer().await);
    assert_eq!(world.last(conversation).await.text, "Open the page. Choose a link.");
    assert_eq!(words.asked.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn nothing_but_an_articles_sentences_is_given_to_the_model() {
    let (world, words) = with(Some(&["Everything is free."])).await;
    let conversation = world.conversation().await;
    let card = Understood { extract: answered().extract, ..wants(ActionName::PasswordReset) };
    let thanks = Understood { extract: answered().extract, ..reading(Intent::Smalltalk, Urgency::Low, Decision::Answer, None) };
    let unknown = reading(Intent::DiscountQuestion, Urgency::Normal, Decision::Answer, None);
    for (understood, expected) in
        [(card, texts::ADDRESS_FORM), (thanks, texts::smalltalk("thanks")), (unknown, texts::ASK_FOR_MORE)]
    {
        world.reader.says(understood);
        world.say(conversation, "thanks").await;
        assert!(world.answer().await);
        assert_eq!(world.last(conversation).await.text, expected);
    }
    assert!(words.asked.lock().unwrap().is_empty());
}
