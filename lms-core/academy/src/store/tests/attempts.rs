//! Taking quizzes: the rules of the state machine where they meet the tables, and many doing the same at once.

use super::quizzes::{quiz_lesson, sample};
use super::races::{at_once, trials};
use super::*;
use crate::domain::event::Event;
use crate::domain::quiz::{Answer, Closed, GRACE, Kept, Phase, Points, Quiz, Saved, Settings, SubmittedBy, Unreadable};

const DEFAULT: i64 = 3;

impl World {
    async fn with_quiz(db: TestDb) -> Self {
        let world = Self::open(db).await;
        world.store.put_quiz(quiz_lesson(), &sample(), world.now()).await.unwrap();
        world
    }

    pub(super) async fn started(&self, account: AccountId) -> AttemptId {
        let id = AttemptId(self.uuid());
        let started = self.store.start_attempt(account, quiz_lesson(), id, DEFAULT, self.now()).await.unwrap();
        assert_eq!(started, StartedAttempt::UnderWay(id));
        id
    }

    async fn facts(&self, id: AttemptId) -> AttemptFacts {
        self.store.attempt(ANNA, id).await.unwrap().unwrap()
    }

    /// Takes the jobs that close attempts and are due.
    async fn closings(&self) -> Vec<Job> {
        self.jobs.take(&[jobs::CLOSE_ATTEMPT], self.uuid(), self.now(), LEASE, 100).await.unwrap()
    }

    /// Of this attempt, in their order.
    async fn events_of(&self, id: AttemptId) -> Vec<Event> {
        let of = |event: &Event| matches!(event, Event::AttemptStarted { attempt, .. } | Event::AttemptGraded { attempt, .. } if *attempt == id.0);
        self.store.events_after(0, 1_000).await.unwrap().into_iter().map(|event| event.event).filter(of).collect()
    }
}

/// What a page would send for the right answer.
fn right(question: &SheetQuestion) -> Vec<String> {
    crate::domain::quiz::tests::samples::right(&question.question).shown(&question.arrangement)
}

fn save(place: i64, seq: i64, values: &[String]) -> NewSave {
    NewSave { place, seq, form: false, values: values.to_vec() }
}

fn all_right(facts: &AttemptFacts) -> Vec<NewSave> {
    facts.sheet.iter().map(|question| save(question.place, 1, &right(question))).collect()
}

fn outcomes(report: &SaveReport) -> Vec<std::result::Result<std::result::Result<Saved, Closed>, Unreadable>> {
    report.saves.iter().map(|save| save.outcome).collect()
}

async fn an_attempt_from_start_to_result(world: World) {
    let store = &world.store;
    let door = store.quiz_door(ANNA, quiz_lesson(), DEFAULT).await.unwrap().unwrap();
    assert_eq!(
        (door.attempts, door.left(), door.best(), door.under_way, door.access(world.now())),
        (2, 2, None, None, Access::Open)
    );
    let id = world.started(ANNA).await;
    let facts = world.facts(id).await;
    assert_eq!((facts.number, facts.sheet.len(), facts.attempt.due_at), (1, 5, Some(world.now() + Duration::from_secs(600))));
    assert_eq!(facts.sheet.iter().map(|question| question.place).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);

    // Two tabs: one attempt.
    let other = store.start_attempt(ANNA, quiz_lesson(), AttemptId(world.uuid()), DEFAULT, world.tick()).await.unwrap();
    assert_eq!(other, StartedAttempt::UnderWay(id));

    let report = store.submit_attempt(ANNA, id, &all_right(&facts), world.tick()).await.unwrap();
    assert!(matches!(report.attempt.phase, Phase::Graded { by: SubmittedBy::Learner, percent: 100, at, .. } if at == world.now()));
    let again = store.submit_attempt(ANNA, id, &[save(1, 9, &[])], world.tick()).await.unwrap();
    assert_eq!((again.attempt, outcomes(&again)), (report.attempt, vec![Ok(Err(Closed))]), "twice is once");
    let facts = world.facts(id).await;
    assert!(facts.sheet.iter().all(|question| question.points == Some(Points::whole(1))));

    // The result is where the diagnosis reads it, the lesson is complete, and whoever subscribes hears of it once.
    let courses = store.courses(ANNA, Freshness::Fresh).await.unwrap();
    let course = courses.iter().find(|course| course.course == SECOND).unwrap();
    let lesson = course.lessons.iter().find(|lesson| lesson.id == quiz_lesson()).unwrap();
    assert_eq!((lesson.percent, lesson.attempts, lesson.completed_at.is_some()), (100, 1, true));
    let lesson = quiz_lesson();
    assert_eq!(
        world.events_of(id).await,
        [
            Event::AttemptStarted { account: ANNA, lesson, attempt: id.0 },
            Event::AttemptGraded { account: ANNA, lesson, attempt: id.0, percent: 100 }
        ]
    );
    let door = store.quiz_door(ANNA, lesson, DEFAULT).await.unwrap().unwrap();
    assert_eq!((door.left(), door.best(), door.results[0].attempt), (1, Some(100), Some(id)));
    let items = store.quiz_items(lesson, 10).await.unwrap();
    assert!(items.len() == 5 && items.iter().all(|item| item.points == Points::whole(1)));
}

