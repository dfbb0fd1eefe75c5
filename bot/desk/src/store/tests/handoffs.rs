use super::*;
use crate::{
    domain::{Author, BotReply, Card, Holder, State, TicketStatus},
    store::{DeskError, HandedOff, TicketView},
};

fn queued_at(place: i64) -> State {
    State { holder: Holder::Queue, agent_name: None, place: Some(place) }
}

async fn the_bot_hands_off_with_its_turn(desk: Desk) {
    desk.queued(Urgency::Normal).await;
    let conversation = desk.conversation().await;
    desk.say(conversation, "my exam was marked wrong").await;
    let turn = desk.turn().await.unwrap();
    let ticket = desk.ticket(Urgency::Normal);
    let now = desk.tick();
    let handed = desk.store.bot_hand_off(&turn, None, &ticket, QUEUED, now).await.unwrap();

    assert_eq!((handed.state.clone(), handed.ticket), (queued_at(2), ticket.id));
    let message = handed.message.unwrap();
    assert_eq!((message.seq, message.author, message.created_at), (3, Author::System, now));
    assert_eq!(message.text, "A person will answer. You are number 2 in the queue.");
    assert_eq!(desk.store.state(conversation).await.unwrap(), queued_at(2));
    assert_eq!(desk.messages(conversation).await.pop(), Some(message));

    let detail = desk.store.ticket(ticket.id).await.unwrap().unwrap();
    assert_eq!(detail.conversation_id, conversation);
    assert_eq!((detail.row.number, detail.row.status), (2, TicketStatus::Queued));
    assert_eq!((detail.row.urgency, detail.row.created_at), (Urgency::Normal, now));
    assert_eq!((detail.row.intent, detail.row.confidence), (ticket.intent, ticket.confidence));
    assert_eq!((detail.row.reason, detail.row.subject), (ticket.reason, ticket.subject));
    assert_eq!((detail.summary, detail.proposed_reply), (ticket.summary, ticket.proposed_reply));
    assert_eq!((detail.passages, detail.row.assignee), (ticket.passages, None));
    assert_eq!(detail.messages, desk.messages(conversation).await);
}

async fn what_the_bot_found_is_said_before_the_announcement(desk: Desk) {
    let conversation = desk.conversation().await;
    desk.say(conversation, "where is my certificate?").await;
    let turn = desk.turn().await.unwrap();
    let card = Card::Findings { receipt: receipt("I looked."), findings: Vec::new() };
    let reply = BotReply { text: "This is what I found.".to_owned(), card: Some(card.clone()), ..BotReply::default() };
    let ticket = desk.ticket(Urgency::Normal);
    let handed = desk.store.bot_hand_off(&turn, Some(&reply), &ticket, QUEUED, desk.tick()).await.unwrap();
    let messages = desk.messages(conversation).await;
    let [.., found, announced] = &messages[..] else { panic!("two messages") };
    assert_eq!((found.seq, found.author, &found.card), (3, Author::Bot, &Some(card)));
    assert_eq!((announced.seq, Some(announced.clone())), (4, handed.message));
    // Said once: another hand-off finds a person on the way and says nothing.
    desk.store.bot_hand_off(&turn, Some(&reply), &ticket, QUEUED, desk.tick()).await.unwrap();
    assert_eq!(desk.messages(conversation).await, messages);
}

