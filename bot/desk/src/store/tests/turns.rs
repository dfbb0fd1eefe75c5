use serde_json::json;

use super::*;
use crate::{
    domain::{Author, BotReply, Card, Citation, Holder},
    store::DeskError,
};

fn reply(text: &str) -> BotReply {
    BotReply { text: text.to_owned(), ..BotReply::default() }
}

async fn nobody_waits_until_a_student_has_written(desk: Desk) {
    assert_eq!(desk.turn().await, None);
    let conversation = desk.conversation().await;
    assert_eq!(desk.turn().await, None, "a greeting needs no answer");
    let first = desk.say(conversation, "one").await;
    let second = desk.say(conversation, "two").await;

    let owner = desk.uuid();
    let now = desk.tick();
    let turn = desk.store.take_turn(owner, now, LEASE).await.unwrap().unwrap();
    assert_eq!(
        turn,
        Turn {
            conversation,
            owner,
            epoch: 1,
            lease_until: now + LEASE,
            clarified: false,
            subject: None,
            identity: None,
            correspondent: None,
            last_student_seq: second.seq,
            unanswered: vec![first, second],
        }
    );
    assert_eq!(desk.turn().await, None, "it is leased");
}

async fn a_reply_is_written_whole_and_ends_the_turn(desk: Desk) {
    let conversation = desk.conversation().await;
    desk.say(conversation, "how?").await;
    let turn = desk.turn().await.unwrap();
    let sent = BotReply {
        text: "So.".to_owned(),
        citations: vec![Citation { title: "How \0".to_owned(), url: "/help/how".to_owned() }],
        offer_person: true,
        card: Some(Card::Findings { receipt: receipt("looked\0 at"), findings: Vec::new() }),
        clarified: true,
        trace: Some(json!({ "model": "floor", "scores": [0.5], "text": "\0" })),
    };
    let now = desk.tick();
    let message = desk.store.bot_reply(&turn, &sent, now).await.unwrap();
    assert_eq!((message.seq, message.author, message.text.as_str()), (3, Author::Bot, "So."));
    assert_eq!((message.offer_person, message.client_id, message.created_at), (true, None, now));
    assert_eq!(message.citations, [Citation { title: "How \u{fffd}".to_owned(), url: "/help/how".to_owned() }]);
    assert_eq!(message.card, Some(Card::Findings { receipt: receipt("looked\u{fffd} at"), findings: Vec::new() }));
    assert_eq!(desk.messages(conversation).await.pop(), Some(message.clone()));
    assert_eq!(desk.store.message(conversation, 3).await.unwrap(), Some(message));
    assert_eq!(desk.store.message(conversation, 4).await.unwrap(), None);
    assert_eq!(desk.turn().await, None);

    let again = desk.store.bot_reply(&turn, &sent, desk.tick()).await;
    assert!(matches!(again, Err(DeskError::LeaseLost)), "a turn answers once");
    desk.say(conversation, "and then?").await;
    assert!(desk.turn().await.unwrap().clarified);
}

async fn a_message_that_comes_while_the_bot_writes_is_answered_next(desk: Desk) {
    let conversation = desk.conversation().await;
    desk.say(conversation, "one").await;
    let turn = desk.turn().await.unwrap();
    let late = desk.say(conversation, "two").await;
    desk.store.bot_reply(&turn, &reply("to one"), desk.tick()).await.unwrap();

    let next = desk.turn().await.unwrap();
    assert_eq!(next.unanswered, [late]);
    desk.store.bot_reply(&next, &reply("to two"), desk.tick()).await.unwrap();
    assert_eq!(desk.turn().await, None);
    let texts: Vec<String> = desk.messages(conversation).await.into_iter().map(|m| m.text).collect();
    assert_eq!(texts, ["Hello!", "one", "two", "to one", "to two"]);
}

async fn who_has_waited_longest_is_answered_first(desk: Desk) {
    let (first, second) = (desk.conversation().await, desk.conversation().await);
    desk.say(second, "I was here first").await;
    desk.say(first, "me too").await;
    desk.say(second, "still here").await;
    assert_eq!(desk.turn().await.unwrap().conversation, second);
    assert_eq!(desk.turn().await.unwrap().conversation, first);
}

