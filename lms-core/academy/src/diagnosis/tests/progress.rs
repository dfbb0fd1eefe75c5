use super::*;

fn found(lessons: Vec<LessonFacts>) -> Vec<Finding> {
    ask(Topic::Progress, &[course(lessons)], &[paid()])
}

#[test]
fn everything_is_counted() {
    let found = found(vec![text(1), text(2), untouched(text(3))]);
    assert_eq!(reasons(&found), [Reason::ProgressCounted]);
    assert_eq!(found[0].mood, Mood::Good);
    assert_eq!(
        found[0].sentence,
        "2 of 3 lessons of “Data analysis” are finished, and what you have finished is counted. The next one is Lesson 3 “Lesson about maps”."
    );
    assert_eq!(evidence(&found[0], "Last activity"), "14 November 2026");
}

#[test]
fn a_video_was_not_watched_far_enough() {
    let found = found(vec![text(1), text(2), text(3), video(4, 60), untouched(video(5, 0)), video(6, 89)]);
    assert_eq!(reasons(&found), [Reason::VideoNotWatched, Reason::ProgressCounted]);
    assert_eq!(
        found[0].sentence,
        "Lesson 4 “Lesson about tables” of “Data analysis” is a video of which you have watched 60 %. It counts as finished from 90 %, and \
         parts that were skipped are not watched."
    );
    assert_eq!((evidence(&found[0], "Lesson 4"), evidence(&found[0], "Lesson 6")), ("watched 60 %", "watched 89 %"));
    assert!(!found[0].evidence.iter().any(|fact| fact.label == "Lesson 5"), "one that was not begun is not one that fell short");
}

#[test]
fn a_record_that_contradicts_itself_is_our_mistake() {
    let video = video(2, 90);
    let read = LessonFacts { completed_at: None, ..text(2) };
    let submitted = LessonFacts { completed_at: None, ..quiz(2, 62, 1) };
    for (lesson, says) in [(video, "watched to 90 %"), (read, "read to its end"), (submitted, "submitted, with 62 %")] {
        let found = found(vec![text(1), lesson]);
        assert_eq!((found[0].reason, found[0].needs_person), (Reason::NotCounted, true));
        assert!(found[0].sentence.contains(says), "{}", found[0].sentence);
        assert!(!reasons(&found).contains(&Reason::ProgressCounted));
    }
}

#[test]
fn a_quiz_was_not_passed() {
    let found = found(vec![text(1), quiz(2, 62, 2), untouched(text(3))]);
    assert_eq!(reasons(&found), [Reason::QuizBelowPass, Reason::ProgressCounted]);
}

#[test]
fn complete_not_started_and_empty() {
    let done = only(Topic::Progress, &[complete()], &[paid()]);
    assert_eq!((done.reason, done.mood), (Reason::CourseComplete, Mood::Good));
    assert_eq!(
        done.sentence,
        "“Data analysis” is complete: you have finished all of its 2 lessons, the last one on 14 November 2026."
    );
    assert_eq!(reasons(&found(vec![untouched(text(1))])), [Reason::NotStarted]);
    assert_eq!(reasons(&found(Vec::new())), [Reason::CourseEmpty]);
    // Looked at, but nothing finished.
    assert_eq!(reasons(&found(vec![video(1, 5)])), [Reason::VideoNotWatched, Reason::ProgressCounted]);
}

#[test]
fn a_course_that_is_not_open_has_no_progress() {
    assert_eq!(only(Topic::Progress, &[pending(days_ago(1))], &[]).reason, Reason::EnrolmentStuck);
    let closed = CourseFacts { enrolment: EnrolmentStatus::Cancelled, ..complete() };
    assert_eq!(only(Topic::Progress, &[closed], &[]).reason, Reason::EnrolmentCancelled);
    // What was done before the end still counts.
    let expired = CourseFacts { access_until: Some(days_ago(1)), ..complete() };
    assert_eq!(only(Topic::Progress, &[expired], &[]).reason, Reason::CourseComplete);
    // What was not done cannot be done any more.
    let expired = CourseFacts { access_until: Some(days_ago(1)), ..course(vec![text(1), video(2, 60), video(3, 95)]) };
    assert_eq!(reasons(&ask(Topic::Progress, &[expired], &[])), [Reason::NotCounted, Reason::AccessExpired]);
}

#[test]
fn our_mistakes_come_first_and_closed_courses_last() {
    let closed = CourseFacts { enrolment: EnrolmentStatus::Cancelled, enrolled_at: days_ago(1), ..complete() };
    let wrong = another(course(vec![text(1), video(2, 95)]), "Wrong");
    let short = another(course(vec![text(1), video(2, 50)]), "Short");
    let found = ask(Topic::Progress, &[closed, complete(), short, wrong], &[]);
    assert_eq!(
        reasons(&found),
        [Reason::NotCounted, Reason::VideoNotWatched, Reason::ProgressCounted, Reason::CourseComplete, Reason::EnrolmentCancelled]
    );
    assert_eq!((found[0].about.as_str(), found[1].about.as_str()), ("Wrong", "Short"));
}

#[test]
fn without_any_course() {
    assert_eq!(only(Topic::Progress, &[], &[]).reason, Reason::NotEnrolledAnywhere);
}
