use std::collections::BTreeSet;

use futures::future::join_all;

use super::*;
use crate::{
    domain::{Author, BotReply},
    store::{DeskError, TicketView},
};

/// Starts one task for each number and waits for all of them.
async fn at_once<T, W>(count: usize, task: impl Fn(usize) -> W) -> Vec<T>
where
    T: Send + 'static,
    W: Future<Output = T> + Send + 'static,
{
    let tasks: Vec<_> = (0..count).map(|number| tokio::spawn(task(number))).collect();
    join_all(tasks).await.into_iter().map(|outcome| outcome.unwrap()).collect()
}

async fn concurrent_messages_get_consecutive_places(desk: Desk) {
    let conversation = desk.conversation().await;
    let now = desk.now();
    let seqs = at_once(20, |number| {
        let (store, client) = (desk.store.clone(), desk.uuid());
        async move {
            let text = number.to_string();
            store.add_student_message(conversation, client, &text, now).await.unwrap().message.seq
        }
    })
    .await;
    assert_eq!(BTreeSet::from_iter(seqs), (2..=21).collect());
    let stored: Vec<i64> = desk.messages(conversation).await.iter().map(|message| message.seq).collect();
    assert_eq!(stored, (1..=21).collect::<Vec<_>>());
}

async fn the_same_message_sent_many_times_at_once_is_kept_once(desk: Desk) {
    let conversation = desk.conversation().await;
    let (client, now) = (desk.uuid(), desk.now());
    let added = at_once(8, |_| {
        let store = desk.store.clone();
        async move { store.add_student_message(conversation, client, "hi", now).await.unwrap() }
    })
    .await;
    assert_eq!(added.iter().filter(|added| !added.duplicate).count(), 1);
    assert!(added.iter().all(|added| added.message.seq == 2));
    assert_eq!(desk.messages(conversation).await.len(), 2);
}

async fn of_many_claims_one_wins(desk: Desk) {
    let (conversation, ticket) = desk.queued(Urgency::Normal).await;
    let mut agents = Vec::new();
    for number in 0..16 {
        agents.push(desk.agent(&format!("agent{number}")).await);
    }
    let now = desk.now();
    let outcomes = at_once(16, |number| {
        let (store, agent) = (desk.store.clone(), agents[number]);
        async move { (agent, store.claim(ticket, agent, now).await) }
    })
    .await;
    let winners: Vec<StaffId> = outcomes.iter().filter(|(_, outcome)| outcome.is_ok()).map(|(agent, _)| *agent).collect();
    let assignee = desk.store.ticket(ticket).await.unwrap().unwrap().row.assignee.unwrap();
    assert_eq!(winners, [assignee.id]);
    for (_, outcome) in outcomes.iter().filter(|(_, outcome)| outcome.is_err()) {
        assert!(matches!(outcome, Err(DeskError::AlreadyHeld { name }) if *name == assignee.name), "{outcome:?}");
    }
    let state = desk.store.state(conversation).await.unwrap();
    assert_eq!(state.agent_name, Some(assignee.name));
    assert_eq!(desk.messages(conversation).await.len(), 4, "one person joined");
}

async fn many_hand_offs_make_one_ticket(desk: Desk) {
    let conversation = desk.conversation().await;
    desk.say(conversation, "help").await;
    let turn = desk.turn().await.unwrap();
    let now = desk.now();
    let handed = at_once(16, |number| {
        let (store, turn, ticket) = (desk.store.clone(), turn.clone(), desk.ticket(Urgency::Normal));
        async move {
            if number % 2 == 0 {
                store.student_hand_off(conversation, &ticket, QUEUED, now).await.unwrap()
            } else {
                store.bot_hand_off(&turn, None, &ticket, QUEUED, now).await.unwrap()
            }
        }
    })
    .await;
    assert_eq!(handed.iter().filter(|handed| handed.message.is_some()).count(), 1);
    let queue = desk.store.tickets(TicketView::Queue, 100).await.unwrap();
    assert_eq!(queue.len(), 1);
    assert!(handed.iter().all(|handed| handed.ticket == queue[0].id && handed.state.place == Some(1)));
}