async fn a_second_hand_off_finds_the_first(desk: Desk) {
    let conversation = desk.conversation().await;
    desk.say(conversation, "help").await;
    let turn = desk.turn().await.unwrap();
    let first = desk.ticket(Urgency::High);
    desk.store.student_hand_off(conversation, &first, QUEUED, desk.tick()).await.unwrap();
    let found = HandedOff { state: queued_at(1), ticket: first.id, message: None };

    let (by_student, by_bot) = (desk.ticket(Urgency::Low), desk.ticket(Urgency::Low));
    let again = desk.store.student_hand_off(conversation, &by_student, QUEUED, desk.tick()).await;
    assert_eq!(again.unwrap(), found);
    let again = desk.store.bot_hand_off(&turn, None, &by_bot, QUEUED, desk.tick()).await;
    assert_eq!(again.unwrap(), found);

    let agent = desk.agent("Mina").await;
    desk.store.claim(first.id, agent, desk.tick()).await.unwrap();
    let held = State { holder: Holder::Agent, agent_name: Some("Mina".to_owned()), place: None };
    let again = desk.store.student_hand_off(conversation, &by_student, QUEUED, desk.tick()).await;
    assert_eq!(again.unwrap(), HandedOff { state: held.clone(), ..found });
    assert_eq!(desk.store.state(conversation).await.unwrap(), held);
    assert_eq!(desk.store.ticket(by_student.id).await.unwrap(), None);
    assert_eq!(desk.messages(conversation).await.len(), 4);
}

async fn a_closed_conversation_can_be_handed_off_again(desk: Desk) {
    let (conversation, ticket) = desk.queued(Urgency::Normal).await;
    let agent = desk.agent("Mina").await;
    desk.store.claim(ticket, agent, desk.tick()).await.unwrap();
    desk.store.resolve(ticket, agent, desk.tick()).await.unwrap();

    let second = desk.ticket(Urgency::Normal);
    let handed = desk.store.student_hand_off(conversation, &second, QUEUED, desk.tick()).await.unwrap();
    assert_eq!((handed.state, handed.ticket), (queued_at(1), second.id));
    let numbers = |rows: Vec<crate::domain::TicketRow>| rows.iter().map(|row| row.number).collect::<Vec<_>>();
    assert_eq!(numbers(desk.store.tickets(TicketView::Queue, 10).await.unwrap()), [2]);
    assert_eq!(numbers(desk.store.tickets(TicketView::Resolved, 10).await.unwrap()), [1]);
}

async fn the_bot_cannot_hand_off_what_was_closed(desk: Desk) {
    let conversation = desk.conversation().await;
    desk.say(conversation, "help").await;
    let turn = desk.turn().await.unwrap();
    let ticket = desk.ticket(Urgency::Normal);
    desk.store.student_hand_off(conversation, &ticket, QUEUED, desk.tick()).await.unwrap();
    let agent = desk.agent("Mina").await;
    desk.store.claim(ticket.id, agent, desk.tick()).await.unwrap();
    desk.store.resolve(ticket.id, agent, desk.tick()).await.unwrap();
    let late = desk.ticket(Urgency::Normal);
    let refused = desk.store.bot_hand_off(&turn, None, &late, QUEUED, desk.tick()).await;
    assert!(matches!(refused, Err(DeskError::TakenOver)));
}

async fn what_no_engine_could_keep_is_kept_the_same_on_both(desk: Desk) {
    let conversation = desk.conversation().await;
    let mut ticket = desk.ticket(Urgency::Normal);
    ticket.confidence = Some(f64::NAN);
    ticket.subject = "nul\0l".to_owned();
    ticket.passages[0].score = f32::INFINITY;
    ticket.passages[0].text = "nul\0l".to_owned();
    desk.store.student_hand_off(conversation, &ticket, QUEUED, desk.tick()).await.unwrap();
    let detail = desk.store.ticket(ticket.id).await.unwrap().unwrap();
    assert_eq!((detail.row.confidence, detail.row.subject.as_str()), (None, "nul\u{fffd}l"));
    let passage = &detail.passages[0];
    assert_eq!((passage.score, passage.text.as_str()), (0.0, "nul\u{fffd}l"));
}

porter_testkit::both_engines!(
    Desk::open;
    the_bot_hands_off_with_its_turn,
    what_the_bot_found_is_said_before_the_announcement,
    a_second_hand_off_finds_the_first,
    a_closed_conversation_can_be_handed_off_again,
    the_bot_cannot_hand_off_what_was_closed,
    what_no_engine_could_keep_is_kept_the_same_on_both,
);
