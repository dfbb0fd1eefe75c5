//! Taking a quiz, with everything that can go wrong at its end.

use crate::harness::{Browser, Home, Learner, Look, Porter, text_of, until};

const ADMINISTRATOR: &str = "theo.brandt@northlight.example";
/// Has just begun the course, and not taken a quiz of it.
const JOAO: &str = "joao.ferreira@learner.example";
const LIST: &str = "/teach/data-analysis-from-zero/quizzes";

/// One question of each kind.
const FILE: &str = r#"
minutes = 20
attempts = 3
[[question]]
kind = "single"
text = "What is one **row** of a table of bus trips?"
choices = ["One trip", "One line", "One passenger"]
correct = [0]
explanation = "Each row is one thing of the kind that the table is about."
[[question]]
kind = "multiple"
text = "What makes a table hard to sort?"
choices = ["Merged cells", "Empty rows", "A header row"]
correct = [0, 1]
explanation = "A header row helps."
[[question]]
kind = "numeric"
text = "How far is one and a half thousand metres?"
answer = 1.5
unit = "km"
explanation = "1,500 m are 1.5 km."
[[question]]
kind = "short_text"
text = "What lies in the middle?"
accepted = ["median"]
explanation = "Half lies below it, half above."
[[question]]
kind = "ordering"
text = "Sort the steps."
items = ["Ask", "Count", "Conclude"]
explanation = "The question comes first."
"#;

async fn choose(browser: &Browser, kind: &str, label: &str) {
    let script = "const label = [...document.querySelectorAll(`[data-kind=${arguments[0]}] label.choice`)].find((it) => it.innerText.trim() === arguments[1]); \
                  label.scrollIntoView({ block: 'center' }); label.click();";
    browser.js_with(script, vec![kind.into(), label.into()]).await;
}

async fn write(browser: &Browser, kind: &str, text: &str) {
    let field = browser.find(&format!("[data-kind={kind}] input[type=text]")).await;
    field.clear().await.expect("emptying the field");
    field.send_keys(text).await.expect("typing");
}

/// Gives each item its place.
async fn sort(browser: &Browser, items: &[&str]) {
    let script = "for (const row of document.querySelectorAll('[data-kind=ordering] li')) { const select = row.querySelector('select'); \
                  select.value = String(arguments[0].indexOf(row.querySelector('span').innerText.trim()) + 1); \
                  select.dispatchEvent(new Event('input', { bubbles: true })); }";
    browser.js_with(script, vec![items.to_vec().into()]).await;
}

async fn is_saved(browser: &Browser) {
    until("all answers to be saved", async || (browser.text("save-status").await == "All answers are saved").then_some(())).await;
}

async fn fits(browser: &Browser, look: Look, name: &str) {
    browser.screenshot(&format!("quiz-{name}-{}", look.name())).await;
    let over = browser.js("return document.documentElement.scrollWidth - innerWidth").await;
    assert!(over.as_f64().expect("a number") < 1.0, "{name} sticks out by {over} px on {look:?}");
}

/// Opens the instructor's page of the first quiz, and gives its address and the lesson's id.
async fn opens_quiz(teacher: &Learner<'_>) -> (String, String) {
    teacher.goes_to(LIST).await;
    let href = text_of(&teacher.browser.js("return document.querySelector('[data-testid=teach-quiz]').getAttribute('href')").await);
    teacher.goes_to(&href).await;
    let lesson = href.rsplit('/').next().expect("an id").to_owned();
    (href, lesson)
}

