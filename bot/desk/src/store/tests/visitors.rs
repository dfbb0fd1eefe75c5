use porter_actions::IdentityToken;

use super::*;
use crate::{
    domain::{Author, BotReply, Card, Holder, Identity, Subject},
    store::{Added, DeskError},
};

/// What vouches for a learner.
pub(super) fn identity(learner: Uuid, token: &str, until: Timestamp) -> Identity {
    let subject = Subject { learner, name: format!("Learner {}", learner.as_u128()) };
    Identity { subject, token: IdentityToken::parse(token).unwrap(), until }
}

const ANNA: Uuid = Uuid::from_u128(0xA);
const BEN: Uuid = Uuid::from_u128(0xB);

fn sign_in_card() -> BotReply {
    BotReply { text: "Please sign in.".to_owned(), card: Some(Card::SignIn), ..BotReply::default() }
}

fn plain(text: &str) -> BotReply {
    BotReply { text: text.to_owned(), ..BotReply::default() }
}

async fn a_conversation_becomes_somebodys_and_nobody_elses(desk: Desk) {
    let conversation = desk.conversation().await;
    assert_eq!(desk.store.learner_of(conversation).await.unwrap(), None);
    let until = desk.now() + LEASE;
    let first = identity(ANNA, "first", until);
    let bound = desk.store.bind(conversation, &first, desk.tick()).await.unwrap();
    assert!(!bound.waits);
    assert_eq!(bound.conversation.subject, Some(first.subject.clone()));
    assert_eq!((bound.conversation.identity, bound.conversation.identity_until), (Some(first.token), Some(until)));
    assert_eq!((bound.conversation.epoch, bound.conversation.updated_at), (1, desk.now()));

    let refused = desk.store.bind(conversation, &identity(BEN, "bens", until), desk.tick()).await;
    assert!(matches!(refused, Err(DeskError::SomebodyElses)));
    assert_eq!(desk.store.learner_of(conversation).await.unwrap(), Some(ANNA));

    let fresh = identity(ANNA, "second", until + LEASE);
    let bound = desk.store.bind(conversation, &fresh, desk.tick()).await.unwrap().conversation;
    assert_eq!((bound.identity, bound.identity_until), (Some(fresh.token.clone()), Some(fresh.until)));
    desk.say(conversation, "hello").await;
    let turn = desk.turn().await.unwrap();
    assert_eq!((turn.subject, turn.identity), (Some(fresh.subject), Some(fresh.token)));
}

async fn two_people_at_once_are_not_both_let_in(desk: Desk) {
    let conversation = desk.conversation().await;
    let now = desk.tick();
    let (anna, ben) = (identity(ANNA, "annas", now + LEASE), identity(BEN, "bens", now + LEASE));
    let (one, two) = tokio::join!(desk.store.bind(conversation, &anna, now), desk.store.bind(conversation, &ben, now));
    let learner = desk.store.learner_of(conversation).await.unwrap();
    match (one, two) {
        (Ok(_), Err(DeskError::SomebodyElses)) => assert_eq!(learner, Some(ANNA)),
        (Err(DeskError::SomebodyElses), Ok(_)) => assert_eq!(learner, Some(BEN)),
        other => panic!("{other:?}"),
    }
}

async fn the_turn_before_a_sign_in_card_is_answered_again(desk: Desk) {
    let conversation = desk.conversation().await;
    desk.say(conversation, "one").await;
    let turn = desk.turn().await.unwrap();
    desk.store.bot_reply(&turn, &plain("to one"), desk.tick()).await.unwrap();
    let asked = desk.say(conversation, "where is my refund?").await;
    let turn = desk.turn().await.unwrap();
    desk.store.bot_reply(&turn, &sign_in_card(), desk.tick()).await.unwrap();
    assert_eq!(desk.turn().await, None);

    let anna = identity(ANNA, "annas", desk.now() + LEASE);
    assert!(desk.store.bind(conversation, &anna, desk.tick()).await.unwrap().waits);
    let again = desk.turn().await.unwrap();
    assert_eq!((again.unanswered.clone(), again.identity.clone()), (vec![asked], Some(anna.token.clone())));
    desk.store.bot_reply(&again, &plain("It is paid out."), desk.tick()).await.unwrap();
    // Once: what was answered is not asked again by coming back.
    assert!(!desk.store.bind(conversation, &anna, desk.tick()).await.unwrap().waits);
    assert_eq!(desk.turn().await, None);
}

