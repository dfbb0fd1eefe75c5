use super::*;
use crate::{
    domain::{Assignee, Author, Holder, TicketStatus},
    store::{Added, Changed, DeskError},
};

async fn a_claim_gives_the_conversation_to_the_agent(desk: Desk) {
    let (conversation, ticket) = desk.queued(Urgency::Normal).await;
    let mina = desk.agent("Mina").await;
    let now = desk.tick();
    let changed = desk.store.claim(ticket, mina, now).await.unwrap();
    assert_eq!(changed.conversation, conversation);
    let message = changed.message.unwrap();
    assert_eq!((message.author, message.text.as_str()), (Author::System, "Mina joined the conversation."));
    let state = desk.store.state(conversation).await.unwrap();
    assert_eq!((state.holder, state.agent_name.as_deref(), state.place), (Holder::Agent, Some("Mina"), None));
    let row = desk.store.ticket(ticket).await.unwrap().unwrap().row;
    assert_eq!(row.status, TicketStatus::Claimed);
    assert_eq!(row.assignee, Some(Assignee { id: mina, name: "Mina".to_owned() }));

    // Again: nothing changes.
    let messages = desk.messages(conversation).await;
    let again = desk.store.claim(ticket, mina, desk.tick()).await.unwrap();
    assert_eq!(again, Changed { conversation, message: None });
    assert_eq!(desk.messages(conversation).await, messages);
}

async fn what_somebody_has_nobody_else_can_touch(desk: Desk) {
    let (_, ticket) = desk.queued(Urgency::Normal).await;
    let (mina, jonas) = (desk.agent("Mina").await, desk.agent("Jonas").await);
    desk.store.claim(ticket, mina, desk.tick()).await.unwrap();
    let now = desk.tick();
    let store = &desk.store;
    for refused in [
        store.claim(ticket, jonas, now).await.map(|_| ()),
        store.release(ticket, jonas, now).await.map(|_| ()),
        store.resolve(ticket, jonas, now).await.map(|_| ()),
        store.agent_reply(ticket, jonas, desk.uuid(), "mine!", now).await.map(|_| ()),
    ] {
        assert!(matches!(&refused, Err(DeskError::AlreadyHeld { name }) if name == "Mina"), "{refused:?}");
    }
}

async fn what_nobody_has_must_be_claimed_first(desk: Desk) {
    let (conversation, ticket) = desk.queued(Urgency::Normal).await;
    let mina = desk.agent("Mina").await;
    let now = desk.tick();
    let refused = desk.store.resolve(ticket, mina, now).await;
    assert!(matches!(refused, Err(DeskError::NotClaimed)));
    let refused = desk.store.agent_reply(ticket, mina, desk.uuid(), "hello", now).await;
    assert!(matches!(refused, Err(DeskError::NotClaimed)));
    let unchanged = desk.store.release(ticket, mina, now).await.unwrap();
    assert_eq!(unchanged, Changed { conversation, message: None });
}

async fn a_release_puts_the_ticket_back(desk: Desk) {
    let (conversation, ticket) = desk.queued(Urgency::Normal).await;
    let mina = desk.agent("Mina").await;
    desk.store.claim(ticket, mina, desk.tick()).await.unwrap();
    let changed = desk.store.release(ticket, mina, desk.tick()).await.unwrap();
    let text = changed.message.unwrap().text;
    assert_eq!(text, "Mina left the conversation. You are number 1 in the queue for the next colleague.");
    let state = desk.store.state(conversation).await.unwrap();
    assert_eq!((state.holder, state.agent_name, state.place), (Holder::Queue, None, Some(1)));
    let row = desk.store.ticket(ticket).await.unwrap().unwrap().row;
    assert_eq!((row.status, row.assignee), (TicketStatus::Queued, None));

    let jonas = desk.agent("Jonas").await;
    desk.store.claim(ticket, jonas, desk.tick()).await.unwrap();
    let refused = desk.store.agent_reply(ticket, mina, desk.uuid(), "wait", desk.tick()).await;
    assert!(matches!(refused, Err(DeskError::AlreadyHeld { name }) if name == "Jonas"));
}

