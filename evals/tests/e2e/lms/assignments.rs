//! Work that is handed in, judged, and counted.

use crate::harness::{Browser, Home, Learner, Letters, Look, Porter, until};

const WEN: &str = "wen.li@learner.example";
const MAREN: &str = "maren.holt@northlight.example";
const GRADES: &str = "/learn/data-analysis-from-zero/grades";
const TEACH: &str = "/teach/data-analysis-from-zero";

/// Presses and waits until another page is there.
async fn goes_on(browser: &Browser, testid: &str) {
    browser.js("window.before = true").await;
    browser.press(testid).await;
    until("the next page", async || {
        let loaded = browser.js("return window.before !== true && document.readyState === 'complete'").await;
        (loaded == true).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn story_handing_in_grading_and_the_gradebook() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let browser = Browser::start().await;

    // Wen Li finds the project among the grades, and hands in a file; late, as the page says.
    let wen = Learner::sign_in(&browser, &porter, WEN).await;
    wen.goes_to(GRADES).await;
    browser.screenshot("assignments-1-grades").await;
    goes_on(&browser, "assignment-link").await;
    let assignment = address(&browser).await;
    goes_on(&browser, "begin").await;
    let report = home.path().join("report.pdf");
    std::fs::write(&report, b"%PDF-1.7\na year of buses and trams").expect("writing a report");
    browser.part("file-input").await.send_keys(&report.display().to_string()).await.expect("choosing a file");
    goes_on(&browser, "upload").await;
    assert!(browser.text("draft-file").await.contains("report.pdf"));
    browser.screenshot("assignments-2-draft").await;
    browser.part("answer").await.send_keys("My question is about Fridays.").await.expect("typing");
    goes_on(&browser, "hand-in").await;
    assert!(browser.text("version").await.contains("Waiting for an instructor"));

    // Dr. Holt takes it from the queue, gives more time, and judges it by the rubric.
    let maren = Learner::sign_in(&browser, &porter, MAREN).await;
    maren.goes_to(&format!("{TEACH}/assignments")).await;
    browser.screenshot("assignments-3-queue").await;
    browser.js("for (const row of document.querySelectorAll('[data-testid=queue-row]')) if (!row.innerText.includes('Wen Li')) row.remove();").await;
    goes_on(&browser, "claim").await;
    assert!(browser.text("late").await.contains("late"));
    browser.js("document.querySelector('[data-testid=until]').value = '2027-12-31'").await;
    goes_on(&browser, "extend").await;
    assert!(!browser.has("late").await, "with an extension it is on time");
    browser
        .js("for (const set of document.querySelectorAll('fieldset')) set.querySelector('input[type=radio]').checked = true")
        .await;
    browser.part("remark").await.send_keys("Sound work, well told.").await.expect("typing");
    browser.screenshot("assignments-4-grading").await;
    goes_on(&browser, "grade").await;
    maren.goes_to(&format!("{TEACH}/gradebook")).await;
    assert!(browser.text("gradebook").await.contains("100.00 %"));
    browser.screenshot("assignments-5-gradebook").await;
    let csv = browser
        .js("const answer = await fetch(document.querySelector('[data-testid=csv]').href); return await answer.text()")
        .await;
    assert!(csv.as_str().is_some_and(|csv| csv.contains("\"Wen Li\"") && csv.contains("\"100.00\"")), "{csv}");

    // Wen Li gets a letter, sees what was said, and has finished the lesson.
    let letters = Letters::at(&porter.mailbox);
    letters.waits_for(WEN, |letter| letter.subject.contains("graded")).await;
    for look in [false, true].into_iter().flat_map(|dark| [1280, 380].map(|width| Look { dark, width })) {
        let browser = Browser::with(look).await;
        let wen = Learner::sign_in(&browser, &porter, WEN).await;
        browser.open(&assignment).await;
        let result = browser.text("assignment-result").await;
        assert!(result.contains("100.00 %") && result.contains("Sound work") && result.contains("Passed"), "{result}");
        browser.screenshot(&format!("assignments-6-result-{}", look.name())).await;
        wen.goes_to(GRADES).await;
        browser.screenshot(&format!("assignments-7-grades-{}", look.name())).await;
        let over = browser.js("return document.documentElement.scrollWidth - innerWidth").await;
        assert!(over.as_f64().is_some_and(|over| over < 1.0), "{look:?}: {over}");
        Learner::sign_in(&browser, &porter, MAREN).await.goes_to(&format!("{TEACH}/gradebook")).await;
        browser.screenshot(&format!("assignments-8-gradebook-{}", look.name())).await;
    }
    porter.stop();
}

/// The address of this page.
async fn address(browser: &Browser) -> String {
    browser.page.current_url().await.expect("an address").to_string()
}
