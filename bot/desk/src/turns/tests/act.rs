use std::time::Duration;

use porter_actions::{ActionName, Mood, Principal};
use porter_triage::Urgency;
use uuid::Uuid;

use crate::domain::{Author, Card, ConversationId, Holder, Identity, TicketDetail, TicketId};
use crate::store::DeskError;
use crate::testing::{ANNA, BEN, Effect, Health, World, finding, wants};
use crate::{texts, ticket};

async fn anna(world: &World) -> (Principal, ConversationId) {
    let anna = world.lms.sign_in("anna", ANNA, "Anna Berg");
    let conversation = world.conversation_of(&anna).await;
    (anna, conversation)
}

/// Says something that is read as a wish for `action`, and answers it.
async fn ask(world: &World, conversation: ConversationId, action: ActionName) {
    world.reader.says(wants(action));
    world.say(conversation, "please, for NL-100234").await;
    assert!(world.answer().await);
}

async fn ticket_of(world: &World, conversation: ConversationId) -> TicketDetail {
    let ticket: TicketId = world.store.open_ticket(conversation).await.unwrap().expect("an open ticket");
    world.store.ticket(ticket).await.unwrap().unwrap()
}

fn receipt_of(card: Option<Card>) -> Uuid {
    let Some(Card::Receipt { receipt }) = card else { panic!("no receipt: {card:?}") };
    receipt.id
}

#[tokio::test]
async fn who_is_known_gets_a_receipt_for_what_was_done_for_them() {
    let world = World::open().await;
    let (_, conversation) = anna(&world).await;
    let [certificate] = world.lms.award(ANNA, &["Welding"])[..] else { panic!("one certificate") };
    world.lms.award(BEN, &["Yoga"]);
    ask(&world, conversation, ActionName::CertificateResend).await;
    let message = world.last(conversation).await;
    assert_eq!((message.author, message.text.as_str()), (Author::Bot, texts::DONE));
    receipt_of(message.card);
    ask(&world, conversation, ActionName::PasswordReset).await;
    receipt_of(world.last(conversation).await.card);
    assert_eq!(world.lms.effects(), [Effect::Certificate(ANNA, certificate), Effect::Reset(ANNA)]);
    assert!(!world.answer().await, "both are answered");
}

#[tokio::test]
async fn of_several_certificates_the_student_chooses() {
    let world = World::open().await;
    let (_, conversation) = anna(&world).await;
    world.lms.award(ANNA, &["Welding", "Yoga"]);
    ask(&world, conversation, ActionName::CertificateResend).await;
    let message = world.last(conversation).await;
    let Some(Card::Choice { choice }) = message.card else { panic!("no choice") };
    assert_eq!((message.text.as_str(), choice.options.len()), (texts::CHOOSE, 2));
    assert!(world.lms.effects().is_empty());
}

#[tokio::test]
async fn a_look_is_answered_with_findings_and_narrowed_down_to_an_order_that_is_named() {
    let world = World::open().await;
    let (_, conversation) = anna(&world).await;
    ask(&world, conversation, ActionName::RefundStatus).await;
    let message = world.last(conversation).await;
    let Some(Card::Findings { findings, .. }) = message.card else { panic!("no findings") };
    assert_eq!((message.text.as_str(), findings.len()), (texts::LOOKED, 1));
    assert_eq!(world.lms.orders_asked_for(), [Some("NL-100234".to_owned())]);
    assert_eq!(world.store.state(conversation).await.unwrap().holder, Holder::Bot);
    assert!(world.lms.effects().is_empty());
}

#[tokio::test]
async fn what_only_a_person_can_put_right_is_shown_and_then_handed_over() {
    let world = World::open().await;
    let (_, conversation) = anna(&world).await;
    world.lms.find(ANNA, vec![finding("Welding", Mood::Good, false), finding("Yoga", Mood::Problem, true)]);
    ask(&world, conversation, ActionName::CertificateMissing).await;

    let messages = world.messages(conversation).await;
    let [.., found, announced] = &messages[..] else { panic!("two messages") };
    assert_eq!((found.author, announced.author), (Author::Bot, Author::System));
    assert!(matches!(&found.card, Some(Card::Findings { findings, .. }) if findings.len() == 2));
    assert_eq!(announced.text, texts::HANDED_OFF_FOUND.replace("{place}", "1"));
    let detail = ticket_of(&world, conversation).await;
    assert!(detail.summary.contains("Quiz 3 of Yoga is at 62 %, 70 % is needed."), "{}", detail.summary);
    assert_eq!(detail.row.reason, "The records show what only a person can put right.");
    let student = detail.student.unwrap();
    assert_eq!((student.name.as_str(), student.verified), ("Anna Berg", true));
}

