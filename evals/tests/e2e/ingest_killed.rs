//! kill -9 in the middle of an ingest loses nothing and doubles nothing.

use std::collections::BTreeSet;
use std::process::{Child, Stdio};

use serde_json::Value;

use crate::harness::{Agent, Answer, Home, Porter, client, command, get, list, run, text_of, until};

const TOPICS: &str = "anchor balloon candle dolphin engine falcon garden hammer island jacket kettle lantern magnet needle orchid parrot \
    quartz ribbon saddle tunnel umbrella violin walnut xylophone yacht zeppelin acorn barrel cactus dragon elephant feather glacier helmet \
    iceberg jungle kayak lemon mirror notebook octopus pyramid quiver rocket scarf tractor unicorn volcano whistle yoghurt zebra almond \
    bridge compass drum emerald fountain guitar harbour igloo";

fn topics() -> Vec<&'static str> {
    TOPICS.split_whitespace().collect()
}

fn write_articles(home: &Home) -> String {
    for topic in topics() {
        let text = format!(
            "# The {topic} of the academy\n\nThe {topic} is kept in the {topic} room. Ask the {topic} keeper for it.\n\n\
             ## Lending the {topic}\n\nThe {topic} is lent for a day. Whoever loses the {topic} looks for it.\n"
        );
        home.write(&format!("things/{topic}.md"), text);
    }
    home.path().join("things").display().to_string()
}

/// The slugs of the source on the help centre's front page, as often as they stand there.
async fn listed(porter: &Porter) -> Vec<String> {
    let page = get(&format!("{}/help", porter.base)).await.is(200).text;
    page.split("href=\"/help/things-").skip(1).map(|rest| rest.split('"').next().unwrap_or_default().to_owned()).collect()
}

fn ingest_aside(home: &Home, folder: &str) -> Child {
    let mut ingest = command(home.path());
    ingest.args(["kb", "ingest", folder, "--data-dir"]).arg(home.data()).stdout(Stdio::null()).stderr(Stdio::null());
    ingest.spawn().expect("starting an ingest")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ingest_that_was_killed_is_completed_by_the_next() {
    assert_eq!(topics().iter().collect::<BTreeSet<_>>().len(), 60);
    let home = Home::seeded();
    let folder = write_articles(&home);

    // Killed twice, each time when a few more than before have gone in: anywhere inside an article.
    let mut done = 0;
    for _ in 0..2 {
        let porter = Porter::start(&home);
        let mut ingest = ingest_aside(&home, &folder);
        let more = done + 1 + (std::process::id() as usize + done) % 20;
        let seen = until("some articles", async || Some(listed(&porter).await.len()).filter(|count| *count >= more)).await;
        porter.kill9();
        ingest.wait().expect("the ingest ends with its server");
        assert!(seen < 60, "the ingest was over before the kill");
        eprintln!("killed after {seen} of 60 articles");
        done = seen;
    }

    let porter = Porter::start(&home);
    let kept = listed(&porter).await.len();
    assert!(kept >= done, "{done} were there, {kept} are left");
    let report = run(home.path(), &["kb", "ingest", &folder, "--data-dir", &home.data().display().to_string()]).exits(0);
    let expected = format!("things: {} added, 0 changed, {kept} unchanged, 0 removed", 60 - kept);
    assert!(report.out.starts_with(&expected), "expected {expected:?}: {report}");
    assert_each_once(&porter).await;
    porter.stop();

    // Nor does a restart bring anything twice.
    let porter = Porter::start(&home);
    assert_each_once(&porter).await;
    porter.stop();
}

/// Every article is on the front page once, opens, and is found once, as the best.
async fn assert_each_once(porter: &Porter) {
    let mut slugs = listed(porter).await;
    slugs.sort();
    let mut expected: Vec<String> = topics().into_iter().map(str::to_owned).collect();
    expected.sort();
    assert_eq!(slugs, expected);
    let agent = Agent::sign_in(porter).await;
    for topic in topics() {
        let found = search(&agent, &format!("the {topic} of the academy")).await;
        let slug = format!("things-{topic}");
        assert_eq!(found.first().map(|first| text_of(&first["article"])), Some(slug.clone()), "{found:#?}");
        assert_eq!(found.iter().filter(|entry| entry["article"] == slug.as_str()).count(), 1, "{found:#?}");
    }
}

async fn search(agent: &Agent, question: &str) -> Vec<Value> {
    let request = client().get(format!("{}/api/v1/knowledge/search", agent.base)).header("cookie", &agent.cookie);
    list(&Answer::to(request.query(&[("q", question), ("limit", "20")])).await.is(200).json())
}