async fn what_was_said_after_the_card_is_answered_with_it(desk: Desk) {
    let conversation = desk.conversation().await;
    let first = desk.say(conversation, "where is my refund?").await;
    let turn = desk.turn().await.unwrap();
    desk.store.bot_reply(&turn, &sign_in_card(), desk.tick()).await.unwrap();
    let second = desk.say(conversation, "one moment, I am signing in").await;
    // A worker has already taken it, for nobody.
    let late = desk.turn().await.unwrap();
    let anna = identity(ANNA, "annas", desk.now() + LEASE);
    assert!(desk.store.bind(conversation, &anna, desk.tick()).await.unwrap().waits);
    let refused = desk.store.bot_reply(&late, &plain("as for a stranger"), desk.tick()).await;
    assert!(matches!(refused, Err(DeskError::LeaseLost)));
    assert_eq!(desk.turn().await.unwrap().unanswered, [first, second]);
}

async fn a_card_that_is_not_the_newest_answer_brings_nothing_back(desk: Desk) {
    let conversation = desk.conversation().await;
    desk.say(conversation, "where is my refund?").await;
    let turn = desk.turn().await.unwrap();
    desk.store.bot_reply(&turn, &sign_in_card(), desk.tick()).await.unwrap();
    desk.say(conversation, "never mind, what is a quiz?").await;
    let turn = desk.turn().await.unwrap();
    desk.store.bot_reply(&turn, &plain("A test."), desk.tick()).await.unwrap();
    let anna = identity(ANNA, "annas", desk.now() + LEASE);
    assert!(!desk.store.bind(conversation, &anna, desk.tick()).await.unwrap().waits);

    // Nor does one from before a person came.
    let handed = desk.conversation().await;
    desk.say(handed, "where is my refund?").await;
    let turn = desk.turn().await.unwrap();
    desk.store.bot_reply(&turn, &sign_in_card(), desk.tick()).await.unwrap();
    desk.store.student_hand_off(handed, &desk.ticket(Urgency::Normal), QUEUED, desk.tick()).await.unwrap();
    let bound = desk.store.bind(handed, &anna, desk.tick()).await.unwrap();
    assert_eq!((bound.waits, bound.conversation.holder), (false, Holder::Queue));
    assert_eq!(desk.turn().await, None);
}

async fn a_refreshed_identity_does_not_disturb_a_turn(desk: Desk) {
    let conversation = desk.conversation().await;
    desk.store.bind(conversation, &identity(ANNA, "first", desk.now() + LEASE), desk.tick()).await.unwrap();
    desk.say(conversation, "hello").await;
    let turn = desk.turn().await.unwrap();
    desk.store.bind(conversation, &identity(ANNA, "second", desk.now() + LEASE), desk.tick()).await.unwrap();
    desk.store.still_mine(&turn).await.unwrap();
    desk.store.bot_reply(&turn, &plain("Hello."), desk.tick()).await.unwrap();
}