#[tokio::test]
async fn a_crash_between_effect_and_answer_gives_one_effect_and_the_same_receipt() {
    let world = World::open().await;
    let (_, conversation) = anna(&world).await;
    world.lms.award(ANNA, &["Welding"]);
    world.reader.says(wants(ActionName::CertificateResend));
    world.say(conversation, "my certificate, please").await;
    let turn = world.store.take_turn(world.uuid(), world.now(), Duration::from_secs(30)).await.unwrap().unwrap();
    world.turns.find_answer(&turn).await.unwrap();
    let [before] = &world.actions.receipts(conversation.0).await.unwrap()[..] else { panic!("one run") };
    let before = before.outcome.clone().unwrap();

    // The worker is killed here. The student writes on, and another worker takes over.
    world.say(conversation, "are you there? it is about NL-100234").await;
    assert!(!world.answer().await, "the lease still holds");
    world.clock.advance(Duration::from_secs(60));
    assert!(world.answer().await);
    assert_eq!(world.lms.effects().len(), 1);
    assert_eq!(receipt_of(world.last(conversation).await.card), before.receipt().unwrap().id);
    assert_eq!(world.actions.receipts(conversation.0).await.unwrap().len(), 1);
}

#[tokio::test]
async fn once_a_person_has_come_nothing_is_done_any_more() {
    let world = World::open().await;
    let (_, conversation) = anna(&world).await;
    world.reader.says(wants(ActionName::PasswordReset));
    world.say(conversation, "a link, please").await;
    let turn = world.store.take_turn(world.uuid(), world.now(), Duration::from_secs(30)).await.unwrap().unwrap();
    let ticket = ticket::without_reading(None, "The student asks for a person.", &world.ids);
    world.store.student_hand_off(conversation, &ticket, texts::HANDED_OFF, world.now()).await.unwrap();
    assert!(matches!(world.turns.find_answer(&turn).await, Err(DeskError::TakenOver)));
    assert!(world.lms.effects().is_empty());
    assert!(world.actions.receipts(conversation.0).await.unwrap().is_empty());
}

