//! Assignments of the demo's courses, with work that waits to be graded and work that was.

use std::time::Duration;

use porter_kernel::clock::Timestamp;
use porter_kernel::ids::Ids;

use crate::domain::assignment::{Assignment, Mark, SubmissionStatus, due, lateness, parse, percent};
use crate::domain::{AccountId, AccountStatus, AssignmentId, CourseId, LessonId, Role, SubmissionId};
use crate::store::{Seed, SeedAccount, SeedAssignment, SeedSubmission};

/// Teaches data analysis.
const INSTRUCTOR: &str = "maren.holt@northlight.example";
/// Course, the lesson's place, and the text.
const WRITTEN: [(&str, i64, &str); 1] = [(
    "data-analysis-from-zero",
    11,
    include_str!("../../content/data-analysis-from-zero/11-project-a-year-of-buses.assignment.toml"),
)];
const DAY: Duration = Duration::from_secs(86_400);

/// Whose work waits, for how many hours, and what it says.
const WAITING: [(&str, u64, &str); 2] = [
    (
        "joao.ferreira@learner.example",
        30,
        "My question: on which weekday is tram 15 most often more than five minutes late?\n\nThe data is the operator's open delay table for last \
         year, fetched on the first day of this month, 48,210 rows. I removed 312 rows without a departure time and kept the rest.\n\nFridays: 11.8 % of \
         6,902 departures. All other weekdays lie between 6.9 % and 8.4 %. The spread within Fridays is large, so I do not trust the difference \
         between morning and evening.",
    ),
    (
        "zofia.wojcik@learner.example",
        5,
        "Do more people ride the night buses in the weeks before an examination? I compared the counts of two lines over 52 weeks. \
         They do, by about a tenth, but there are only two examination periods in a year, so this may be chance.",
    ),
];

/// Adds to the academy what its courses ask to be handed in.
pub(super) fn add(seed: &mut Seed, now: Timestamp, ids: &dyn Ids, password_hash: &str) {
    for (slug, place, text) in WRITTEN {
        let course = seed.courses.iter().find(|course| course.slug == slug).map(|course| course.id);
        let lesson =
            seed.lessons.iter().find(|lesson| Some(lesson.course) == course && lesson.position == place).map(|lesson| lesson.id);
        // The text is part of the program, and a test reads it.
        let (Some(course), Some(lesson), Ok(assignment)) = (course, lesson, parse(text)) else { continue };
        let id = AssignmentId(ids.uuid());
        let teacher = teacher(seed, course, now, ids, password_hash);
        histories(seed, (id, lesson, course), &assignment, teacher, now, ids);
        seed.assignments.push(SeedAssignment { id, lesson, assignment });
    }
}

/// The course's instructor, who has an account then and teaches it.
fn teacher(seed: &mut Seed, course: CourseId, now: Timestamp, ids: &dyn Ids, password_hash: &str) -> AccountId {
    let known = seed.accounts.iter().find(|account| account.email == INSTRUCTOR).map(|account| account.id);
    let id = known.unwrap_or_else(|| {
        let id = AccountId(ids.uuid());
        seed.accounts.push(SeedAccount {
            id,
            email: INSTRUCTOR.to_owned(),
            name: "Dr. Maren Holt".to_owned(),
            role: Role::Instructor,
            status: AccountStatus::Active,
            password_hash: password_hash.to_owned(),
            created_at: now - DAY * 800,
        });
        id
    });
    if !seed.teaching.contains(&(id, course)) {
        seed.teaching.push((id, course));
    }
    id
}

fn histories(
    seed: &mut Seed,
    (id, lesson, course): (AssignmentId, LessonId, CourseId),
    asked: &Assignment,
    teacher: AccountId,
    now: Timestamp,
    ids: &dyn Ids,
) {
    let person = |seed: &Seed, email: &str| {
        let account = seed.accounts.iter().find(|account| account.email == email)?.id;
        let enrolled = seed.enrolments.iter().find(|it| it.account == account && it.course == course)?.enrolled_at;
        Some((account, enrolled))
    };
    let submission = |account, submitted_at: Timestamp, answer: &str| SeedSubmission {
        id: SubmissionId(ids.uuid()),
        assignment: id,
        account,
        status: SubmissionStatus::Submitted,
        answer: answer.to_owned(),
        submitted_at,
        decided: None,
    };
    for (email, hours, answer) in WAITING {
        if let Some((account, _)) = person(seed, email) {
            seed.submissions.push(submission(account, now - Duration::from_secs(hours * 3_600), answer));
        }
    }
    let Some((account, enrolled)) = person(seed, "hyejin.park@learner.example") else { return };
    let Some(done) = seed.progress.iter().find(|it| it.account == account && it.lesson == lesson).and_then(|it| it.completed_at)
    else {
        return;
    };
    let marks: Vec<Mark> = asked
        .rubric
        .iter()
        .enumerate()
        .filter_map(|(number, criterion)| {
            let level = criterion.levels.get(usize::from(number == 1)).or(criterion.levels.first())?;
            let comment = if number == 1 { "Say why you left the rows without a stop in." } else { "" };
            Some(Mark { points: level.points, comment: comment.to_owned() })
        })
        .collect();
    let Ok(raw) = percent(&asked.rubric, &marks) else { return };
    let submitted_at = due(asked, enrolled, None).map_or(done, |due| due.min(done)) - Duration::from_secs(7_200);
    let points = lateness(asked.late, due(asked, enrolled, None), submitted_at).applied_to(raw);
    let answer =
        "Which stop of line 4 do most people use in the rain? The answer is the station, in every month, and by a wide margin.";
    seed.submissions.push(SeedSubmission {
        status: SubmissionStatus::Graded,
        decided: Some((
            teacher,
            submitted_at + Duration::from_secs(5_400),
            marks,
            "A dull answer, honestly found. That is good work.".to_owned(),
            raw,
            points,
        )),
        ..submission(account, submitted_at, answer)
    });
}

#[cfg(test)]
mod tests {
    use porter_kernel::clock::{Clock as _, ManualClock};
    use porter_kernel::ids::SequentialIds;

    use super::*;

    #[test]
    fn every_text_can_be_read() {
        for (slug, _, text) in WRITTEN {
            let read = parse(text);
            assert!(read.is_ok(), "{slug}: {read:?}");
        }
    }

    #[test]
    fn there_is_work_to_grade_and_work_that_was_graded() {
        let seed = crate::demo::academy(ManualClock::default().now(), &SequentialIds::default(), "$argon2id$demo");
        let count = |status| seed.submissions.iter().filter(|one| one.status == status).count();
        assert_eq!((seed.assignments.len(), count(SubmissionStatus::Submitted), count(SubmissionStatus::Graded)), (1, 2, 1));
        let graded = seed.submissions.iter().find_map(|one| one.decided.as_ref()).unwrap();
        assert!(graded.5 >= 6_000, "it has passed: the lesson is finished");
        assert_eq!(seed.accounts.iter().filter(|account| account.email == INSTRUCTOR).count(), 1);
    }
}
