//! Articles come, change and go, beside a running porter and alone.

use std::fs;

use serde_json::Value;

use crate::harness::{Home, Porter, Student, get, list, run, text_of};

const MARKDOWN: &str = "---\ntitle: Borrow a telescope\nsummary: Telescopes are lent for two weeks.\ncategory: equipment\nquestions:\n  - can i borrow a telescope\n---\nYou can borrow a telescope for two weeks. Bring it back in its box.\n";
const HTML: &str = "<html><head><title>Feed the academy's llama</title></head><body><h1>Feed the academy's llama</h1><p>The llama in the garden is fed at noon. Only hay is allowed.</p></body></html>";
const RST: &str = "Repair a bicycle\n================\n\nThe bicycle workshop opens on Tuesdays. Bring your own inner tube.\n";

/// The folder with three articles, one of each form.
fn write_articles(home: &Home) -> String {
    home.write("extra/telescope.md", MARKDOWN);
    home.write("extra/llama.html", HTML);
    home.write("extra/bicycle.rst", RST);
    home.path().join("extra").display().to_string()
}

/// `porter kb search --json`.
fn search(home: &Home, question: &str) -> Vec<Value> {
    let data = home.data().display().to_string();
    let done = run(home.path(), &["kb", "search", question, "--json", "--data-dir", &data]).exits(0);
    list(&serde_json::from_str(&done.out).expect("JSON on standard output"))
}

fn ingest(home: &Home, folder: &str, code: i32) -> crate::harness::Done {
    let data = home.data().display().to_string();
    run(home.path(), &["kb", "ingest", folder, "--data-dir", &data]).exits(code)
}

/// Where the first result opens, and its article.
fn best(home: &Home, question: &str) -> (String, String) {
    let found = search(home, question);
    let first = found.first().expect("something is found");
    (text_of(&first["url"]), text_of(&first["title"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn articles_are_taken_in_changed_and_removed_beside_a_running_porter() {
    let home = Home::seeded();
    let folder = write_articles(&home);
    let porter = Porter::start(&home);
    let report = ingest(&home, &folder, 0);
    assert!(report.out.starts_with("extra: 3 added, 0 changed, 0 unchanged, 0 removed"), "{report}");
    assert_citable(&home, &porter).await;

    home.write("extra/telescope.md", MARKDOWN.replace("two weeks", "ten days"));
    fs::remove_file(home.path().join("extra/llama.html")).expect("removing an article");
    let (llama, _) = best(&home, "when is the llama fed");
    let report = ingest(&home, &folder, 0);
    assert!(report.out.starts_with("extra: 0 added, 1 changed, 1 unchanged, 1 removed"), "{report}");
    get(&format!("{}{llama}", porter.base)).await.is(404);
    assert!(search(&home, "when is the llama fed").iter().all(|found| found["url"] != llama.as_str()));
    let answer = Student::begin(&porter.base).await.ask("how does the telescope loan work in the astronomy course?").await;
    assert!(text_of(&answer["text"]).contains("ten days"), "the answer is the old one: {answer}");
    let report = ingest(&home, &folder, 0);
    assert!(report.out.starts_with("extra: 0 added, 0 changed, 2 unchanged, 0 removed"), "{report}");

    // A file that cannot be read is named, and its last good version stays; the rest goes in.
    home.write("extra/bicycle.rst", [0xff, 0xfe, 0x00, 0xd8]);
    home.write("extra/kite.md", "# Fly a kite\n\nKites are flown behind the library when the wind is from the west.\n");
    let report = ingest(&home, &folder, 1).tells(&["bicycle.rst"]);
    assert!(report.out.starts_with("extra: 1 added, 0 changed, 1 unchanged, 0 removed"), "{report}");
    assert_eq!(best(&home, "where are kites flown").1, "Fly a kite");
    assert_eq!(best(&home, "bicycle workshop").1, "Repair a bicycle");
    porter.stop();
}

/// Each of the three is found, opens at its address, and is quoted with its source.
async fn assert_citable(home: &Home, porter: &Porter) {
    for (question, title, words) in [
        ("can i borrow a telescope", "Borrow a telescope", "Bring it back in its box"),
        ("when is the llama fed", "Feed the academy's llama", "Only hay is allowed"),
        ("when does the bicycle workshop open", "Repair a bicycle", "Bring your own inner tube"),
    ] {
        let (url, found) = best(home, question);
        assert_eq!(found, title);
        assert!(url.starts_with("/help/extra-"), "{url}");
        let page = get(&format!("{}{url}", porter.base)).await.is(200);
        assert!(page.text.contains(words), "{url} does not say {words:?}");
    }
    let answer = Student::begin(&porter.base).await.ask("how does the telescope loan work in the astronomy course?").await;
    assert_eq!(answer["citations"][0]["title"], "Borrow a telescope", "{answer}");
}

#[test]
fn articles_are_taken_in_and_searched_without_a_running_porter() {
    let home = Home::seeded();
    let folder = write_articles(&home);
    let report = ingest(&home, &folder, 0);
    assert!(report.out.starts_with("extra: 3 added"), "{report}");
    assert_eq!(best(&home, "when is the llama fed").1, "Feed the academy's llama");
    let shown =
        run(home.path(), &["kb", "search", "bicycle workshop", "--limit", "1", "--data-dir", &home.data().display().to_string()])
            .exits(0);
    assert!(shown.out.contains("Repair a bicycle") && shown.out.starts_with("0."), "passages come with scores: {shown}");
}

#[test]
fn a_folder_that_is_not_there_or_holds_nothing_is_named() {
    let home = Home::seeded();
    ingest(&home, "nowhere", 2).tells(&["nowhere"]);
    fs::create_dir(home.path().join("hollow")).expect("making a folder");
    ingest(&home, "hollow", 2).tells(&["hollow"]);
    // The academy's own source cannot be overwritten by accident.
    home.write("academy/a.md", "# A\n\nText.\n");
    ingest(&home, "academy", 2).tells(&["academy", "--source"]);
}
