//! Quizzes as files.

use proptest::prelude::*;

use super::samples::questions;
use crate::domain::quiz::{AnswersShown, Kind, Pool, Question, Quiz, Settings, Tolerance, parse, write};

const GOOD: &str = r#"
draw = 2
minutes = 15
attempts = 3

[[question]]
kind = "single"
text = "Which one?"
choices = ["this", "that"]
correct = [1]
explanation = "Because."
tags = ["averages"]

[[question]]
kind = "numeric"
text = "How far?"
answer = 12.5
tolerance_percent = 1
unit = "km"
points = 2

[[question]]
kind = "ordering"
text = "Sort them."
items = ["first", "second", "third"]
"#;

#[test]
fn a_good_file_is_read() {
    let quiz = parse(GOOD).unwrap();
    assert_eq!((quiz.settings.seconds, quiz.settings.attempts, quiz.settings.shuffle), (Some(900), Some(3), true));
    assert_eq!(quiz.settings.pools, [Pool { tag: None, draw: 2 }]);
    assert_eq!(quiz.settings.answers, AnswersShown::AfterLast);
    assert_eq!(
        quiz.questions.iter().map(|question| (question.kind.word(), question.points)).collect::<Vec<_>>(),
        [("single", 1), ("numeric", 2), ("ordering", 1)]
    );
    assert!(
        matches!(&quiz.questions[1].kind, Kind::Numeric { answer, tolerance: Tolerance::Percent(_), .. } if answer.to_string() == "12.5")
    );
}

#[test]
fn faults_name_the_line_the_question_and_what_to_do() {
    let faults = |from: &str, to: &str| {
        assert!(GOOD.contains(from), "{from}");
        parse(&GOOD.replacen(from, to, 1)).unwrap_err().to_string()
    };
    for (from, to, expected) in [
        ("kind = \"single\"", "kind = \"simple\"", "line 6, question 1: there is no kind \"simple\": write single,"),
        ("correct = [1]", "correct = [2]", "line 6, question 1: `correct` names a choice that is not there"),
        ("correct = [1]", "correct = [0, 1]", "line 6, question 1: `correct` must name exactly one choice"),
        ("correct = [1]\n", "", "line 6, question 1: `correct` is missing"),
        ("[\"this\", \"that\"]", "[\"this\", \"this\"]", "question 1: choices and items must differ"),
        ("answer = 12.5\n", "", "line 14, question 2: `answer` is missing"),
        ("answer = 12.5\n", "answer = \"far\"\n", "line 14, question 2: `answer` is not a number such as 12.5"),
        ("unit = \"km\"", "tolerance = 1", "line 14, question 2: `tolerance` and `tolerance_percent` exclude each other"),
        ("unit = \"km\"", "choices = []", "line 14, question 2: `choices` does not belong to the kind \"numeric\""),
        ("points = 2", "points = 0", "line 14, question 2: `points` must be a whole number from 1 to 100"),
        ("points = 2", "point = 2", "line 20, question 2: unknown field `point`"),
        ("points = 2", "points = two", "line 20, question 2: "),
        ("[\"first\", \"second\", \"third\"]", "[\"first\"]", "line 22, question 3: it needs 2 to 20 items"),
        ("Sort them.", "Which one?", "line 22, question 3: another question has the same text"),
        ("draw = 2", "draw = 4", "`draw` asks for 4 questions, and there are 3"),
        ("draw = 2", "draw = 0", "`draw` must be a whole number from 1 to 500"),
        ("minutes = 15", "minutes = 0", "`minutes` must be a number from 0.25 to 600"),
        ("attempts = 3", "attempts = 0", "`attempts` must be a whole number from 1 to 100"),
        ("attempts = 3", "answers = \"soon\"", "`answers` must be \"after_each\""),
        ("draw = 2", "[[pool]]\ntag = \"averages\"\ndraw = 2\n[other]\n", "unknown field `other`"),
    ] {
        let faults = faults(from, to);
        assert!(faults.contains(expected), "{to}: {faults}");
    }
    assert!(parse("").unwrap_err().to_string().contains("[[question]]"));
    let pools = format!("[[pool]]\ntag = \"averages\"\ndraw = 2\n{}", GOOD.replace("draw = 2\nminutes = 15\nattempts = 3\n", ""));
    assert!(
        parse(&pools).unwrap_err().to_string().contains("`draw` asks for 2 questions with the tag \"averages\", and there are 1")
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(questions in proptest::collection::vec(questions(), 1..6), seconds in proptest::option::of(15..=36_000_i64), attempts in proptest::option::of(1..=100_i64), shuffle in any::<bool>()) {
        let questions: Vec<Question> = (1..).zip(questions).map(|(number, question)| Question { text: format!("{number}. “{}” \\ \"\n", question.text), ..question }).collect();
        let pools = vec![Pool { tag: None, draw: 1 }];
        let settings = Settings { pools, seconds, attempts, shuffle, answers: AnswersShown::Never };
        let quiz = Quiz { settings, questions };
        prop_assert_eq!(parse(&write(&quiz)).unwrap(), quiz);
    }

    #[test]
    fn no_text_makes_the_reader_fail(text in any::<String>()) {
        let _ = parse(&text);
        let _ = parse(&format!("{GOOD}{text}"));
    }
}