async fn who_may_begin_is_decided_at_the_start(world: World) {
    let (store, lesson, now) = (&world.store, quiz_lesson(), world.now());
    let start = async |account, now| store.start_attempt(account, lesson, AttemptId(world.uuid()), DEFAULT, now).await;
    assert!(matches!(start(BRUNO, now).await, Err(AcademyError::NotFound)), "never enrolled");
    assert!(store.quiz_door(BRUNO, lesson, DEFAULT).await.unwrap().is_none());
    for (sql, access) in [
        ("UPDATE enrolment SET status = 'cancelled'", Access::NotActive),
        ("UPDATE enrolment SET status = 'pending'", Access::NotActive),
        ("UPDATE enrolment SET status = 'completed'", Access::NotActive),
        ("UPDATE enrolment SET status = 'active', access_until = activated_at", Access::Ended(now)),
        ("UPDATE course SET starts_at = (SELECT MAX(activated_at) FROM enrolment)", Access::NotYet(now)),
    ] {
        world.execute(sql).await;
        let at = if access == Access::NotYet(now) { now - Duration::from_secs(1) } else { now };
        assert_eq!(start(ANNA, at).await.unwrap(), StartedAttempt::NotOpen(access), "{sql}");
    }
    world.execute("UPDATE course SET starts_at = NULL").await;
    world.execute("UPDATE enrolment SET access_until = NULL").await;
    for number in [1, 2] {
        let id = world.started(ANNA).await;
        assert_eq!(world.facts(id).await.number, number);
        store.submit_attempt(ANNA, id, &[], world.tick()).await.unwrap();
    }
    assert_eq!(start(ANNA, now).await.unwrap(), StartedAttempt::NoneLeft);

    // Results without a sheet count as well.
    let taken = super::lesson(FIRST, 3);
    store.put_quiz(taken, &Quiz { settings: Settings::default(), ..sample() }, now).await.unwrap();
    let none = store.start_attempt(ANNA, taken, AttemptId(world.uuid()), DEFAULT, now).await.unwrap();
    assert_eq!(none, StartedAttempt::NoneLeft);
    let id = AttemptId(world.uuid());
    assert_eq!(store.start_attempt(ANNA, taken, id, 9, now).await.unwrap(), StartedAttempt::UnderWay(id));
    assert_eq!(world.facts(id).await.number, 4);
    for question in store.questions(lesson).await.unwrap() {
        store.retire_question(lesson, question.id, true, now).await.unwrap();
    }
    world.execute("DELETE FROM quiz_attempt").await;
    world.execute("DELETE FROM attempt").await;
    assert_eq!(start(ANNA, now).await.unwrap(), StartedAttempt::NoQuestions);
}
async fn saves_may_come_late_twice_and_out_of_order(world: World) {
    let store = &world.store;
    let id = world.started(ANNA).await;
    let sheet = world.facts(id).await.sheet;
    let text = sheet.iter().find(|question| question.question.text == "What?").unwrap().place;
    let now = world.tick();
    let put = async |seq, text_: &str| {
        let report = store.save_answers(ANNA, id, &[save(text, seq, &[text_.to_owned()])], now).await.unwrap();
        (report.saves[0].outcome, report.saves[0].seq)
    };
    assert_eq!(put(5, "mean\0").await, (Ok(Ok(Saved::Kept)), 5));
    assert_eq!(put(5, "doubled").await, (Ok(Ok(Saved::Stale)), 5));
    assert_eq!(put(3, "late").await, (Ok(Ok(Saved::Stale)), 5));
    assert_eq!(put(8, "median").await, (Ok(Ok(Saved::Kept)), 8));
    assert_eq!(put(9, &"x".repeat(501)).await, (Err(Unreadable), 8));
    let kept = |facts: &AttemptFacts| facts.sheet.iter().find(|question| question.place == text).unwrap().kept.clone();
    assert_eq!(kept(&world.facts(id).await).answer, Some(Answer::Text("median".to_owned())));

    // A form: what is unchanged is no change, and what another tab has changed since the form was made stays.
    let form = async |seq, values: &[&str]| {
        let values = values.iter().map(|value| (*value).to_owned()).collect();
        store.save_answers(ANNA, id, &[NewSave { place: text, seq, form: true, values }], now).await.unwrap().saves[0].outcome
    };
    assert_eq!(form(100, &["median"]).await, Ok(Ok(Saved::Stale)));
    assert_eq!(form(7, &["another"]).await, Ok(Ok(Saved::Stale)));
    assert_eq!(form(9, &[""]).await, Ok(Ok(Saved::Kept)));
    assert_eq!(kept(&world.facts(id).await), Kept { seq: 1_000, answer: None }, "kept under the time of its arrival");

    for (account, place) in [(BRUNO, text), (ANNA, 99), (ANNA, 0)] {
        let saved = store.save_answers(account, id, &[save(place, 5_000, &[])], now).await;
        assert!(matches!(saved, Err(AcademyError::NotFound)));
    }
    assert!(store.attempt(BRUNO, id).await.unwrap().is_none());
    assert!(matches!(store.submit_attempt(BRUNO, id, &[], now).await, Err(AcademyError::NotFound)));
    assert!(matches!(store.settle_attempt(BRUNO, id, now).await, Err(AcademyError::NotFound)));
}

