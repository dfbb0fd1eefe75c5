use porter_triage::{Decision, Intent};
use serde_json::json;

use super::*;
use crate::domain::{EvalFigure, EvalInterval, EvalRunRow, NewEvalCase, Purpose, StoredEval};

fn stored(desk: &Desk, kind: &str, value: f64) -> StoredEval {
    let figures = vec![EvalFigure {
        name: "accuracy".to_owned(),
        value,
        interval: Some(EvalInterval { low: value - 0.01, high: value + 0.01 }),
        better: "higher".to_owned(),
        unit: "share".to_owned(),
    }];
    let row = EvalRunRow { id: desk.uuid(), kind: kind.to_owned(), release: "0.1.0".to_owned(), created_at: desk.tick(), figures };
    StoredEval { row, run: json!({ "kind": kind, "cases": [{ "id": "c1", "text": "a\u{0}b" }] }) }
}

async fn runs_are_listed_the_newest_first_and_read_back_whole(desk: Desk) {
    let runs = [stored(&desk, "triage", 0.9), stored(&desk, "answers", 0.8), stored(&desk, "triage", 0.95)];
    for run in &runs {
        desk.store.keep_eval_run(run).await.unwrap();
    }
    let ids = async |kind, limit| desk.store.eval_runs(kind, limit).await.unwrap().iter().map(|row| row.id).collect::<Vec<_>>();
    assert_eq!(ids(None, 10).await, [runs[2].row.id, runs[1].row.id, runs[0].row.id]);
    assert_eq!(ids(Some("triage"), 10).await, [runs[2].row.id, runs[0].row.id]);
    assert_eq!(ids(None, 1).await, [runs[2].row.id]);
    assert!(ids(Some("tri\0age"), 10).await.is_empty());

    let found = desk.store.eval_run(runs[0].row.id).await.unwrap().unwrap();
    assert_eq!(found.row, runs[0].row);
    assert_eq!(found.run["cases"][0]["text"], "a\u{fffd}b", "stored alike on both engines");
    assert!(desk.store.eval_run(desk.uuid()).await.unwrap().is_none());
}

async fn a_conversation_is_one_case_however_often_it_is_made_one(desk: Desk) {
    let agent = desk.agent("Mina").await;
    let (conversation, _) = desk.queued(Urgency::Normal).await;
    let (other, _) = desk.queued(Urgency::Normal).await;
    let case = |conversation, purpose, text: &str| NewEvalCase {
        conversation,
        purpose,
        text: text.to_owned(),
        intent: Intent::GradeDispute,
        decision: Decision::Escalate,
        urgency: Urgency::High,
        articles: vec!["dispute-grade".to_owned()],
        made_by: agent,
    };
    let made =
        [(conversation, Purpose::Check, "first"), (other, Purpose::Check, "other"), (conversation, Purpose::Teach, "second")];
    for (conversation, purpose, text) in made {
        desk.store.keep_eval_case(&case(conversation, purpose, text), desk.tick()).await.unwrap();
    }
    let cases = desk.store.eval_cases().await.unwrap();
    assert_eq!(cases.iter().map(|case| case.text.as_str()).collect::<Vec<_>>(), ["second", "other"]);
    assert_eq!(cases.iter().map(|case| case.purpose).collect::<Vec<_>>(), [Purpose::Teach, Purpose::Check], "never for both");
    let line = cases[0].line();
    assert_eq!(
        (&line["intent"], &line["decision"], &line["urgency"]),
        (&json!("grade_dispute"), &json!("escalate"), &json!("high"))
    );
    assert_eq!((cases[0].made_by.as_str(), cases[0].articles.as_slice()), ("Mina", ["dispute-grade".to_owned()].as_slice()));

    desk.store.drop_eval_case(conversation).await.unwrap();
    desk.store.drop_eval_case(conversation).await.unwrap();
    assert_eq!(desk.store.eval_cases().await.unwrap().len(), 1);
}

porter_testkit::both_engines!(
    Desk::open;
    runs_are_listed_the_newest_first_and_read_back_whole,
    a_conversation_is_one_case_however_often_it_is_made_one,
);