#[tokio::test]
async fn when_a_person_comes_during_the_effect_the_bot_stays_silent_and_they_see_the_receipt() {
    let world = World::open().await;
    let (_, conversation) = anna(&world).await;
    world.reader.says(wants(ActionName::PasswordReset));
    world.say(conversation, "a link, please").await;
    let turn = world.store.take_turn(world.uuid(), world.now(), Duration::from_secs(30)).await.unwrap().unwrap();
    let answer = world.turns.find_answer(&turn).await.unwrap();
    let ticket = ticket::without_reading(None, "The student asks for a person.", &world.ids);
    world.store.student_hand_off(conversation, &ticket, texts::HANDED_OFF, world.now()).await.unwrap();
    assert!(matches!(world.turns.give(&turn, answer).await, Err(DeskError::TakenOver)));
    assert!(world.messages(conversation).await.iter().all(|message| message.card.is_none()));
    assert_eq!(world.lms.effects(), [Effect::Reset(ANNA)]);
    assert_eq!(world.actions.receipts(conversation.0).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_sign_in_that_has_run_out_is_asked_for_again_and_then_the_turn_goes_on() {
    let world = World::open().await;
    let (_, conversation) = anna(&world).await;
    world.lms.sign_out("anna");
    ask(&world, conversation, ActionName::PasswordReset).await;
    let message = world.last(conversation).await;
    assert_eq!((message.text.as_str(), message.card), (texts::SIGN_IN_AGAIN, Some(Card::SignIn)));
    assert!(world.lms.effects().is_empty() && !world.answer().await);

    let again = world.lms.sign_in("anna-again", ANNA, "Anna Berg");
    world.bind(conversation, &again).await;
    assert!(world.answer().await);
    receipt_of(world.last(conversation).await.card);
    assert_eq!(world.lms.effects(), [Effect::Reset(ANNA)]);
}

#[tokio::test]
async fn the_lms_down_means_no_effect_an_honest_word_and_a_person() {
    let world = World::open().await;
    let (_, conversation) = anna(&world).await;
    world.lms.set(Health::Down);
    ask(&world, conversation, ActionName::PasswordReset).await;
    assert_eq!(world.last(conversation).await.text, texts::HANDED_OFF_UNREACHABLE.replace("{place}", "1"));
    assert!(world.lms.effects().is_empty());
    let detail = ticket_of(&world, conversation).await;
    assert_eq!(detail.row.reason, "The academy's system could not be reached, so nothing was done.");
    assert!(detail.summary.contains(ActionName::PasswordReset.about()), "{}", detail.summary);
}

#[tokio::test]
async fn an_answer_that_was_lost_is_not_called_a_failure() {
    let world = World::open().await;
    let (_, conversation) = anna(&world).await;
    world.lms.set(Health::Deaf);
    ask(&world, conversation, ActionName::PasswordReset).await;
    assert_eq!(world.last(conversation).await.text, texts::HANDED_OFF_UNCLEAR.replace("{place}", "1"));
    assert_eq!(ticket_of(&world, conversation).await.row.reason, super::super::act::UNCLEAR);
}

#[tokio::test]
async fn too_often_is_refused_kindly_with_a_person_at_hand() {
    let world = World::open().await;
    let (_, conversation) = anna(&world).await;
    let budget = usize::try_from(ActionName::PasswordReset.spec().budget.per_hour).unwrap();
    for _ in 0..=budget {
        ask(&world, conversation, ActionName::PasswordReset).await;
    }
    let message = world.last(conversation).await;
    assert_eq!((message.text.as_str(), message.offer_person, message.card), (texts::OVER_BUDGET, true, None));
    assert_eq!(world.lms.effects().len(), budget);
}

#[tokio::test]
async fn a_conversation_never_acts_for_anybody_but_its_subject() {
    let world = World::open().await;
    let (anna, conversation) = anna(&world).await;
    let ben = world.lms.sign_in("ben", BEN, "Ben Ode");
    // As if the store were wrong: Anna's conversation with Ben's token.
    let mixed = Identity { token: ben.token().clone(), ..Identity::from(&anna) };
    world.store.bind(conversation, &mixed, world.now()).await.unwrap();
    ask(&world, conversation, ActionName::PasswordReset).await;
    assert_eq!(world.last(conversation).await.card, Some(Card::SignIn));
    assert!(world.lms.effects().is_empty());
}

#[tokio::test]
async fn a_turn_taken_for_nobody_is_void_once_somebody_is_known() {
    let world = World::open().await;
    let conversation = world.conversation().await;
    world.reader.says(wants(ActionName::PasswordReset));
    world.say(conversation, "a link, please").await;
    let turn = world.store.take_turn(world.uuid(), world.now(), Duration::from_secs(30)).await.unwrap().unwrap();
    let answer = world.turns.find_answer(&turn).await.unwrap();
    let anna = world.lms.sign_in("anna", ANNA, "Anna Berg");
    world.bind(conversation, &anna).await;
    assert!(matches!(world.turns.give(&turn, answer).await, Err(DeskError::LeaseLost)));
    assert!(world.answer().await, "it is taken again at once");
    assert_eq!(world.lms.effects(), [Effect::Reset(ANNA)]);
}

#[tokio::test]
async fn a_critical_case_goes_to_a_person_before_anything_is_tried() {
    let world = World::open().await;
    let (_, conversation) = anna(&world).await;
    let mut understood = wants(ActionName::PasswordReset);
    understood.assessment.urgency = Urgency::Critical;
    world.reader.says(understood);
    world.say(conversation, "my exam is in an hour").await;
    assert!(world.answer().await);
    assert_eq!(ticket_of(&world, conversation).await.row.urgency, Urgency::Critical);
    assert!(world.lms.effects().is_empty());
}

#[tokio::test]
async fn a_reader_that_fails_sends_the_case_to_a_person() {
    let world = World::open().await;
    let (_, conversation) = anna(&world).await;
    world.reader.fails();
    world.say(conversation, "hello?").await;
    assert!(world.answer().await);
    assert_eq!(world.last(conversation).await.text, texts::HANDED_OFF_FAULT.replace("{place}", "1"));
}
