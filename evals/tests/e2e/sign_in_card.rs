//! Signing in in the middle of a conversation; and another person at the same browser.

use reqwest::Method;

use crate::harness::cards::{FINDINGS, SIGN_IN};
use crate::harness::people::{DANA, JULIA};
use crate::harness::{Answer, Browser, Home, Learner, Porter, Session, Shown, Student, client, list, until};

const REFUND: &str = "where is my refund?";

#[tokio::test(flavor = "multi_thread")]
async fn story_signing_in_resumes_the_question_and_conversations_never_merge() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let browser = Browser::start().await;
    let dana = Learner::visiting(&browser, &porter);
    let chat = dana.opens_chat("/").await;
    let asked = chat.ask_for_card(REFUND, SIGN_IN).await;
    browser.screenshot("sign-in-card-1-asked").await;
    let first = chat.student().await;

    // Over to the academy's page and back: the same conversation, and the question is answered without being asked again.
    browser.press("card-sign-in-button").await;
    browser.page.enter_parent_frame().await.expect("leaving the frame");
    browser.find("input[name=password]").await;
    dana.signs_in_here(DANA, &porter.learner_password).await;
    let chat = dana.sees_chat().await;
    assert_eq!(chat.student().await.id, first.id, "another conversation");
    let before = usize::try_from(asked.seq).expect("a small number");
    let found = chat.card_after(before, FINDINGS).await;
    browser.screenshot("sign-in-card-2-answered").await;
    assert!(found.card_text.contains('€'), "{found:?}");
    let questions = chat.messages().await.iter().filter(|message| message.author == "student").count();
    assert_eq!(questions, 1, "the question was sent again");
    chat.ask("how do i get my certificate as pdf?").await;

    // She signs out. The next person at this browser sees nothing of it.
    let hers: Vec<Shown> = chat.messages().await;
    browser.page.enter_parent_frame().await.expect("leaving the frame");
    dana.goes_to("/").await;
    dana.signs_out().await;
    let julia = Learner::sign_in(&browser, &porter, JULIA).await;
    let chat = julia.opens_chat("/learning").await;
    let second = chat.student().await;
    browser.screenshot("sign-in-card-3-another-person").await;
    assert_ne!(second.id, first.id, "the next person got the conversation");
    assert_eq!(chat.messages().await.len(), 1, "only the greeting: {:?}", chat.messages().await);
    chat.ask_for_card(REFUND, FINDINGS).await;
    let shown = chat.messages().await;
    let leaked = hers
        .iter()
        .filter(|message| message.seq > 1 && message.author == "bot")
        .find(|hers| shown.iter().any(|message| message.words() == hers.words()));
    assert!(leaked.is_none(), "{leaked:?} is shown to somebody else");

    // Nor at the API: the conversation's token alone opens nothing, nor does it with somebody else's identity.
    let dana = Session::of(&porter, DANA).await;
    let strangers = [None, Some(Session::of(&porter, JULIA).await.identity().await), Some("no.identity".to_owned())];
    for identity in strangers {
        let stranger = Student { identity, ..first.clone() };
        for (method, rest) in [(Method::GET, ""), (Method::GET, "/events"), (Method::POST, "/handoff"), (Method::POST, "/identity")]
        {
            let request = stranger.signed(client().request(method, stranger.address(rest)));
            Answer::to(request.json(&serde_json::json!({}))).await.is_problem(401);
        }
        stranger.post("hello").await.is_problem(401);
    }
    let owner = Student { identity: Some(dana.identity().await), ..first.clone() };
    let kept = owner.messages().await;
    assert_eq!(kept.len(), hers.len(), "a stranger has written into it: {kept:#?}");

    an_identity_ends_with_its_session(&porter, &dana).await;

    // Back again, she finds her conversation.
    let chat = {
        browser.page.enter_parent_frame().await.expect("leaving the frame");
        julia.goes_to("/").await;
        julia.signs_out().await;
        let dana = Learner::sign_in(&browser, &porter, DANA).await;
        dana.opens_chat("/learning").await
    };
    chat.hears("certificate as pdf").await;
    assert_eq!(chat.student().await.id, first.id, "she finds another conversation");
    porter.stop();
}

/// What the desk has asked a moment ago it may believe for half a minute, but the facts are the academy's: they are not given out any more.
async fn an_identity_ends_with_its_session(porter: &Porter, session: &Session) {
    let student = Student::begin_as(&porter.base, session).await;
    session.sign_out().await;
    student.post(REFUND).await;
    let said = until("what a signed-out person is told", async || {
        let answer = Answer::to(student.signed(client().get(student.address("")))).await;
        if answer.status == 401 {
            return Some(None);
        }
        let messages = list(&answer.is(200).json()["messages"]);
        messages.into_iter().find(|message| message["author"] != "student" && message["seq"] != 1).map(Some)
    })
    .await;
    if let Some(said) = said {
        assert_eq!(said["card"]["kind"], "sign_in", "facts for a session that has ended: {said}");
    }
    // Whoever shows it is a stranger from then on.
    let show = async || Answer::to(student.signed(client().get(student.address("")))).await;
    until("the identity's end", async || (show().await.status == 401).then_some(())).await;
}