/// Sends the settings' form with this limit.
async fn limits(teacher: &Learner<'_>, page: &str, minutes: &str) {
    teacher.goes_to(page).await;
    let field = teacher.browser.part("minutes").await;
    field.clear().await.expect("emptying the field");
    field.send_keys(minutes).await.expect("typing");
    teacher.browser.press("save-settings").await;
    until("the settings to be saved", async || teacher.browser.has("done").await.then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn story_a_quiz_of_all_kinds_and_a_connection_that_drops_before_the_deadline() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let office = Browser::start().await;
    let teacher = Learner::sign_in(&office, &porter, ADMINISTRATOR).await;
    let (teaching, lesson) = opens_quiz(&teacher).await;
    let page = format!("/quiz/{lesson}");
    office.js_with("document.querySelector('[data-testid=import-file]').value = arguments[0]", vec![FILE.into()]).await;
    office.press("import").await;
    until("the file to be in", async || office.has("done").await.then_some(())).await;
    assert_eq!(office.js("return document.querySelectorAll('[data-testid=bank-question]:not(.question-retired)').length").await, 5);

    // All five kinds, at leisure.
    let browser = Browser::start().await;
    let joao = Learner::sign_in(&browser, &porter, JOAO).await;
    joao.goes_to(&page).await;
    assert_eq!(browser.text("quiz-tries").await, "3 of 3 left");
    browser.press("quiz-start").await;
    browser.part("sheet").await;
    choose(&browser, "single", "One trip").await;
    choose(&browser, "multiple", "Merged cells").await;
    choose(&browser, "multiple", "Empty rows").await;
    write(&browser, "numeric", "1,5").await;
    write(&browser, "short_text", " MÉDIAN ").await;
    sort(&browser, &["Ask", "Count", "Conclude"]).await;
    is_saved(&browser).await;
    let sheet = text_of(&browser.js("return location.pathname").await);

    // The same attempt in other windows: answers are there, and it looks right.
    for dark in [false, true] {
        for width in [1280, 380] {
            let look = Look { dark, width };
            let other = Browser::with(look).await;
            let joao = Learner::sign_in(&other, &porter, JOAO).await;
            joao.goes_to(&page).await;
            fits(&other, look, "door").await;
            other.press("quiz-continue").await;
            other.part("sheet").await;
            assert_eq!(other.js("return location.pathname").await, sheet.as_str(), "two windows, one attempt");
            assert_eq!(other.js("return document.querySelector('[data-kind=numeric] input[type=text]').value").await, "1,5");
            fits(&other, look, "sheet").await;
            other.js("scrollTo(0, document.body.scrollHeight)").await;
            fits(&other, look, "sheet-end").await;
            let teacher = Learner::sign_in(&other, &porter, ADMINISTRATOR).await;
            for (path, name) in [(LIST, "teach-list"), (teaching.as_str(), "teach-quiz")] {
                teacher.goes_to(path).await;
                fits(&other, look, name).await;
            }
            let edit = text_of(
                &other.js("return document.querySelector('[data-testid=bank-question] a.button').getAttribute('href')").await,
            );
            teacher.goes_to(&edit).await;
            fits(&other, look, "teach-question").await;
        }
    }

    // Submitted twice by a hurried click; one result, and it is right.
    browser.js("const button = document.querySelector('[data-testid=submit-quiz]'); button.click(); button.click()").await;
    let score = browser.text("score").await;
    assert!(score.contains("100 %") && score.contains("Passed"), "{score}");
    for dark in [false, true] {
        let look = Look { dark, width: if dark { 380 } else { 1280 } };
        let other = Browser::with(look).await;
        let joao = Learner::sign_in(&other, &porter, JOAO).await;
        joao.goes_to(&format!("{sheet}/result")).await;
        fits(&other, look, "result").await;
    }

    // Again, in half a minute. Two answers arrive; then the connection is gone, and what is changed after that stays in the browser.
    limits(&teacher, &teaching, "0.5").await;
    joao.goes_to(&page).await;
    browser.press("quiz-start").await;
    browser.part("sheet").await;
    choose(&browser, "single", "One trip").await;
    write(&browser, "short_text", "median").await;
    is_saved(&browser).await;
    browser.js("window.realFetch = window.fetch; window.fetch = () => Promise.reject(new TypeError('no connection'))").await;
    choose(&browser, "multiple", "Merged cells").await;
    until("the notice of the outage", async || browser.text("offline").await.contains("You are offline").then_some(())).await;
    browser.screenshot("quiz-offline").await;
    until("the end of the grace", async || browser.text("offline").await.contains("The time is up").then_some(())).await;
    assert!(browser.text("clock").await.starts_with("0:00"));

    // It comes back: what had arrived counts, and what had not is named.
    browser.js("window.fetch = window.realFetch").await;
    let score = browser.text("score").await;
    browser.screenshot("quiz-after-outage").await;
    assert!(score.contains("40 %") && score.contains("Not passed"), "{score}");
    assert!(browser.has("by-clock").await);
    assert!(browser.text("unsent").await.contains("do not count"), "the page is silent about what was lost");
    joao.goes_to(&page).await;
    assert_eq!(browser.text("quiz-tries").await, "1 of 3 left");
    porter.stop();
}
