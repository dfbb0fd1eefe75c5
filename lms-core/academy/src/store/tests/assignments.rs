//! What is handed in and judged, on both engines.

use super::*;
use crate::domain::assignment::file::FileType;
use crate::domain::assignment::{LateRule, Mark, SubmissionFile, SubmissionStatus, parse};
use crate::domain::gradebook::{Scheme, Standing};

const ID: AssignmentId = AssignmentId(Uuid::from_u128(0xaa));
const DAY: Duration = Duration::from_secs(86_400);

const TEXT: &str = r#"
title = "A project"
instructions = "Do it."
due_days = 10
pass_percent = 60
late = "penalty"
late_percent_per_day = 10
late_percent_max = 50
types = ["pdf"]
max_files = 2
[[criterion]]
title = "All of it"
points = 10
levels = [ { points = 10, text = "Good" }, { points = 5, text = "Fair" }, { points = 0, text = "None" } ]
"#;

/// Anna has an assignment at the second lesson of the second course, due ten days after her enrolment.
async fn asked(world: &World) {
    world.store.put_assignment(ID, lesson(SECOND, 2), &parse(TEXT).unwrap()).await.unwrap();
}

async fn handed_in(world: &World, answer: &str) -> SubmissionId {
    let draft = SubmissionId(world.uuid());
    world.store.save_answer(ID, ANNA, draft, answer, world.tick()).await.unwrap();
    assert_eq!(world.store.submit(ID, ANNA, world.tick()).await.unwrap(), Submitted::Done);
    draft
}

async fn anna(world: &World) -> Work {
    world.store.work(ID, ANNA, world.now()).await.unwrap().unwrap()
}

fn grade(points: i64) -> Decision {
    Decision::Grade { marks: vec![Mark { points, comment: "so\0so".to_owned() }], remark: "Well done.".to_owned() }
}

async fn decide(world: &World, id: SubmissionId, by: AccountId, revision: i64, decision: &Decision) -> Decided {
    world.store.decide(id, by, revision, decision, world.uuid(), world.tick()).await.unwrap()
}

fn file(world: &World, name: &str) -> SubmissionFile {
    SubmissionFile {
        id: world.uuid(),
        stored: world.uuid(),
        name: name.to_owned(),
        kind: FileType::Pdf,
        bytes: 12,
        sha256: "ab".repeat(32),
    }
}

async fn what_no_version_names_is_looked_for_in_an_hour(world: World) {
    asked(&world).await;
    let (kept, lost) = (file(&world, "a.pdf"), world.uuid());
    for stored in [kept.stored, lost] {
        world.store.expect_file(stored, world.now()).await.unwrap();
    }
    world.store.add_file(ID, ANNA, SubmissionId(world.uuid()), &kept, world.now()).await.unwrap();
    assert_eq!(world.store.unnamed_files(&[kept.stored, lost]).await.unwrap(), [lost]);
    assert!(world.take_of(jobs::files::DROP_FILES).await.is_empty(), "an upload may still be under way");
    world.clock.advance(Duration::from_hours(1));
    assert_eq!(world.take_of(jobs::files::DROP_FILES).await.len(), 2);

    // Who is forgotten leaves none.
    world.store.ask_to_be_erased(ANNA, world.uuid(), world.now()).await.unwrap();
    world.clock.advance(crate::store::privacy::GRACE);
    let job = world.take_of(jobs::accounts::ERASE_ACCOUNT).await.remove(0);
    assert!(world.store.erase(&job, ANNA, world.now()).await.unwrap());
    let key = format!("drop_files:{ANNA}");
    let due = world.take_of(jobs::files::DROP_FILES).await;
    assert_eq!(due.len(), 3, "the two of before, which nobody has done, and hers: {due:?}");
    let hers = due.iter().find(|job| job.id == Uuid::new_v5(&jobs::NAMESPACE, key.as_bytes())).unwrap();
    assert_eq!(hers.payload, serde_json::json!({ "files": [kept.stored] }));
    assert_eq!(world.store.unnamed_files(&[kept.stored]).await.unwrap(), [kept.stored]);
}

