use porter_kernel::jobs;

use super::*;
use crate::{
    domain::{Author, BotReply, Channel, Citation, Holder, LetterFile, NewLetter, ReplyState},
    store::{AUTOMATIC_A_MINUTE, AUTOMATIC_AN_HOUR, SEND_REPLY, TicketView},
};

const ANNA: &str = "Anna@Learners.example";

fn letter(key: &str, text: &str) -> NewLetter {
    NewLetter {
        key: key.to_owned(),
        channel: Channel::Mail,
        message_id: Some(format!("{key}@learners.example")),
        answers: Vec::new(),
        address: Some(ANNA.to_owned()),
        name: "Anna \0".to_owned(),
        subject: "Certificate".to_owned(),
        language: None,
        text: text.to_owned(),
        rest: "> old \0".to_owned(),
        files: vec![LetterFile { name: "a.png".to_owned(), media_type: "image/png".to_owned(), size: 12 }],
    }
}

fn reply(text: &str) -> BotReply {
    BotReply {
        text: text.to_owned(),
        citations: vec![Citation { title: "How".to_owned(), url: "/help/how".to_owned() }],
        ..BotReply::default()
    }
}

impl Desk {
    async fn receives(&self, letter: &NewLetter) -> (ConversationId, bool) {
        let id = ConversationId(self.uuid());
        let received = self.store.receive(letter, id, &self.token().hash(), self.tick()).await.unwrap();
        (received.conversation, received.duplicate)
    }

    /// Answers what waits; the id of the mail, by the job that sends it.
    async fn answers(&self, text: &str) -> Option<Uuid> {
        let turn = self.turn().await.unwrap();
        self.store.bot_reply(&turn, &reply(text), self.tick()).await.unwrap();
        self.job().await.map(|job| job.id)
    }

    async fn job(&self) -> Option<jobs::Job> {
        jobs::open(&self.db.db).take(&[SEND_REPLY], self.uuid(), self.now(), LEASE, 1).await.unwrap().pop()
    }
}

async fn a_letter_begins_a_conversation_that_no_token_opens_and_that_waits_for_the_bot(desk: Desk) {
    let (conversation, duplicate) = desk.receives(&letter("one", "Where is it?")).await;
    assert!(!duplicate);
    let messages = desk.messages(conversation).await;
    assert_eq!(messages.len(), 1);
    assert_eq!((messages[0].seq, messages[0].author, messages[0].text.as_str()), (1, Author::Student, "Where is it?"));
    let turn = desk.turn().await.unwrap();
    let correspondent = turn.correspondent.unwrap();
    assert_eq!(
        (correspondent.channel, correspondent.subject.as_str(), correspondent.exhausted),
        (Channel::Mail, "Certificate", false)
    );
    assert_eq!((turn.subject, turn.identity, turn.unanswered.len()), (None, None, 1));

    let kept = desk.store.correspondence(conversation).await.unwrap().unwrap();
    assert_eq!((kept.address.as_deref(), kept.name.as_str()), (Some(ANNA), "Anna \u{fffd}"));
    assert_eq!((kept.letters[0].rest.as_str(), kept.letters[0].other_sender.as_deref()), ("> old \u{fffd}", None));
    assert_eq!(kept.letters[0].files[0].size, 12);
    let chat = desk.conversation().await;
    assert_eq!(desk.store.correspondence(chat).await.unwrap(), None);
    assert_eq!(desk.store.progress(chat).await.unwrap(), None);
}

async fn the_same_letter_again_changes_nothing(desk: Desk) {
    let (conversation, _) = desk.receives(&letter("one", "Where is it?")).await;
    assert_eq!(desk.receives(&letter("one", "Where is it?")).await, (conversation, true));
    assert_eq!(desk.messages(conversation).await.len(), 1);
    assert_eq!(desk.store.letters_since("anna@learners.EXAMPLE", desk.now() - LEASE).await.unwrap(), 1);
    assert_eq!(desk.store.letters_since("anna@learners.example", desk.now()).await.unwrap(), 0);
}

async fn many_deliveries_of_one_letter_at_once_are_one(desk: Desk) {
    let letter = letter("one", "Where is it?");
    let (now, mut ids) = (desk.tick(), Vec::new());
    for _ in 0..8 {
        ids.push((ConversationId(desk.uuid()), desk.token().hash()));
    }
    let deliveries = ids.iter().map(|(id, token)| desk.store.receive(&letter, *id, token, now));
    let received: Vec<_> = futures::future::join_all(deliveries).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(received.iter().filter(|received| !received.duplicate).count(), 1);
    let conversation = received[0].conversation;
    assert!(received.iter().all(|received| received.conversation == conversation));
    assert_eq!(desk.messages(conversation).await.len(), 1);
    assert!(desk.turn().await.is_some());
    assert_eq!(desk.turn().await, None);
}