async fn a_lease_that_ran_out_passes_to_another(desk: Desk) {
    let conversation = desk.conversation().await;
    desk.say(conversation, "hello?").await;
    let lost = desk.turn().await.unwrap();
    desk.clock.set(lost.lease_until - Duration::from_micros(1));
    let early = desk.store.take_turn(desk.uuid(), desk.now(), LEASE).await.unwrap();
    assert_eq!(early, None);
    desk.clock.set(lost.lease_until);
    let taken = desk.store.take_turn(desk.uuid(), desk.now(), LEASE).await.unwrap().unwrap();
    assert_eq!((taken.conversation, &taken.unanswered), (conversation, &lost.unanswered));

    desk.store.still_mine(&taken).await.unwrap();
    assert!(matches!(desk.store.still_mine(&lost).await, Err(DeskError::LeaseLost)));
    let refused = desk.store.bot_reply(&lost, &reply("late"), desk.tick()).await;
    assert!(matches!(refused, Err(DeskError::LeaseLost)));
    let ticket = desk.ticket(Urgency::Normal);
    let refused = desk.store.bot_hand_off(&lost, None, &ticket, QUEUED, desk.tick()).await;
    assert!(matches!(refused, Err(DeskError::LeaseLost)));
    desk.store.bot_reply(&taken, &reply("in time"), desk.tick()).await.unwrap();
    assert_eq!(desk.messages(conversation).await.len(), 3);
}

async fn a_lease_that_ran_out_still_holds_while_nobody_takes_it(desk: Desk) {
    let conversation = desk.conversation().await;
    desk.say(conversation, "hello?").await;
    let turn = desk.turn().await.unwrap();
    desk.clock.set(turn.lease_until + LEASE);
    desk.store.bot_reply(&turn, &reply("slow"), desk.tick()).await.unwrap();
    assert_eq!(desk.turn().await, None);
}

async fn a_worker_that_takes_a_conversation_twice_cannot_use_the_first_turn(desk: Desk) {
    let conversation = desk.conversation().await;
    desk.say(conversation, "hello?").await;
    let worker = desk.uuid();
    let first = desk.store.take_turn(worker, desk.tick(), LEASE).await.unwrap().unwrap();
    desk.clock.set(first.lease_until);
    let second = desk.store.take_turn(worker, desk.now(), LEASE).await.unwrap().unwrap();
    let refused = desk.store.bot_reply(&first, &reply("again"), desk.tick()).await;
    assert!(matches!(refused, Err(DeskError::LeaseLost)));
    desk.store.bot_reply(&second, &reply("once"), desk.tick()).await.unwrap();
}

async fn a_turn_is_void_once_a_person_has_come(desk: Desk) {
    let conversation = desk.conversation().await;
    desk.say(conversation, "hello?").await;
    let turn = desk.turn().await.unwrap();
    desk.store.still_mine(&turn).await.unwrap();
    let ticket = desk.ticket(Urgency::Normal);
    desk.store.student_hand_off(conversation, &ticket, QUEUED, desk.tick()).await.unwrap();
    assert!(matches!(desk.store.still_mine(&turn).await, Err(DeskError::TakenOver)));
    let refused = desk.store.bot_reply(&turn, &reply("too late"), desk.tick()).await;
    assert!(matches!(refused, Err(DeskError::TakenOver)));

    // Not even when the conversation is the bot's again.
    let agent = desk.agent("Mina").await;
    desk.store.claim(ticket.id, agent, desk.tick()).await.unwrap();
    desk.store.resolve(ticket.id, agent, desk.tick()).await.unwrap();
    desk.say(conversation, "something else").await;
    assert_eq!(desk.store.state(conversation).await.unwrap().holder, Holder::Bot);
    let refused = desk.store.bot_reply(&turn, &reply("much too late"), desk.tick()).await;
    assert!(matches!(refused, Err(DeskError::TakenOver)));
    let bot: Vec<String> = desk
        .messages(conversation)
        .await
        .into_iter()
        .filter(|message| message.author == Author::Bot)
        .map(|message| message.text)
        .collect();
    assert_eq!(bot, ["Hello!"]);
}

async fn a_conversation_with_a_person_is_not_the_bots_to_answer(desk: Desk) {
    let (conversation, ticket) = desk.queued(Urgency::Normal).await;
    desk.say(conversation, "waiting").await;
    assert_eq!(desk.turn().await, None);
    let agent = desk.agent("Mina").await;
    desk.store.claim(ticket, agent, desk.tick()).await.unwrap();
    desk.say(conversation, "to Mina").await;
    assert_eq!(desk.turn().await, None);
    desk.store.resolve(ticket, agent, desk.tick()).await.unwrap();
    assert_eq!(desk.turn().await, None);
}

porter_testkit::both_engines!(
    Desk::open;
    nobody_waits_until_a_student_has_written,
    a_reply_is_written_whole_and_ends_the_turn,
    a_message_that_comes_while_the_bot_writes_is_answered_next,
    who_has_waited_longest_is_answered_first,
    a_lease_that_ran_out_passes_to_another,
    a_lease_that_ran_out_still_holds_while_nobody_takes_it,
    a_worker_that_takes_a_conversation_twice_cannot_use_the_first_turn,
    a_turn_is_void_once_a_person_has_come,
    a_conversation_with_a_person_is_not_the_bots_to_answer,
);
