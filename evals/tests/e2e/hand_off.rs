//! A case goes to a person, who takes it from there.

use serde_json::Value;

use crate::harness::{Agent, Browser, Chat, Home, Inbox, Porter, Student, text_of, until};

const WISH: &str = "my exam was marked wrong, i want it looked at again";

#[tokio::test(flavor = "multi_thread")]
async fn story_hand_off() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let (desk, phone) = (Browser::start().await, Browser::start().await);
    let inbox = Inbox::sign_in(&desk, &porter).await;
    assert!(inbox.subjects().await.is_empty());

    // The student hears that a person has it, and which place the case has.
    let chat = Chat::open(&phone, &porter.base).await;
    let announced = chat.ask(WISH).await;
    assert_eq!(announced.author, "system");
    assert!(
        announced.text.contains("I am passing this to a person") && announced.text.contains("You are number 1 in the queue."),
        "{announced:?}"
    );
    assert!(phone.text("queue-banner").await.contains("number 1 in the queue"));
    phone.screenshot("hand-off-1-announced").await;

    // The agent sees it come, with what is needed to begin.
    inbox.opens(WISH).await;
    inbox.is_the_same_page().await;
    assert!(desk.text("summary").await.contains("marked wrong"));
    assert!(!desk.text("reason").await.is_empty());
    assert!(!desk.text("passage").await.is_empty());
    desk.screenshot("hand-off-2-ticket").await;
    inbox.presses("claim").await;
    inbox.waits_for_holder("Yours").await;
    phone.part("agent-banner").await;
    if desk.has("proposed-reply").await {
        inbox.presses("use-proposed").await;
        let written = desk.js("return document.querySelector('[data-testid=reply-input]').value").await;
        assert!(!text_of(&written).is_empty(), "the proposed reply is not in the box");
        desk.js("const box = document.querySelector('[data-testid=reply-input]'); box.value = ''; box.dispatchEvent(new Event('input'))").await;
    }

    // They talk, each live, and the bot says nothing more: not even to a question that it could answer.
    inbox.replies("I have your exam here and am reading it again.").await;
    let heard = chat.hears("I have your exam here").await;
    assert_eq!(heard.author, "agent");
    chat.say("how do i get my certificate as pdf?").await;
    inbox.waits_for_message("certificate as pdf").await;
    // Somebody else's question, asked later and answered by the same workers: the bot has had its time.
    Student::begin(&porter.base).await.ask("how do i get my certificate as pdf?").await;
    inbox.replies("You got three points more.").await;
    chat.hears("three points more").await;
    let student = chat.student().await;
    assert_bot_is_silent_since_the_claim(&student.messages().await);
    inbox.is_the_same_page().await;
    phone.screenshot("hand-off-3-talking").await;
    desk.screenshot("hand-off-4-talking").await;

    inbox.presses("resolve").await;
    inbox.waits_for_holder("Resolved").await;
    phone.part("closed-banner").await;
    assert_eq!(student.show().await["state"]["holder"], "closed");
    phone.screenshot("hand-off-5-closed").await;
    porter.stop();
}

#[track_caller]
fn assert_bot_is_silent_since_the_claim(messages: &[Value]) {
    let announced =
        messages.iter().position(|message| text_of(&message["text"]).contains("in the queue")).expect("an announcement");
    let after: Vec<_> = messages.iter().skip(announced + 1).map(|message| text_of(&message["author"])).collect();
    assert!(!after.iter().any(|author| author == "bot"), "the bot speaks after the hand-off: {messages:#?}");
    assert_eq!(after.iter().filter(|author| *author == "agent").count(), 2, "{messages:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_button_fetches_a_person_at_any_time_and_places_are_counted() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let browser = Browser::start().await;
    let chat = Chat::open(&browser, &porter.base).await;
    browser.press("handoff-button").await;
    let announced = chat.hears("in the queue").await;
    assert!(announced.text.contains("You are number 1 in the queue."), "{announced:?}");
    // Pressed again it changes nothing.
    let student = chat.student().await;
    student.hand_off().await;
    let announcements = student.messages().await.iter().filter(|message| message["author"] == "system").count();
    assert_eq!(announcements, 1);

    // A second student waits behind, and moves up live when the first is taken; what is critical goes before both.
    let second = Student::begin(&porter.base).await;
    second.ask("my exam was marked wrong").await;
    assert_eq!(second.show().await["state"]["place"], 2);
    let third = Student::begin(&porter.base).await;
    third.ask("somebody in my course threatens to hurt me and knows where i live, please help").await;
    let agent = Agent::sign_in(&porter).await;
    let queue = agent.tickets("queue").await;
    let places: Vec<String> = queue.iter().map(|ticket| text_of(&ticket["urgency"])).collect();
    assert_eq!(places.first().map(String::as_str), Some("critical"), "{queue:#?}");
    assert_eq!(third.show().await["state"]["place"], 1);
    until("the student's new place on the page", async || {
        let banner = browser.text("queue-banner").await;
        banner.contains("number 2 in the queue").then_some(())
    })
    .await;
    let critical = text_of(&queue.first().expect("a ticket")["id"]);
    agent.act(&critical, "claim").await.is(200);
    until("the student moves up", async || (second.show().await["state"]["place"] == 2).then_some(())).await;
    // Whoever holds it may answer, and nobody else.
    let waiting = text_of(&queue.last().expect("a ticket")["id"]);
    agent.reply(&waiting, "I am not the holder").await.is_problem(409);
    agent.reply(&critical, "I am here.").await.is(201);
    agent.act(&critical, "release").await.is(200);
    assert_eq!(agent.detail(&critical).await["status"], "queued");
    porter.stop();
}