async fn what_came_before_the_end_counts_and_the_job_ends_it(world: World) {
    let store = &world.store;
    store.allow_extra(quiz_lesson(), "anna@learner.example", 60).await.unwrap();
    let id = world.started(ANNA).await;
    let facts = world.facts(id).await;
    let due = facts.attempt.due_at.unwrap();
    assert_eq!(due, world.now() + Duration::from_secs(660), "with extra time");
    let saves = all_right(&facts);
    store.save_answers(ANNA, id, &saves[..3], world.tick()).await.unwrap();

    // In the grace it still counts; at its end it does not.
    world.clock.set(due + GRACE - Duration::from_micros(1));
    assert_eq!(outcomes(&store.save_answers(ANNA, id, &saves[3..4], world.now()).await.unwrap()), [Ok(Ok(Saved::Kept))]);
    assert!(world.closings().await.is_empty(), "the job waits for the grace");
    store.settle_attempt(ANNA, id, world.now()).await.unwrap();
    assert_eq!(world.facts(id).await.attempt.phase, Phase::Started);
    world.clock.set(due + GRACE);
    assert_eq!(outcomes(&store.save_answers(ANNA, id, &saves[4..], world.now()).await.unwrap()), [Ok(Err(Closed))]);

    let closings = world.closings().await;
    assert_eq!(closings.len(), 1);
    store.close_attempt(&closings[0], world.now()).await.unwrap();
    assert!(matches!(store.close_attempt(&closings[0], world.now()).await, Err(JobError::LeaseLost)));
    let facts = world.facts(id).await;
    assert_eq!(facts.attempt.phase, Phase::Graded { at: due, by: SubmittedBy::Clock, graded_at: world.now(), percent: 80 });
    let late = store.submit_attempt(ANNA, id, &saves[4..], world.tick()).await.unwrap();
    assert_eq!((late.attempt, world.facts(id).await), (facts.attempt, facts.clone()));

    // Who submits too late gets what the clock would have done, before the job as well.
    let id = world.started(ANNA).await;
    let saves = all_right(&world.facts(id).await);
    store.save_answers(ANNA, id, &saves[..1], world.tick()).await.unwrap();
    world.clock.advance(Duration::from_hours(1));
    let late = store.submit_attempt(ANNA, id, &saves, world.now()).await.unwrap();
    assert!(matches!(late.attempt.phase, Phase::Graded { by: SubmittedBy::Clock, percent: 20, .. }));
    let job = world.closings().await.remove(0);
    store.close_attempt(&job, world.now()).await.unwrap();
    assert_eq!(world.events_of(id).await.len(), 2);
}

async fn an_attempt_keeps_the_questions_that_it_was_shown(world: World) {
    let store = &world.store;
    let id = world.started(ANNA).await;
    let before = world.facts(id).await;
    let saves = all_right(&before);
    let mut quiz = sample();
    quiz.questions.truncate(2);
    quiz.questions[0].kind = crate::domain::quiz::Kind::Single { choices: vec!["x".to_owned(), "y".to_owned()], correct: 0 };
    quiz.settings.seconds = None;
    store.put_quiz(quiz_lesson(), &quiz, world.tick()).await.unwrap();
    let after = world.facts(id).await;
    assert_eq!((&after.sheet, after.attempt), (&before.sheet, before.attempt));
    let report = store.submit_attempt(ANNA, id, &saves, world.tick()).await.unwrap();
    assert!(matches!(report.attempt.phase, Phase::Graded { percent: 100, .. }));
    let next = world.started(ANNA).await;
    let next = world.facts(next).await;
    assert_eq!((next.sheet.len(), next.attempt.due_at, world.closings().await.len()), (2, None, 0));
}