async fn an_assignment_is_kept_as_it_is_put(world: World) {
    assert!(world.store.assignment(ID).await.unwrap().is_none());
    asked(&world).await;
    let placed = world.store.assignment(ID).await.unwrap().unwrap();
    assert_eq!(
        (placed.assignment, placed.lesson, placed.course, placed.place),
        (parse(TEXT).unwrap(), lesson(SECOND, 2), SECOND, 2)
    );
    let changed = parse(&TEXT.replace("A project", "Another")).unwrap();
    world.store.put_assignment(AssignmentId(world.uuid()), lesson(SECOND, 2), &changed).await.unwrap();
    assert_eq!(world.store.assignment(ID).await.unwrap().unwrap().assignment.title, "Another", "in place of the first");
    assert_eq!(world.store.assignment_of(lesson(SECOND, 2)).await.unwrap(), Some(ID));
    assert_eq!(world.store.assignment_of(lesson(SECOND, 1)).await.unwrap(), None);
    assert_eq!(world.store.course_named("second").await.unwrap().unwrap().0, SECOND);
    assert!(world.store.course_named("third\0").await.unwrap().is_none());
}

async fn only_who_learns_there_has_work(world: World) {
    asked(&world).await;
    assert!(world.store.work(ID, BRUNO, world.now()).await.unwrap().is_none());
    let draft = SubmissionId(world.uuid());
    for outcome in [
        world.store.save_answer(ID, BRUNO, draft, "x", world.now()).await.map(drop),
        world.store.submit(ID, BRUNO, world.now()).await.map(drop),
        world.store.add_file(ID, BRUNO, draft, &file(&world, "a.pdf"), world.now()).await.map(drop),
        world.store.extend(ID, BRUNO, world.now(), ANNA, world.now()).await,
    ] {
        assert!(matches!(outcome, Err(AcademyError::NotFound)), "{outcome:?}");
    }
    world.execute("UPDATE enrolment SET status = 'cancelled'").await;
    assert!(!anna(&world).await.open);
    assert_eq!(world.store.save_answer(ID, ANNA, draft, "x", world.now()).await.unwrap(), Drafted::Closed);
}

async fn files_come_and_go_with_the_draft(world: World) {
    asked(&world).await;
    let draft = SubmissionId(world.uuid());
    let (one, two, three) = (file(&world, "one.pdf"), file(&world, "two.pdf"), file(&world, "three.pdf"));
    for file in [&one, &two] {
        assert_eq!(world.store.add_file(ID, ANNA, draft, file, world.tick()).await.unwrap(), Drafted::Done(draft));
    }
    assert_eq!(world.store.add_file(ID, ANNA, draft, &three, world.tick()).await.unwrap(), Drafted::TooManyFiles);
    assert_eq!(anna(&world).await.submissions[0].files, [one.clone(), two.clone()]);
    assert_eq!(world.store.remove_file(ID, BRUNO, two.id).await.unwrap(), None, "somebody else's");
    assert_eq!(world.store.remove_file(ID, ANNA, two.id).await.unwrap(), Some(two.stored));
    assert_eq!(world.store.remove_file(ID, ANNA, two.id).await.unwrap(), None);
    let found = world.store.submitted_file(one.id).await.unwrap().unwrap();
    assert_eq!((found.1, found.2, found.3), (ANNA, SECOND, draft));

    // A newer version begins with the same file; it is removed from the disk only when no version holds it.
    assert_eq!(world.store.submit(ID, ANNA, world.tick()).await.unwrap(), Submitted::Done);
    let next = SubmissionId(world.uuid());
    assert_eq!(world.store.begin_version(ID, ANNA, next, world.tick()).await.unwrap(), Drafted::Done(next));
    let copy = anna(&world).await.submissions[0].files[0].clone();
    assert_eq!((copy.stored, copy.id == one.id), (one.stored, false));
    assert_eq!(world.store.remove_file(ID, ANNA, one.id).await.unwrap(), None, "it was handed in");
    assert_eq!(world.store.remove_file(ID, ANNA, copy.id).await.unwrap(), None, "the first version holds it");
    assert_eq!(anna(&world).await.submissions[1].files.len(), 1);
}

