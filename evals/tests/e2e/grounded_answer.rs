//! A student asks, and is answered from the help centre or not at all.

use crate::harness::{Browser, Chat, Home, Porter, Shown, assert_extract, get, plain, text_of};

/// Said when no article answers: the first time, the second time, and to what is no matter of the academy.
const ASKS_FOR_MORE: &str =
    "I am not sure that I understand. Could you tell me a little more: what you wanted to do, and what happened instead?";
const FINDS_NOTHING: &str =
    "I could not find an answer to this in our help centre, and I do not want to guess. A person can help you.";
const NOT_OURS: &str = "I can only help with the academy: courses, certificates, payments, your account and technical questions. Is there something of that kind?";

#[tokio::test(flavor = "multi_thread")]
async fn story_grounded_answer() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let browser = Browser::start().await;
    let chat = Chat::open(&browser, &porter.base).await;
    browser.screenshot("answer-0-greeting").await;
    chat.watch_drafts().await;

    let answer = chat.ask("how do i get my certificate as pdf?").await;
    browser.screenshot("answer-1-grounded").await;
    assert_eq!((answer.author.as_str(), answer.status.as_str()), ("bot", "sent"), "{answer:?}");
    assert!(answer.text.to_lowercase().contains("pdf"), "{answer:?}");
    let [citation] = answer.citations.as_slice() else { panic!("one article is cited: {answer:?}") };

    // It was shown while it grew, and every draft was a beginning of the answer.
    let drafts = chat.drafts().await;
    assert!(drafts.len() > 1, "the answer was not streamed: {drafts:?}");
    let whole = letters(&answer.text);
    assert!(drafts.iter().all(|draft| whole.contains(&letters(draft))), "{drafts:?} is not of {answer:?}");
    assert!(!browser.has("draft").await, "a draft stays behind");

    // The link opens the article, and the answer is the article's.
    let tabs = browser.page.windows().await.expect("listing tabs").len();
    browser.press("citation").await;
    browser.follow_new_tab(tabs).await;
    let address = browser.page.current_url().await.expect("asking for the address");
    let cited = citation.split('#').next().unwrap_or_default();
    assert!(cited.ends_with(address.path()) && address.path().starts_with("/help/"), "{citation} opened {address}");
    get(address.as_str()).await.is(200);
    let title = browser.page.title().await.expect("asking for the title");
    assert!(title.to_lowercase().contains("certificate"), "{title}");
    let article = text_of(&browser.js("return document.querySelector('article').innerText").await);
    assert_extract(&answer.text, &article);
    browser.screenshot("answer-2-article").await;
    browser.close_tab().await;

    // Nothing about it in any article: no facts, no source; asked again, a person is offered.
    chat.enter().await;
    let first = chat.ask("which dinosaur discovered the moon cheese in 1820 at your campus?").await;
    assert_says_nothing(&first);
    let second = chat.ask("i mean the dinosaur with the moon cheese, who was it and when").await;
    assert_says_nothing(&second);
    browser.screenshot("answer-3-nothing").await;
    porter.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_no_article_covers_ends_at_a_person() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let browser = Browser::start().await;
    let chat = Chat::open(&browser, &porter.base).await;
    for _ in 0..3 {
        let answer = chat.ask("does the blue lamp in the corridor of the lecture building flicker on purpose").await;
        assert_says_nothing(&answer);
        if answer.offers {
            browser.screenshot("answer-4-person-offered").await;
            browser.press("offer-person").await;
            browser.part("queue-banner").await;
            porter.stop();
            return;
        }
    }
    panic!("asked three times, and no person is offered: {:?}", chat.messages().await);
}

#[track_caller]
fn assert_says_nothing(answer: &Shown) {
    assert!(answer.citations.is_empty(), "a source for what no article covers: {answer:?}");
    assert!([ASKS_FOR_MORE, FINDS_NOTHING, NOT_OURS].contains(&plain(&answer.text).as_str()), "no fixed text: {answer:?}");
}

/// Only letters and digits: drafts and message break lines differently.
fn letters(text: &str) -> String {
    text.chars().filter(|character| character.is_alphabetic()).collect()
}