async fn hand_offs_of_many_students_get_consecutive_numbers_and_places(desk: Desk) {
    let mut conversations = Vec::new();
    for _ in 0..16 {
        conversations.push(desk.conversation().await);
    }
    let now = desk.now();
    let places = at_once(16, |number| {
        let (store, ticket) = (desk.store.clone(), desk.ticket(Urgency::Normal));
        let conversation = conversations[number];
        async move {
            let handed = store.student_hand_off(conversation, &ticket, QUEUED, now).await.unwrap();
            handed.state.place.unwrap()
        }
    })
    .await;
    assert_eq!(BTreeSet::from_iter(places), (1..=16).collect());
    let queue = desk.store.tickets(TicketView::Queue, 100).await.unwrap();
    assert_eq!(queue.iter().map(|row| row.number).collect::<Vec<_>>(), (1..=16).collect::<Vec<_>>());
}

async fn each_conversation_is_taken_by_one_worker(desk: Desk) {
    let mut waiting = BTreeSet::new();
    for _ in 0..16 {
        let conversation = desk.conversation().await;
        desk.say(conversation, "hello?").await;
        waiting.insert(conversation);
    }
    let now = desk.now();
    let taken = at_once(24, |_| {
        let (store, owner) = (desk.store.clone(), desk.uuid());
        async move { store.take_turn(owner, now, LEASE).await.unwrap().map(|turn| turn.conversation) }
    })
    .await;
    let taken: Vec<ConversationId> = taken.into_iter().flatten().collect();
    assert_eq!(taken.len(), 16, "each once, and nobody went away empty while one was left");
    assert_eq!(BTreeSet::from_iter(taken), waiting);
}

/// Whoever comes first: never a word of the bot after the hand-off.
async fn the_bot_and_a_hand_off_cannot_both_have_the_last_word(desk: Desk) {
    let mut sent = 0;
    for round in 0..30 {
        let conversation = desk.conversation().await;
        desk.say(conversation, "help").await;
        let turn = desk.turn().await.unwrap();
        let (ticket, now) = (desk.ticket(Urgency::Normal), desk.now());
        let (speaks, fetches) = (desk.store.clone(), desk.store.clone());
        let reply = async move {
            let reply = BotReply { text: "So.".to_owned(), ..BotReply::default() };
            speaks.bot_reply(&turn, &reply, now).await
        };
        let hand_off = async move { fetches.student_hand_off(conversation, &ticket, QUEUED, now).await };
        let (reply, hand_off) = if round % 2 == 0 {
            let (reply, hand_off) = (tokio::spawn(reply), tokio::spawn(hand_off));
            (reply.await.unwrap(), hand_off.await.unwrap())
        } else {
            let (hand_off, reply) = (tokio::spawn(hand_off), tokio::spawn(reply));
            (reply.await.unwrap(), hand_off.await.unwrap())
        };
        assert!(hand_off.unwrap().message.is_some());
        let authors: Vec<Author> = desk.messages(conversation).await.iter().map(|m| m.author).collect();
        let expected = match reply {
            Ok(_) => {
                sent += 1;
                vec![Author::Bot, Author::Student, Author::Bot, Author::System]
            }
            Err(DeskError::TakenOver) => vec![Author::Bot, Author::Student, Author::System],
            Err(other) => panic!("{other}"),
        };
        assert_eq!(authors, expected);
    }
    println!("the bot was first in {sent} of 30 rounds");
}

/// A message that is committed while the bot's transaction waits for the row must not be taken for
/// answered.
async fn a_message_in_the_same_moment_as_the_reply_is_not_forgotten(desk: Desk) {
    for _ in 0..30 {
        let conversation = desk.conversation().await;
        desk.say(conversation, "one").await;
        let turn = desk.turn().await.unwrap();
        let (client, now) = (desk.uuid(), desk.now());
        let (speaks, writes) = (desk.store.clone(), desk.store.clone());
        let written = tokio::spawn(async move { writes.add_student_message(conversation, client, "two", now).await });
        let replied = tokio::spawn(async move { speaks.bot_reply(&turn, &BotReply::default(), now).await });
        let late = written.await.unwrap().unwrap().message;
        replied.await.unwrap().unwrap();
        let next = desk.turn().await.expect("the second message waits");
        assert_eq!((next.conversation, &next.unanswered), (conversation, &vec![late]));
        desk.store.bot_reply(&next, &BotReply::default(), desk.now()).await.unwrap();
    }
}

porter_testkit::both_engines!(
    Desk::open;
    concurrent_messages_get_consecutive_places,
    the_same_message_sent_many_times_at_once_is_kept_once,
    of_many_claims_one_wins,
    many_hand_offs_make_one_ticket,
    hand_offs_of_many_students_get_consecutive_numbers_and_places,
    each_conversation_is_taken_by_one_worker,
    the_bot_and_a_hand_off_cannot_both_have_the_last_word,
    a_message_in_the_same_moment_as_the_reply_is_not_forgotten,
);
