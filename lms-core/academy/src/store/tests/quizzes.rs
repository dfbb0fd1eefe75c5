//! Quizzes as instructors make them.

use super::*;
use crate::domain::quiz::{AnswersShown, Kind, Pool, Question, Quiz, Settings, Tolerance};

/// The quiz of the course that Anna has just begun.
pub(super) fn quiz_lesson() -> LessonId {
    lesson(SECOND, 3)
}

pub(super) fn ask(text: &str, kind: Kind) -> Question {
    Question { text: text.to_owned(), kind, explanation: Some("Because.".to_owned()), points: 1, tags: Vec::new() }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// One question of each kind.
pub(super) fn sample() -> Quiz {
    let questions = vec![
        ask("Which?", Kind::Single { choices: words(&["a", "b", "c"]), correct: 1 }),
        ask("Which ones?", Kind::Multiple { choices: words(&["a", "b", "c"]), correct: [0, 2].into() }),
        ask(
            "How many?",
            Kind::Numeric { answer: "12.5".parse().unwrap(), tolerance: Tolerance::Absolute("0.5".parse().unwrap()), unit: None },
        ),
        ask("What?", Kind::ShortText { accepted: words(&["median"]) }),
        ask("In which order?", Kind::Ordering { items: words(&["one", "two", "three"]) }),
    ];
    Quiz { settings: Settings { seconds: Some(600), attempts: Some(2), ..Settings::default() }, questions }
}

async fn a_quiz_is_put_onto_a_lesson_and_again(world: World) {
    let (store, now, lesson) = (&world.store, world.now(), quiz_lesson());
    assert_eq!(store.quiz(lesson).await.unwrap().unwrap().questions, 0, "a quiz that nobody has made yet");
    let mut quiz = sample();
    store.put_quiz(lesson, &quiz, now).await.unwrap();
    let first = store.questions(lesson).await.unwrap();
    assert_eq!(first.iter().map(|it| &it.question).collect::<Vec<_>>(), quiz.questions.iter().collect::<Vec<_>>());
    assert!(first.iter().all(|it| it.version == 1 && !it.retired));
    let facts = store.quiz(lesson).await.unwrap().unwrap();
    assert_eq!(
        (facts.settings, facts.questions, facts.pass_percent, facts.course_slug.as_str()),
        (quiz.settings.clone(), 5, 70, "second")
    );

    // The same again changes nothing; a change makes a version, an absence retires.
    store.put_quiz(lesson, &quiz, now).await.unwrap();
    assert_eq!(store.questions(lesson).await.unwrap(), first);
    quiz.questions[0].points = 2;
    let gone = quiz.questions.remove(3);
    quiz.questions.push(ask("A new one \0?", Kind::ShortText { accepted: words(&["new\0"]) }));
    quiz.settings.answers = AnswersShown::Never;
    store.put_quiz(lesson, &quiz, world.tick()).await.unwrap();
    let second = store.questions(lesson).await.unwrap();
    assert_eq!(
        second.iter().map(|it| (it.version, it.retired)).collect::<Vec<_>>(),
        [(2, false), (1, false), (1, false), (1, false), (1, false), (1, true)]
    );
    assert_eq!((second[0].id, &second[5].question), (first[0].id, &gone));
    assert_eq!(second[4].question.text, "A new one \u{fffd}?");

    // What was retired comes back as what it was.
    quiz.questions.push(gone);
    store.put_quiz(lesson, &quiz, world.tick()).await.unwrap();
    let third = store.questions(lesson).await.unwrap();
    assert!(third.iter().any(|it| it.id == second[5].id && it.version == 1 && !it.retired));

    for wrong in [super::lesson(SECOND, 1), LessonId(Uuid::nil())] {
        assert!(matches!(store.put_quiz(wrong, &quiz, now).await, Err(AcademyError::NotFound)));
        assert!(store.quiz(wrong).await.unwrap().is_none());
        assert!(matches!(store.put_settings(wrong, &quiz.settings, now).await, Err(AcademyError::NotFound)));
    }
}

async fn single_questions_are_added_edited_and_retired(world: World) {
    let (store, lesson) = (&world.store, quiz_lesson());
    let id = QuestionId(world.uuid());
    let mut question = ask("Which?", Kind::Single { choices: words(&["a", "b"]), correct: 0 });
    for _ in 0..2 {
        store.put_question(lesson, id, &question, world.tick()).await.unwrap();
    }
    question.explanation = None;
    store.put_question(lesson, id, &question, world.tick()).await.unwrap();
    let there = store.questions(lesson).await.unwrap();
    assert_eq!(there, [BankQuestion { id, version: 2, retired: false, question: question.clone() }]);
    store.retire_question(lesson, id, true, world.tick()).await.unwrap();
    assert!(store.questions(lesson).await.unwrap()[0].retired);
    assert_eq!(store.quiz(lesson).await.unwrap().unwrap().questions, 0);
    store.retire_question(lesson, id, false, world.tick()).await.unwrap();
    assert_eq!(store.quiz(lesson).await.unwrap().unwrap().asked(), 1);

    // Somebody else's bank is not touched through this lesson.
    let other = super::lesson(FIRST, 3);
    store.put_quiz(other, &sample(), world.now()).await.unwrap();
    let theirs = store.questions(other).await.unwrap()[0].id;
    assert!(matches!(store.put_question(lesson, theirs, &question, world.now()).await, Err(AcademyError::NotFound)));
    assert!(matches!(store.retire_question(lesson, theirs, true, world.now()).await, Err(AcademyError::NotFound)));
    assert_eq!(store.questions(lesson).await.unwrap().len(), 1);

    let settings = Settings { pools: vec![Pool { tag: None, draw: 3 }], seconds: Some(15), ..Settings::default() };
    store.put_settings(other, &settings, world.now()).await.unwrap();
    let facts = store.quiz(other).await.unwrap().unwrap();
    assert_eq!((facts.settings.clone(), facts.asked(), facts.questions), (settings, 3, 5));
}

async fn the_list_of_a_course_and_extra_time(world: World) {
    let (store, lesson) = (&world.store, quiz_lesson());
    store.put_quiz(lesson, &sample(), world.now()).await.unwrap();
    let list = store.quizzes_of("second").await.unwrap().unwrap();
    assert_eq!((list.course, list.quizzes.len()), (SECOND, 1));
    assert_eq!(
        (list.quizzes[0].lesson, list.quizzes[0].questions, list.quizzes[0].attempts, list.quizzes[0].mean_percent),
        (lesson, 5, 0, None)
    );
    assert!(store.quizzes_of("nowhere").await.unwrap().is_none());

    store.allow_extra(lesson, "anna@learner.example", 300).await.unwrap();
    store.allow_extra(lesson, "anna@learner.example", 600).await.unwrap();
    assert_eq!(
        store.allowances(lesson).await.unwrap().iter().map(|it| (it.email.as_str(), it.extra_seconds)).collect::<Vec<_>>(),
        [("anna@learner.example", 600)]
    );
    store.allow_extra(lesson, "anna@learner.example", 0).await.unwrap();
    assert!(store.allowances(lesson).await.unwrap().is_empty());
    assert!(matches!(store.allow_extra(lesson, "bruno@learner.example", 60).await, Err(AcademyError::NotFound)), "not enrolled");
}

porter_testkit::both_engines!(
    World::open;
    a_quiz_is_put_onto_a_lesson_and_again,
    single_questions_are_added_edited_and_retired,
    the_list_of_a_course_and_extra_time,
);