async fn an_answer_and_its_mail_are_written_together_and_once(desk: Desk) {
    let (conversation, _) = desk.receives(&letter("one", "Where is it?")).await;
    let mail = desk.answers("Here.").await.expect("a job");
    let outgoing = desk.store.outgoing(mail).await.unwrap().unwrap();
    assert_eq!((outgoing.address.as_str(), outgoing.text.as_str(), outgoing.author), (ANNA, "Here.", Author::Bot));
    assert_eq!(outgoing.citations[0].url, "/help/how");
    assert_eq!(outgoing.before, [crate::domain::Before::Theirs("one@learners.example".to_owned())]);
    assert_eq!(desk.job().await, None, "one mail for one message");
    assert_eq!(desk.store.outgoing(desk.uuid()).await.unwrap(), None);
    // A chat gets none.
    let chat = desk.conversation().await;
    desk.say(chat, "hello").await;
    assert_eq!(desk.answers("hi").await, None);
    assert_eq!(desk.store.progress(conversation).await.unwrap().unwrap().answer.as_deref(), Some("Here."));
}

async fn a_mail_is_sent_once_under_a_lease_and_may_come_back(desk: Desk) {
    let (conversation, _) = desk.receives(&letter("one", "Where is it?")).await;
    let turn = desk.turn().await.unwrap();
    desk.store.bot_reply(&turn, &reply("Here."), desk.tick()).await.unwrap();
    let job = desk.job().await.unwrap();
    let now = desk.tick();
    desk.store.reply_sent(&job, job.id, now).await.unwrap();
    assert!(matches!(desk.store.reply_sent(&job, job.id, now).await, Err(jobs::JobError::LeaseLost)));
    let replies = async || desk.store.correspondence(conversation).await.unwrap().unwrap().replies;
    assert_eq!(replies().await, [ReplyState { seq: 2, sent_at: Some(now), failure: None }]);
    assert!(desk.store.reply_failed(job.id, "It came back.").await.unwrap());
    assert_eq!(replies().await[0].failure.as_deref(), Some("It came back."));
    assert!(!desk.store.reply_failed(desk.uuid(), "nothing").await.unwrap());
}

async fn an_answer_to_our_mail_goes_on_with_the_conversation_whoever_it_is_from(desk: Desk) {
    let (conversation, _) = desk.receives(&letter("one", "Where is it?")).await;
    let mail = desk.answers("Here.").await.unwrap();
    let unknown = "nobody@elsewhere.example".to_owned();
    let from_phone = NewLetter {
        answers: vec![unknown.clone(), format!("{mail}@northlight.example")],
        address: Some("anna@phone.example".to_owned()),
        ..letter("two", "Not there.")
    };
    assert_eq!(desk.receives(&from_phone).await, (conversation, false));
    let kept = desk.store.correspondence(conversation).await.unwrap().unwrap();
    assert_eq!((kept.letters[1].seq, kept.letters[1].other_sender.as_deref()), (3, Some("anna@phone.example")));
    // What is said then still goes to the address that began it.
    let next = desk.answers("Look again.").await.unwrap();
    assert_eq!(desk.store.outgoing(next).await.unwrap().unwrap().address, ANNA);
    // An id that nobody knows begins a new one.
    let (other, _) = desk.receives(&NewLetter { answers: vec![unknown], ..letter("three", "Hello?") }).await;
    assert_ne!(other, conversation);
}

async fn ones_own_mails_are_gone_on_with_from_the_same_address_alone(desk: Desk) {
    let (conversation, _) = desk.receives(&letter("one", "Where is it?")).await;
    let answers = vec!["one@learners.example".to_owned()];
    let more =
        NewLetter { answers: answers.clone(), address: Some("anna@learners.example".to_owned()), ..letter("two", "Still not.") };
    assert_eq!(desk.receives(&more).await.0, conversation);
    let stranger = NewLetter { answers, address: Some("eve@evil.example".to_owned()), ..letter("three", "Tell me all.") };
    assert_ne!(desk.receives(&stranger).await.0, conversation);
}

async fn a_closed_correspondence_opens_again_with_a_letter(desk: Desk) {
    let (conversation, _) = desk.receives(&letter("one", "my exam was marked wrong")).await;
    let turn = desk.turn().await.unwrap();
    let ticket = desk.ticket(Urgency::Normal);
    desk.store.bot_hand_off(&turn, None, &ticket, QUEUED, desk.tick()).await.unwrap();
    let announced = desk.job().await.expect("the announcement goes out").id;
    let row = &desk.store.tickets(TicketView::Queue, 10).await.unwrap()[0];
    assert_eq!((row.channel, row.id), (Channel::Mail, ticket.id));

    let agent = desk.agent("Mina").await;
    desk.store.claim(ticket.id, agent, desk.tick()).await.unwrap();
    assert_eq!(desk.job().await, None, "that somebody has it is no mail");
    let client_id = desk.uuid();
    for _ in 0..2 {
        desk.store.agent_reply(ticket.id, agent, client_id, "Three points more.", desk.tick()).await.unwrap();
    }
    let said = desk.job().await.expect("the agent's answer").id;
    assert_eq!(desk.job().await, None, "sent twice by the page, it is one mail");
    let outgoing = desk.store.outgoing(said).await.unwrap().unwrap();
    assert_eq!((outgoing.agent_name.as_deref(), outgoing.text.as_str()), (Some("Mina"), "Three points more."));
    desk.store.resolve(ticket.id, agent, desk.tick()).await.unwrap();
    assert_eq!(desk.job().await, None);
    let progress = desk.store.progress(conversation).await.unwrap().unwrap();
    assert_eq!(
        (progress.waits, progress.ticket, progress.answer.as_deref()),
        (false, Some((ticket.id, 1)), Some("Three points more."))
    );

    let thanks = NewLetter { answers: vec![format!("{announced}@x")], ..letter("two", "Thanks!") };
    assert_eq!(desk.receives(&thanks).await.0, conversation);
    assert_eq!(desk.store.state(conversation).await.unwrap().holder, Holder::Bot);
    assert!(desk.turn().await.is_some());
}

