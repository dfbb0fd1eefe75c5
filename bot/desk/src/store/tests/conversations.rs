use super::*;
use crate::{
    domain::{Author, Conversation, Holder, State},
    store::{Added, DeskError},
};

async fn a_conversation_begins_with_a_greeting_and_opens_to_its_token_only(desk: Desk) {
    let id = ConversationId(desk.uuid());
    let token = desk.token();
    let now = desk.tick();
    let (conversation, greeting) = desk.store.create_conversation(id, &token.hash(), "Hello!", now).await.unwrap();
    assert_eq!(
        conversation,
        Conversation {
            id,
            holder: Holder::Bot,
            agent: None,
            epoch: 1,
            last_seq: 1,
            answered_seq: 1,
            clarified: false,
            subject: None,
            identity: None,
            identity_until: None,
            created_at: now,
            updated_at: now,
        }
    );
    assert_eq!((greeting.seq, greeting.author, greeting.text.as_str()), (1, Author::Bot, "Hello!"));
    assert_eq!(desk.messages(id).await, [greeting]);
    let found = desk.store.conversation_by_token(id, &token.hash()).await.unwrap();
    assert_eq!(found, Some(conversation));

    let other = ConversationId(desk.uuid());
    for (id, token) in [(id, desk.token()), (other, token)] {
        assert_eq!(desk.store.conversation_by_token(id, &token.hash()).await.unwrap(), None);
    }
    assert_eq!(desk.store.state(id).await.unwrap(), State { holder: Holder::Bot, agent_name: None, place: None });
}

async fn messages_come_in_order_from_where_one_left_off(desk: Desk) {
    let (quiet, talkative) = (desk.conversation().await, desk.conversation().await);
    for text in ["one", "two", "three"] {
        desk.say(talkative, text).await;
    }
    let texts = |messages: Vec<Message>| messages.into_iter().map(|m| m.text).collect::<Vec<_>>();
    let store = &desk.store;
    assert_eq!(texts(store.messages_after(talkative, 2, 10).await.unwrap()), ["two", "three"]);
    assert_eq!(texts(store.messages_after(talkative, 0, 2).await.unwrap()), ["Hello!", "one"]);
    assert!(store.messages_after(talkative, 4, 10).await.unwrap().is_empty());
    assert_eq!(desk.messages(quiet).await.len(), 1);
}

async fn sending_a_message_again_changes_nothing(desk: Desk) {
    let conversation = desk.conversation().await;
    let client = desk.uuid();
    let sent = desk.tick();
    let first = desk.store.add_student_message(conversation, client, "hi", sent).await.unwrap();
    assert!(!first.duplicate);
    assert_eq!((first.message.seq, first.message.client_id), (2, Some(client)));
    assert_eq!((first.message.author, first.message.created_at), (Author::Student, sent));

    let again = desk.store.add_student_message(conversation, client, "changed", desk.tick()).await;
    assert_eq!(again.unwrap(), Added { duplicate: true, ..first });
    let other = desk.store.add_student_message(conversation, desk.uuid(), "hi", desk.tick()).await;
    assert_eq!(other.unwrap().message.seq, 3);
    assert_eq!(desk.messages(conversation).await.len(), 3);

    // Another conversation has its own ids.
    let elsewhere = desk.conversation().await;
    let added = desk.store.add_student_message(elsewhere, client, "hi", desk.tick()).await.unwrap();
    assert!(!added.duplicate);
}

async fn texts_of_every_kind_come_back_as_they_were(desk: Desk) {
    let conversation = desk.conversation().await;
    let long = "é".repeat(100_000);
    for text in ["", "grüße 👋 \u{202e}", "'; DROP TABLE message; --", "a\r\n\tb\u{1}", long.as_str()] {
        assert_eq!(desk.say(conversation, text).await.text, text);
        assert_eq!(desk.messages(conversation).await.pop().unwrap().text, text);
    }
    // The one character that PostgreSQL refuses becomes the same on both.
    assert_eq!(desk.say(conversation, "nul\0l").await.text, "nul\u{fffd}l");
    assert_eq!(desk.messages(conversation).await.pop().unwrap().text, "nul\u{fffd}l");
}

async fn what_is_not_there_is_said_to_be_missing(desk: Desk) {
    let nowhere = ConversationId(desk.uuid());
    let store = &desk.store;
    let said = store.add_student_message(nowhere, desk.uuid(), "hi", desk.now()).await;
    assert!(matches!(said, Err(DeskError::NoConversation)));
    let ticket = desk.ticket(Urgency::Normal);
    let handed = store.student_hand_off(nowhere, &ticket, QUEUED, desk.now()).await;
    assert!(matches!(handed, Err(DeskError::NoConversation)));
    assert!(matches!(store.state(nowhere).await, Err(DeskError::NoConversation)));
    assert!(store.messages_after(nowhere, 0, 10).await.unwrap().is_empty());
}

async fn a_closed_conversation_reopens_with_the_bot(desk: Desk) {
    let (conversation, ticket) = desk.queued(Urgency::Normal).await;
    let agent = desk.agent("Mina").await;
    desk.store.claim(ticket, agent, desk.tick()).await.unwrap();
    desk.say(conversation, "said to Mina").await;
    desk.store.resolve(ticket, agent, desk.tick()).await.unwrap();
    assert_eq!(desk.store.state(conversation).await.unwrap().holder, Holder::Closed);

    let before = desk.messages(conversation).await.len();
    desk.say(conversation, "one more thing").await;
    assert_eq!(desk.store.state(conversation).await.unwrap().holder, Holder::Bot);
    // The bot is asked about the new message only: the others were for Mina.
    let turn = desk.turn().await.unwrap();
    assert_eq!((turn.conversation, turn.epoch, turn.clarified), (conversation, 5, false));
    let texts: Vec<&str> = turn.unanswered.iter().map(|m| m.text.as_str()).collect();
    assert_eq!(texts, ["one more thing"]);
    assert_eq!(turn.last_student_seq, i64::try_from(before).unwrap() + 1);
}

porter_testkit::both_engines!(
    Desk::open;
    a_conversation_begins_with_a_greeting_and_opens_to_its_token_only,
    messages_come_in_order_from_where_one_left_off,
    sending_a_message_again_changes_nothing,
    texts_of_every_kind_come_back_as_they_were,
    what_is_not_there_is_said_to_be_missing,
    a_closed_conversation_reopens_with_the_bot,
);