async fn who_left_the_course_completes_nothing_any_more(world: World) {
    let id = world.started(ANNA).await;
    let saves = all_right(&world.facts(id).await);
    world.execute("UPDATE enrolment SET status = 'cancelled'").await;
    let progress = world.rows("lesson_progress").await;
    let report = world.store.submit_attempt(ANNA, id, &saves, world.tick()).await.unwrap();
    assert!(matches!(report.attempt.phase, Phase::Graded { percent: 100, .. }), "the work is not lost");
    assert_eq!(world.rows("lesson_progress").await, progress);
}

async fn many_starts_are_one_attempt(world: World) {
    let now = world.now();
    let started = at_once(16, |_| {
        let (store, id) = (Arc::clone(&world.store), AttemptId(world.uuid()));
        async move { store.start_attempt(ANNA, quiz_lesson(), id, DEFAULT, now).await.unwrap() }
    })
    .await;
    assert!(started.iter().all(|it| *it == started[0]) && matches!(started[0], StartedAttempt::UnderWay(_)), "{started:?}");
    assert_eq!((world.rows("attempt").await, world.rows("attempt_answer").await, world.rows("job").await), (1, 5, 1));
}

/// 32 saves at once, of changes 1 to 32 of one answer: the last change is kept, whatever arrived when.
async fn of_many_saves_at_once_the_newest_is_kept(world: World) {
    for _ in 0..trials() {
        world.execute("DELETE FROM attempt").await;
        let id = world.started(ANNA).await;
        let now = world.tick();
        let sheet = world.facts(id).await.sheet;
        let place = sheet.iter().find(|question| question.question.text == "What?").unwrap().place;
        at_once(32, |number| {
            let store = Arc::clone(&world.store);
            let seq = i64::try_from(number).unwrap() + 1;
            async move { store.save_answers(ANNA, id, &[save(place, seq, &[seq.to_string()])], now).await.unwrap() }
        })
        .await;
        let kept = world.facts(id).await.sheet.into_iter().find(|question| question.place == place).unwrap().kept;
        assert_eq!(kept, Kept { seq: 32, answer: Some(Answer::Text("32".to_owned())) });
    }
}

/// Two submits, the closing job and a look, all at once at the end: one result, the same for all, and every answer that was kept is in it.
async fn of_many_ends_at_once_there_is_one_result(world: World) {
    for _ in 0..trials() {
        world.execute("DELETE FROM attempt").await;
        world.execute("DELETE FROM quiz_attempt").await;
        let id = world.started(ANNA).await;
        let saves = all_right(&world.facts(id).await);
        let due = world.facts(id).await.attempt.due_at.unwrap();
        let early = due + GRACE - Duration::from_secs(1);
        world.store.save_answers(ANNA, id, &saves[..2], world.tick()).await.unwrap();
        world.clock.set(due + GRACE);
        let now = world.now();
        let job = world.closings().await.into_iter().next().unwrap();
        let (closer, looker, saver) = (Arc::clone(&world.store), Arc::clone(&world.store), Arc::clone(&world.store));
        let kept_late = saves[2].clone();
        let closing = tokio::spawn(async move { closer.close_attempt(&job, now).await.unwrap() });
        let looking = tokio::spawn(async move { looker.settle_attempt(ANNA, id, now).await.unwrap() });
        let saving = tokio::spawn(async move { saver.save_answers(ANNA, id, &[kept_late], early).await.unwrap() });
        let submits = at_once(4, |_| {
            let store = Arc::clone(&world.store);
            async move { store.submit_attempt(ANNA, id, &[], now).await.unwrap().attempt }
        })
        .await;
        closing.await.unwrap();
        looking.await.unwrap();
        let saved = outcomes(&saving.await.unwrap()) == [Ok(Ok(Saved::Kept))];
        let phase = world.facts(id).await.attempt.phase;
        assert!(submits.iter().all(|attempt| attempt.phase == phase), "{submits:?}");
        let expected = if saved { 60 } else { 40 };
        assert!(
            matches!(phase, Phase::Graded { by: SubmittedBy::Clock, at, percent, .. } if percent == expected && at == due),
            "{phase:?} {saved}"
        );
        assert_eq!(world.rows("quiz_attempt").await, 1);
        assert_eq!(world.events_of(id).await.len(), 2);
    }
}

porter_testkit::both_engines!(
    World::with_quiz;
    an_attempt_from_start_to_result,
    who_may_begin_is_decided_at_the_start,
    saves_may_come_late_twice_and_out_of_order,
    what_came_before_the_end_counts_and_the_job_ends_it,
    an_attempt_keeps_the_questions_that_it_was_shown,
    who_left_the_course_completes_nothing_any_more,
    many_starts_are_one_attempt,
    of_many_saves_at_once_the_newest_is_kept,
    of_many_ends_at_once_there_is_one_result,
);