async fn a_newer_version_takes_the_place_of_one_that_waits(world: World) {
    asked(&world).await;
    assert_eq!(
        world.store.begin_version(ID, ANNA, SubmissionId(world.uuid()), world.tick()).await.unwrap(),
        Drafted::Done(anna(&world).await.submissions[0].id)
    );
    assert_eq!(world.store.submit(ID, ANNA, world.tick()).await.unwrap(), Submitted::Empty);
    handed_in(&world, "first").await;
    let second = handed_in(&world, "second").await;
    let statuses: Vec<_> = anna(&world).await.submissions.iter().map(|one| (one.version, one.status)).collect();
    assert_eq!(statuses, [(2, SubmissionStatus::Submitted), (1, SubmissionStatus::Superseded)]);
    let (waiting, all) = world.store.grading_queue(SECOND, 10, world.now()).await.unwrap();
    assert_eq!((waiting.len(), all, waiting[0].submission, waiting[0].version), (1, 1, second, 2));
    assert!(matches!(world.store.submit(ID, ANNA, world.tick()).await, Err(AcademyError::NotFound)), "there is no draft");
    let events = world.store.events_after(0, 10).await.unwrap();
    assert_eq!(events.len(), 2, "{events:?}");
}

async fn a_grade_that_passes_completes_the_lesson_once(world: World) {
    asked(&world).await;
    let lesson = world.store.courses(ANNA, Freshness::Fresh).await.unwrap()[0].lessons[1].id;
    let word = world.store.complete_lesson(ANNA, lesson, 90, None, world.now()).await;
    assert!(
        matches!(word, Err(AcademyError::Refused(crate::domain::catalogue::Refusal::ByAssignment))),
        "one's own word is not enough: {word:?}"
    );
    let id = handed_in(&world, "text").await;
    let revision = anna(&world).await.submissions[0].revision;
    let wrong = decide(&world, id, BRUNO, revision, &grade(7)).await;
    assert!(matches!(wrong, Decided::Marks(_)), "{wrong:?}");
    assert_eq!(decide(&world, id, BRUNO, revision, &grade(10)).await, Decided::Done);
    assert_eq!(decide(&world, id, HANNA, revision, &grade(0)).await, Decided::Changed, "a second one is told");
    let work = anna(&world).await;
    let verdict = work.submissions[0].verdict.clone().unwrap();
    assert_eq!(
        (verdict.points, verdict.by.as_deref(), verdict.marks[0].comment.as_str()),
        (Some(10_000), Some("Bruno Costa"), "so\u{fffd}so")
    );
    let lessons = &world.store.courses(ANNA, Freshness::Fresh).await.unwrap()[0].lessons;
    assert!(lessons[1].completed_at.is_some());
    assert_eq!(world.store.begin_version(ID, ANNA, SubmissionId(world.uuid()), world.now()).await.unwrap(), Drafted::Closed);
    let job = world.take_one(jobs::SEND_MAIL).await;
    let mail = world.store.mail(serde_json::from_value::<jobs::SendMail>(job.payload).unwrap().mail).await.unwrap().unwrap().0;
    assert_eq!(mail.letter, Letter::AssignmentDecided { submission: id });
    assert_eq!(world.store.work_of(id, world.now()).await.unwrap().unwrap().account, ANNA);
    // A correction by who has seen the grade.
    assert_eq!(decide(&world, id, HANNA, revision + 1, &grade(5)).await, Decided::Done);
    assert_eq!(anna(&world).await.submissions[0].verdict.clone().unwrap().points, Some(5_000));
}

async fn what_is_returned_is_worked_over(world: World) {
    asked(&world).await;
    let id = handed_in(&world, "text").await;
    assert_eq!(decide(&world, id, BRUNO, 0, &Decision::Return { remark: "Add the chart.".to_owned() }).await, Decided::Done);
    assert_eq!(world.store.grading_queue(SECOND, 10, world.now()).await.unwrap().1, 0);
    let next = handed_in(&world, "text and chart").await;
    assert_eq!(decide(&world, id, BRUNO, 1, &grade(10)).await, Decided::Changed, "the old one is over");
    assert_eq!(decide(&world, next, BRUNO, 0, &grade(5)).await, Decided::Done);
    assert!(world.store.courses(ANNA, Freshness::Fresh).await.unwrap()[0].lessons[1].completed_at.is_none(), "50 % is not 60 %");
}