async fn an_address_gets_so_many_automatic_mails_an_hour_and_as_many_of_people_as_they_write(desk: Desk) {
    for n in 0..AUTOMATIC_AN_HOUR {
        desk.receives(&letter(&format!("{n}"), "Where is it?")).await;
        assert!(desk.answers("Here.").await.is_some(), "{n}");
    }
    let (conversation, _) = desk.receives(&letter("more", "Where is it?")).await;
    let turn = desk.turn().await.unwrap();
    assert!(turn.correspondent.as_ref().unwrap().exhausted);
    let ticket = desk.ticket(Urgency::Normal);
    desk.store.bot_hand_off(&turn, None, &ticket, QUEUED, desk.tick()).await.unwrap();
    assert_eq!(desk.job().await, None, "nothing more is sent by itself");
    let kept = desk.store.correspondence(conversation).await.unwrap().unwrap();
    assert!(kept.replies[0].failure.as_deref().unwrap().starts_with("Not sent"));
    let agent = desk.agent("Mina").await;
    desk.store.claim(ticket.id, agent, desk.tick()).await.unwrap();
    desk.store.agent_reply(ticket.id, agent, desk.uuid(), "I am a person.", desk.tick()).await.unwrap();
    assert!(desk.job().await.is_some());
    // Somebody else is not concerned, and an hour later it is as before.
    desk.receives(&NewLetter { address: Some("ben@learners.example".to_owned()), ..letter("ben", "Where?") }).await;
    assert!(desk.answers("There.").await.is_some());
    desk.clock.advance(Duration::from_secs(3_601));
    desk.receives(&letter("later", "Where is it?")).await;
    assert!(desk.answers("Here.").await.is_some());
}

async fn everybody_together_gets_so_many_a_minute(desk: Desk) {
    let now = desk.now();
    for n in 0..AUTOMATIC_A_MINUTE {
        let letter = NewLetter { address: Some(format!("{n}@learners.example")), ..letter(&format!("{n}"), "Where?") };
        let id = ConversationId(desk.uuid());
        desk.store.receive(&letter, id, &desk.token().hash(), now).await.unwrap();
        let turn = desk.store.take_turn(desk.uuid(), now, LEASE).await.unwrap().unwrap();
        assert!(!turn.correspondent.as_ref().unwrap().exhausted, "{n}");
        desk.store.bot_reply(&turn, &reply("There."), now).await.unwrap();
    }
    let last = NewLetter { address: Some("last@learners.example".to_owned()), ..letter("last", "Where?") };
    desk.receives(&last).await;
    assert!(desk.turn().await.unwrap().correspondent.unwrap().exhausted);
}

async fn who_cannot_be_written_to_is_answered_in_the_conversation_alone(desk: Desk) {
    let filed = NewLetter {
        channel: Channel::Api,
        address: None,
        message_id: None,
        language: Some("de".to_owned()),
        ..letter("api/1", "Where?")
    };
    let (conversation, _) = desk.receives(&filed).await;
    assert!(desk.store.progress(conversation).await.unwrap().unwrap().waits);
    assert_eq!(desk.answers("There.").await, None);
    let progress = desk.store.progress(conversation).await.unwrap().unwrap();
    assert_eq!((progress.waits, progress.answer.as_deref(), progress.ticket), (false, Some("There."), None));
    let kept = desk.store.correspondence(conversation).await.unwrap().unwrap();
    assert_eq!((kept.channel, kept.language.as_deref(), kept.address), (Channel::Api, Some("de"), None));
}

porter_testkit::both_engines!(
    Desk::open;
    a_letter_begins_a_conversation_that_no_token_opens_and_that_waits_for_the_bot,
    the_same_letter_again_changes_nothing,
    many_deliveries_of_one_letter_at_once_are_one,
    an_answer_and_its_mail_are_written_together_and_once,
    a_mail_is_sent_once_under_a_lease_and_may_come_back,
    an_answer_to_our_mail_goes_on_with_the_conversation_whoever_it_is_from,
    ones_own_mails_are_gone_on_with_from_the_same_address_alone,
    a_closed_correspondence_opens_again_with_a_letter,
    an_address_gets_so_many_automatic_mails_an_hour_and_as_many_of_people_as_they_write,
    everybody_together_gets_so_many_a_minute,
    who_cannot_be_written_to_is_answered_in_the_conversation_alone,
);