async fn a_resolved_ticket_stays_resolved(desk: Desk) {
    let (conversation, ticket) = desk.queued(Urgency::Normal).await;
    let (mina, jonas) = (desk.agent("Mina").await, desk.agent("Jonas").await);
    desk.store.claim(ticket, mina, desk.tick()).await.unwrap();
    let changed = desk.store.resolve(ticket, mina, desk.tick()).await.unwrap();
    assert!(changed.message.unwrap().text.starts_with("Mina closed the conversation."));
    assert_eq!(desk.store.state(conversation).await.unwrap().holder, Holder::Closed);

    let again = desk.store.resolve(ticket, mina, desk.tick()).await.unwrap();
    assert_eq!(again, Changed { conversation, message: None });
    let now = desk.tick();
    let store = &desk.store;
    for refused in [
        store.resolve(ticket, jonas, now).await.map(|_| ()),
        store.claim(ticket, jonas, now).await.map(|_| ()),
        store.claim(ticket, mina, now).await.map(|_| ()),
        store.release(ticket, mina, now).await.map(|_| ()),
        store.agent_reply(ticket, mina, desk.uuid(), "hello", now).await.map(|_| ()),
    ] {
        assert!(matches!(refused, Err(DeskError::AlreadyResolved)), "{refused:?}");
    }
}

async fn an_agents_message_is_kept_once_and_carries_the_name(desk: Desk) {
    let (conversation, ticket) = desk.queued(Urgency::Normal).await;
    let mina = desk.agent("Mina").await;
    desk.store.claim(ticket, mina, desk.tick()).await.unwrap();
    let client = desk.uuid();
    let first = desk.store.agent_reply(ticket, mina, client, "Hello, I am Mina.", desk.tick()).await.unwrap();
    assert_eq!((first.message.author, first.message.agent_name.as_deref()), (Author::Agent, Some("Mina")));
    assert!(!first.duplicate);
    let again = desk.store.agent_reply(ticket, mina, client, "Hello again.", desk.tick()).await.unwrap();
    assert_eq!(again, Added { duplicate: true, ..first.clone() });
    assert_eq!(desk.messages(conversation).await.pop(), Some(first.message.clone()));

    // The student has seen the client id, and using it changes nothing for the agent.
    let student = desk.store.add_student_message(conversation, client, "mine", desk.tick()).await.unwrap();
    assert_eq!((student.duplicate, student.message.author), (false, Author::Student));

    // A reply whose answer was lost is found again after the ticket is closed.
    desk.store.resolve(ticket, mina, desk.tick()).await.unwrap();
    let late = desk.store.agent_reply(ticket, mina, client, "Hello again.", desk.tick()).await.unwrap();
    assert_eq!(late, Added { duplicate: true, ..first });
}

async fn unknown_tickets_and_agents_are_said_to_be_missing(desk: Desk) {
    let (conversation, ticket) = desk.queued(Urgency::Normal).await;
    let (nobody, nothing) = (StaffId(desk.uuid()), TicketId(desk.uuid()));
    let mina = desk.agent("Mina").await;
    let now = desk.tick();
    assert!(matches!(desk.store.claim(ticket, nobody, now).await, Err(DeskError::NoStaff)));
    assert!(matches!(desk.store.claim(nothing, mina, now).await, Err(DeskError::NoTicket)));
    assert!(matches!(desk.store.release(nothing, mina, now).await, Err(DeskError::NoTicket)));
    assert!(matches!(desk.store.resolve(nothing, mina, now).await, Err(DeskError::NoTicket)));
    let reply = desk.store.agent_reply(nothing, mina, desk.uuid(), "hello", now).await;
    assert!(matches!(reply, Err(DeskError::NoTicket)));
    assert_eq!(desk.store.ticket(nothing).await.unwrap(), None);
    assert_eq!(desk.store.state(conversation).await.unwrap().holder, Holder::Queue);
}

porter_testkit::both_engines!(
    Desk::open;
    a_claim_gives_the_conversation_to_the_agent,
    what_somebody_has_nobody_else_can_touch,
    what_nobody_has_must_be_claimed_first,
    a_release_puts_the_ticket_back,
    a_resolved_ticket_stays_resolved,
    an_agents_message_is_kept_once_and_carries_the_name,
    unknown_tickets_and_agents_are_said_to_be_missing,
);
