//! From the catalogue into a course, and through its lessons.

use crate::harness::people::ANNA;
use crate::harness::{Browser, Home, Learner, Look, Porter, text_of, until};

const INSTRUCTOR: &str = "maren.holt@northlight.example";
const EDITOR: &str = "ruth.adeyemi@northlight.example";
const NEWCOMER: &str = "noah.williams@learner.example";
const FREE: &str = "learning-online";

/// Waits for words in what has that `data-testid`.
async fn says(browser: &Browser, testid: &str, words: &str) {
    until(&format!("{words:?} in {testid}"), async || browser.text(testid).await.contains(words).then_some(())).await;
}

/// Sends the form of a button and waits for the page that answers.
async fn sends(browser: &Browser, testid: &str) {
    browser.js("window.before = true").await;
    browser.press(testid).await;
    loaded(browser).await;
}

async fn loaded(browser: &Browser) {
    until("the page that answers", async || {
        let loaded = browser.js("return window.before !== true && document.readyState === 'complete'").await;
        (loaded == true).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn story_a_learner_finds_a_free_course_and_works_through_it() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let browser = Browser::start().await;
    let noah = Learner::sign_in(&browser, &porter, NEWCOMER).await;

    // Finds it, and gets in.
    noah.goes_to("/courses?price=free").await;
    assert!(browser.text("course-card").await.contains("Learning online"));
    browser.screenshot("catalogue-1-found").await;
    noah.goes_to(&format!("/courses/{FREE}")).await;
    browser.screenshot("catalogue-2-course").await;
    sends(&browser, "enrol").await;
    says(&browser, "course-progress", "0 of 5").await;
    browser.screenshot("catalogue-3-home").await;

    // Reads and completes the first lesson; the second is a video, which is left in the middle.
    sends(&browser, "continue").await;
    assert!(browser.text("lesson").await.contains("What a course is made of"));
    browser.screenshot("catalogue-4-text").await;
    sends(&browser, "complete").await;
    says(&browser, "course-progress", "1 of 5").await;
    assert!(browser.text("lesson").await.contains("A look around"));
    until("the video's length", async || {
        (browser.js("return document.querySelector('video').readyState >= 1").await == true).then_some(())
    })
    .await;
    browser.js("const video = document.querySelector('video'); video.muted = true; video.playbackRate = 4; video.play()").await;
    until("five seconds of the video", async || {
        (browser.js("return document.querySelector('video').currentTime > 5").await == true).then_some(())
    })
    .await;
    browser.js("document.querySelector('video').pause()").await;
    until("the percent that was told", async || {
        let words = browser.text("watched").await;
        let percent: u32 = words.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(0);
        (percent >= 40).then_some(())
    })
    .await;
    browser.screenshot("catalogue-5-video").await;

    // Back from elsewhere: the place is kept, and the end completes the lesson.
    noah.goes_to(&format!("/learn/{FREE}")).await;
    assert!(browser.text("continue").await.contains("Continue where you left off"));
    sends(&browser, "continue").await;
    until("the place in the video", async || {
        (browser.js("return document.querySelector('video').currentTime >= 5").await == true).then_some(())
    })
    .await;
    browser.js("const video = document.querySelector('video'); video.muted = true; video.playbackRate = 4; video.play()").await;
    says(&browser, "lesson-state", "Lesson complete").await;
    says(&browser, "course-progress", "2 of 5").await;

    // The rest; the last lesson completes the course.
    sends(&browser, "next-lesson").await;
    for _ in 0..3 {
        sends(&browser, "complete").await;
    }
    says(&browser, "course-progress", "5 of 5").await;
    browser.screenshot("catalogue-6-complete").await;

    // What comes first is named, with a way there.
    noah.goes_to("/courses/statistics-for-decisions").await;
    assert!(browser.text("unprepared").await.contains("Data analysis from zero"));
    assert!(!browser.has("enrol").await);
    browser.screenshot("catalogue-7-unprepared").await;
    porter.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn story_an_instructor_edits_a_lesson_and_learners_see_it() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let browser = Browser::start().await;
    let maren = Learner::sign_in(&browser, &porter, INSTRUCTOR).await;
    maren.goes_to("/teach").await;
    assert!(browser.text("taught").await.contains("Data analysis from zero"));
    maren.goes_to("/teach/data-analysis-from-zero").await;
    browser.screenshot("teach-1-contents").await;
    browser.js("window.before = true").await;
    browser.find("[data-testid=teach-lesson] a").await.click().await.expect("opening a lesson");
    loaded(&browser).await;
    let body = browser.find("#body").await;
    body.clear().await.expect("emptying the text");
    body.send_keys("## Written anew\n\nWith *care*.").await.expect("typing");
    sends(&browser, "save").await;
    assert!(browser.text("preview").await.contains("Written anew"));
    browser.screenshot("teach-2-lesson").await;
    // Somebody else's course is not there.
    maren.goes_to(&format!("/teach/{FREE}")).await;
    assert!(maren.reads().await.contains("There is no such page"));

    let anna = Learner::sign_in(&browser, &porter, ANNA).await;
    anna.goes_to("/learn/data-analysis-from-zero").await;
    browser.js("window.before = true").await;
    browser.find("a.step-title").await.click().await.expect("opening the first lesson");
    loaded(&browser).await;
    assert!(anna.reads().await.contains("Written anew"), "{}", anna.reads().await);
    porter.stop();
}

/// Whether the page is wider than the window.
const OVER: &str = "return document.documentElement.scrollWidth - innerWidth";

#[tokio::test(flavor = "multi_thread")]
async fn the_course_pages_fit_every_screen() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    for look in [false, true].into_iter().flat_map(|dark| [1280, 380].map(|width| Look { dark, width })) {
        let browser = Browser::with(look).await;
        let anna = Learner::sign_in(&browser, &porter, ANNA).await;
        let first = async |slug: &str, number: usize| {
            anna.goes_to(&format!("/learn/{slug}")).await;
            let link = format!("return document.querySelectorAll('a.step-title')[{number}]?.getAttribute('href')");
            text_of(&browser.js(&link).await)
        };
        let slug = "data-analysis-from-zero";
        let (text, video, quiz) = (first(slug, 0).await, first(slug, 1).await, first(slug, 3).await);
        let pages = [
            ("/courses", "courses"),
            ("/courses/statistics-for-decisions", "course"),
            ("/courses/learning-online", "course-free"),
            (&format!("/learn/{slug}"), "learn"),
            (&text, "lesson-text"),
            (&video, "lesson-video"),
            (&quiz, "lesson-quiz"),
            ("/learning", "learning"),
        ];
        for (path, name) in pages {
            fits(&anna, path, name, look).await;
        }
        let ruth = Learner::sign_in(&browser, &porter, EDITOR).await;
        let course = format!("/teach/{FREE}");
        ruth.goes_to(&course).await;
        let lesson =
            text_of(&browser.js("return document.querySelector('[data-testid=teach-lesson] a').getAttribute('href')").await);
        let pages = ["", "/facts", "/learners", "/groups", "/invitations"]
            .map(|page| (format!("{course}{page}"), format!("teach{}", page.replace('/', "-"))));
        for (path, name) in pages {
            fits(&ruth, &path, &name, look).await;
        }
        fits(&ruth, &lesson, "teach-lesson", look).await;
        fits(&ruth, "/teach", "teach-list", look).await;
        fits(&ruth, "/teach/writing-for-the-web/learners", "teach-learners-many", look).await;
    }
    porter.stop();
}

async fn fits(learner: &Learner<'_>, path: &str, name: &str, look: Look) {
    learner.goes_to(path).await;
    let shot = format!("catalogue-look-{name}-{}", look.name());
    learner.browser.screenshot(&shot).await;
    let over = learner.browser.js(OVER).await.as_f64().expect("a number");
    assert!(over < 1.0, "{name} sticks out by {over} px on {look:?}");
}
