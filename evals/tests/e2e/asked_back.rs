//! A message that is not sure is asked back before a person gets it.

use crate::harness::{Browser, Chat, Home, Porter, text_of};

#[tokio::test(flavor = "multi_thread")]
async fn story_a_wish_is_asked_back_and_pressed() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let phone = Browser::start().await;
    let chat = Chat::open(&phone, &porter.base).await;
    let asked = chat.ask("about my order from monday").await;
    assert!(asked.author == "bot" && asked.text.contains("Which of these do you mean?"), "{asked:?}");
    phone.screenshot("asked-back-1-wishes").await;

    // Pressing says it, as if it had been typed, and the wish is carried on with.
    let wish = text_of(&phone.js("return document.querySelector('[data-testid=card-wish] .choice-label').textContent").await);
    phone.press("card-wish").await;
    phone.part("card-sign-in").await;
    let messages = chat.student().await.messages().await;
    assert!(messages.iter().any(|message| message["author"] == "student" && message["text"] == wish.as_str()), "{messages:#?}");
    assert_eq!(phone.js("return document.querySelector('[data-testid=card-wish]').getAttribute('aria-pressed')").await, "true");
    phone.screenshot("asked-back-2-pressed").await;

    // Asked a second time in a row, a person gets it.
    let second = Browser::start().await;
    let chat = Chat::open(&second, &porter.base).await;
    chat.ask("about my order from monday").await;
    let handed = chat.ask("the thing from last week again").await;
    assert!(handed.text.contains("a person"), "{handed:?}");
    porter.stop();
}