async fn one_instructor_at_a_time(world: World) {
    asked(&world).await;
    let id = handed_in(&world, "text").await;
    let until = world.now() + Duration::from_mins(30);
    let claim = async |by, now| world.store.claim_submission(id, by, now, until).await.unwrap();
    assert_eq!(claim(BRUNO, world.now()).await, Claimed::Yours(until));
    assert_eq!(claim(BRUNO, world.now()).await, Claimed::Yours(until), "again by the same");
    assert_eq!(claim(HANNA, world.now()).await, Claimed::Theirs("Bruno Costa".to_owned(), until));
    assert_eq!(
        world.store.grading_queue(SECOND, 10, world.now()).await.unwrap().0[0].claimed_by,
        Some((BRUNO, "Bruno Costa".to_owned()))
    );
    assert_eq!(decide(&world, id, HANNA, 0, &grade(5)).await, Decided::Theirs("Bruno Costa".to_owned()));
    world.clock.advance(Duration::from_mins(31));
    assert!(world.store.grading_queue(SECOND, 10, world.now()).await.unwrap().0[0].claimed_by.is_none());
    assert_eq!(decide(&world, id, HANNA, 0, &grade(5)).await, Decided::Done, "the lease ran out");
    assert_eq!(claim(BRUNO, world.now()).await, Claimed::NotWaiting);
}

async fn being_late_costs_and_an_extension_gives_it_back(world: World) {
    asked(&world).await;
    world.clock.advance(DAY * 12);
    let id = handed_in(&world, "text").await;
    assert_eq!(decide(&world, id, BRUNO, 0, &grade(10)).await, Decided::Done);
    // Due ten days after an enrolment 100 s ago: in the third day late.
    assert_eq!(anna(&world).await.submissions[0].verdict.clone().unwrap().points, Some(7_000));
    world.store.extend(ID, ANNA, world.now() - Duration::from_hours(47), BRUNO, world.tick()).await.unwrap();
    assert_eq!(decide(&world, id, BRUNO, 1, &grade(10)).await, Decided::Done);
    assert_eq!(anna(&world).await.submissions[0].verdict.clone().unwrap().points, Some(8_000));
    world.store.extend(ID, ANNA, world.now() + DAY, BRUNO, world.tick()).await.unwrap();
    assert_eq!(decide(&world, id, BRUNO, 2, &grade(10)).await, Decided::Done);
    assert_eq!(anna(&world).await.submissions[0].verdict.clone().unwrap().points, Some(10_000));
}

async fn after_a_deadline_that_refuses_the_draft_stays(world: World) {
    let strict = crate::domain::assignment::Assignment { late: LateRule::Refuse, ..parse(TEXT).unwrap() };
    world.store.put_assignment(ID, lesson(SECOND, 2), &strict).await.unwrap();
    let due = anna(&world).await.due.unwrap();
    world.store.save_answer(ID, ANNA, SubmissionId(world.uuid()), "text", due).await.unwrap();
    let late = due + Duration::from_micros(1);
    assert_eq!(world.store.submit(ID, ANNA, late).await.unwrap(), Submitted::TooLate);
    assert_eq!(anna(&world).await.submissions[0].answer, "text");
    assert_eq!(world.store.submit(ID, ANNA, due).await.unwrap(), Submitted::Done, "the moment itself is on time");
}

async fn of_many_graders_one_is_believed(world: World) {
    asked(&world).await;
    let id = handed_in(&world, "text").await;
    let now = world.tick();
    let tasks: Vec<_> = (0..16)
        .map(|number| {
            let (store, mail) = (Arc::clone(&world.store), world.uuid());
            let by = if number % 2 == 0 { BRUNO } else { HANNA };
            tokio::spawn(async move { store.decide(id, by, 0, &grade([10, 5, 0][number % 3]), mail, now).await.unwrap() })
        })
        .collect();
    let mut done = 0;
    for task in tasks {
        match task.await.unwrap() {
            Decided::Done => done += 1,
            other => assert_eq!(other, Decided::Changed),
        }
    }
    assert_eq!((done, world.take().await.len()), (1, 1), "one grade, one mail");
}