async fn what_has_run_out_is_forgotten_and_whose_it_is_stays(desk: Desk) {
    let (early, late) = (desk.conversation().await, desk.conversation().await);
    let now = desk.tick();
    desk.store.bind(early, &identity(ANNA, "early", now + LEASE), now).await.unwrap();
    desk.store.bind(late, &identity(BEN, "late", now + LEASE + LEASE), now).await.unwrap();
    assert_eq!(desk.store.forget_identities(now + LEASE - Duration::from_micros(1)).await.unwrap(), 0);
    assert_eq!(desk.store.forget_identities(now + LEASE).await.unwrap(), 1);
    assert_eq!(desk.store.forget_identities(now + LEASE).await.unwrap(), 0);
    for (conversation, learner, kept) in [(early, ANNA, false), (late, BEN, true)] {
        desk.say(conversation, "hello").await;
        let turn = desk.turn().await.unwrap();
        assert_eq!((turn.conversation, turn.subject.unwrap().learner), (conversation, learner));
        assert_eq!(turn.identity.is_some(), kept);
        assert_eq!(desk.store.learner_of(conversation).await.unwrap(), Some(learner));
    }
}

async fn a_notice_is_written_once_whoever_holds_the_conversation(desk: Desk) {
    let (conversation, ticket) = desk.queued(Urgency::Normal).await;
    let agent = desk.agent("Mina").await;
    desk.store.claim(ticket, agent, desk.tick()).await.unwrap();
    let (key, card) = (desk.uuid(), Card::Receipt { receipt: receipt("It is on its way.") });
    assert_eq!(desk.store.notice(conversation, key).await.unwrap(), None);
    let added = desk.store.add_notice(conversation, key, "Thank you.", &card, desk.tick()).await.unwrap();
    assert!(!added.duplicate);
    assert_eq!((added.message.author, &added.message.card, added.message.client_id), (Author::System, &Some(card), Some(key)));
    let again = desk.store.add_notice(conversation, key, "Changed.", &Card::SignIn, desk.tick()).await.unwrap();
    assert_eq!(again, Added { duplicate: true, ..added.clone() });
    assert_eq!(desk.store.notice(conversation, key).await.unwrap(), Some(added.message.clone()));
    assert_eq!(desk.messages(conversation).await.pop(), Some(added.message));
    assert_eq!(desk.store.state(conversation).await.unwrap().holder, Holder::Agent);

    let elsewhere = desk.conversation().await;
    assert_eq!(desk.store.notice(elsewhere, key).await.unwrap(), None);
    let nowhere = ConversationId(desk.uuid());
    let missing = desk.store.add_notice(nowhere, key, "Thank you.", &Card::SignIn, desk.now()).await;
    assert!(matches!(missing, Err(DeskError::NoConversation)));
}

async fn a_ticket_says_whose_it_is(desk: Desk) {
    let (conversation, ticket) = desk.queued(Urgency::Normal).await;
    assert_eq!(desk.store.ticket(ticket).await.unwrap().unwrap().student, None);
    let anna = identity(ANNA, "annas", desk.now() + LEASE);
    desk.store.bind(conversation, &anna, desk.tick()).await.unwrap();
    let student = desk.store.ticket(ticket).await.unwrap().unwrap().student.unwrap();
    assert_eq!((student.name.as_str(), student.verified), ("Learner 10", true));
}

async fn what_is_not_there_cannot_be_bound(desk: Desk) {
    let nowhere = ConversationId(desk.uuid());
    let anna = identity(ANNA, "annas", desk.now() + LEASE);
    assert!(matches!(desk.store.bind(nowhere, &anna, desk.now()).await, Err(DeskError::NoConversation)));
    assert!(matches!(desk.store.learner_of(nowhere).await, Err(DeskError::NoConversation)));
}

porter_testkit::both_engines!(
    Desk::open;
    a_conversation_becomes_somebodys_and_nobody_elses,
    two_people_at_once_are_not_both_let_in,
    the_turn_before_a_sign_in_card_is_answered_again,
    what_was_said_after_the_card_is_answered_with_it,
    a_card_that_is_not_the_newest_answer_brings_nothing_back,
    a_refreshed_identity_does_not_disturb_a_turn,
    what_has_run_out_is_forgotten_and_whose_it_is_stays,
    a_notice_is_written_once_whoever_holds_the_conversation,
    a_ticket_says_whose_it_is,
    what_is_not_there_cannot_be_bound,
);