async fn handing_in_and_grading_at_once_leave_one_truth(world: World) {
    asked(&world).await;
    let first = handed_in(&world, "first").await;
    world.store.save_answer(ID, ANNA, SubmissionId(world.uuid()), "second", world.tick()).await.unwrap();
    let (mail, now) = (world.uuid(), world.tick());
    let (one, other) = (Arc::clone(&world.store), Arc::clone(&world.store));
    let submit = tokio::spawn(async move { one.submit(ID, ANNA, now).await });
    let decide = tokio::spawn(async move { other.decide(first, BRUNO, 0, &grade(10), mail, now).await.unwrap() });
    let statuses = |work: &Work| work.submissions.iter().map(|one| one.status).collect::<Vec<_>>();
    match (submit.await.unwrap(), decide.await.unwrap()) {
        (Ok(Submitted::Done), Decided::Changed) => {
            assert_eq!(statuses(&anna(&world).await), [SubmissionStatus::Submitted, SubmissionStatus::Superseded]);
        }
        (Err(AcademyError::NotFound), Decided::Done) => {
            assert_eq!(statuses(&anna(&world).await), [SubmissionStatus::Superseded, SubmissionStatus::Graded]);
        }
        other => panic!("{other:?}"),
    }
}

async fn the_gradebook_counts_what_counts(world: World) {
    asked(&world).await;
    let line = async |account| world.store.grades(SECOND, account, world.now()).await.unwrap();
    let book = line(ANNA).await;
    assert_eq!((book.items.len(), book.lines.len()), (2, 1));
    assert_eq!(book.lines[0].standings, [Standing::NotYet, Standing::NotYet]);
    assert_eq!(book.lines[0].finished, (1, 3));
    assert_eq!(book.lines[0].total, Some(3_333), "only lessons count yet");
    assert!(line(BRUNO).await.lines.is_empty());
    world.clock.advance(DAY * 11);
    assert_eq!(line(ANNA).await.lines[0].standings[0], Standing::Missing);
    let id = handed_in(&world, "late").await;
    assert_eq!(line(ANNA).await.lines[0].standings[0], Standing::Waiting);
    decide(&world, id, BRUNO, 0, &grade(10)).await;
    let scheme = Scheme { quizzes: 0, assignments: 1, participation: 0, drop_quizzes: 0, drop_assignments: 3 };
    assert_eq!(world.store.grade_scheme(SECOND).await.unwrap(), Scheme::default());
    world.store.set_grade_scheme(SECOND, scheme).await.unwrap();
    assert_eq!(world.store.grade_scheme(SECOND).await.unwrap(), scheme);
    let graded = line(ANNA).await;
    assert_eq!(graded.lines[0].total, graded.lines[0].standings[0].counted());

    // Page after page, everybody once.
    let mut after = None;
    let mut seen = Vec::new();
    loop {
        let page = world.store.gradebook(FIRST, after, 1, world.now()).await.unwrap();
        seen.extend(page.lines.iter().map(|line| line.account));
        let Some(next) = page.next else { break };
        after = Some(next);
    }
    assert_eq!(seen, [ANNA, BRUNO, HANNA]);
    let quiz = world.store.grades(FIRST, BRUNO, world.now()).await.unwrap();
    assert_eq!(quiz.lines[0].standings, [Standing::Scored(9_000)], "the best attempt");
}

porter_testkit::both_engines!(
    World::open;
    what_no_version_names_is_looked_for_in_an_hour,
    an_assignment_is_kept_as_it_is_put,
    only_who_learns_there_has_work,
    files_come_and_go_with_the_draft,
    a_newer_version_takes_the_place_of_one_that_waits,
    a_grade_that_passes_completes_the_lesson_once,
    what_is_returned_is_worked_over,
    one_instructor_at_a_time,
    being_late_costs_and_an_extension_gives_it_back,
    after_a_deadline_that_refuses_the_draft_stays,
    of_many_graders_one_is_believed,
    handing_in_and_grading_at_once_leave_one_truth,
    the_gradebook_counts_what_counts,
);
