//! The gradebook: a page of learners with their scores. It reads the rows of these learners and no others.

use std::collections::HashMap;

use porter_kernel::clock::Timestamp;
use porter_kernel::db::DbError;
use uuid::Uuid;

use super::assigning::{AssignmentRow, placed};
use crate::domain::assignment::{PlacedAssignment, due};
use crate::domain::gradebook::{Category, Gradebook, Item, Line, Scheme, Standing, total};
use crate::domain::{AccountId, CourseId};

/// The learners of a page: `$1` the course, `$2` after whom, `$3` how many.
macro_rules! learners {
    () => {
        "WITH page AS (SELECT e.account_id, e.enrolled_at FROM enrolment e WHERE e.course_id = $1 AND e.account_id > $2 \
         AND e.status IN ('active', 'completed') ORDER BY e.account_id LIMIT $3) "
    };
}

#[derive(Debug, sqlx::FromRow)]
struct LearnerRow {
    account_id: Uuid,
    name: String,
    email: String,
    enrolled_at: Timestamp,
    finished: i64,
}

/// What the scores of a page are made of.
#[derive(Debug, Default)]
struct Scores {
    /// The best percent, by learner and lesson.
    quizzes: HashMap<(Uuid, Uuid), i64>,
    /// Points and whether one waits, by learner and assignment.
    assignments: HashMap<(Uuid, Uuid), (Option<i64>, bool)>,
    extensions: HashMap<(Uuid, Uuid), Timestamp>,
}

/// A lesson of the course: id, place, title, kind.
type LessonRow = (Uuid, i64, String, String);

fn items(lessons: &[LessonRow], assignments: &[PlacedAssignment]) -> Vec<Item> {
    let item = |(id, place, title, kind): &LessonRow| {
        let assignment = assignments.iter().find(|placed| placed.lesson.0 == *id);
        let category = match assignment {
            Some(placed) => placed.assignment.category,
            None if kind == "quiz" => Category::Quizzes,
            None => return None,
        };
        let title = assignment.map_or(title, |placed| &placed.assignment.title).clone();
        Some(Item { lesson: *id, place: *place, title, category, assignment: assignment.map(|placed| placed.id) })
    };
    lessons.iter().filter_map(item).collect()
}

fn line(
    learner: LearnerRow,
    scheme: Scheme,
    items: &[Item],
    lessons: i64,
    assignments: &[PlacedAssignment],
    scores: &Scores,
    now: Timestamp,
) -> Line {
    let account = learner.account_id;
    let (mut standings, mut dues) = (Vec::new(), Vec::new());
    for item in items {
        let asked = assignments.iter().find(|placed| Some(placed.id) == item.assignment);
        let (standing, due) = match asked {
            None => (
                scores.quizzes.get(&(account, item.lesson)).map_or(Standing::NotYet, |percent| Standing::Scored(percent * 100)),
                None,
            ),
            Some(asked) => {
                let key = (account, asked.id.0);
                let due = due(&asked.assignment, learner.enrolled_at, scores.extensions.get(&key).copied());
                let standing = match scores.assignments.get(&key) {
                    Some((Some(points), _)) => Standing::Scored(*points),
                    Some((None, true)) => Standing::Waiting,
                    _ if due.is_some_and(|due| due < now) => Standing::Missing,
                    _ => Standing::NotYet,
                };
                (standing, due)
            }
        };
        standings.push(standing);
        dues.push(due);
    }
    let participation = (learner.finished * 10_000).checked_div(lessons).map_or(Standing::NotYet, Standing::Scored);
    let mut all: Vec<_> = items.iter().map(|item| item.category).zip(standings.iter().copied()).collect();
    all.push((Category::Participation, participation));
    Line {
        account: AccountId(account),
        name: learner.name,
        email: learner.email,
        total: total(scheme, &all),
        standings,
        due: dues,
        finished: (learner.finished, lessons),
    }
}

porter_kernel::for_both_engines! {
    type Connection = <engine::Engine as sqlx::Database>::Connection;

    pub(in crate::store) async fn scheme(connection: &mut Connection, course: CourseId) -> std::result::Result<Scheme, DbError> {
        let row: Option<(i64, i64, i64, i64, i64)> = sqlx::query_as(
            "SELECT quizzes, assignments, participation, drop_quizzes, drop_assignments FROM grade_scheme WHERE course_id = $1",
        )
        .bind(course.0)
        .fetch_optional(connection)
        .await?;
        let scheme = row.map(|(quizzes, assignments, participation, drop_quizzes, drop_assignments)| Scheme {
            quizzes,
            assignments,
            participation,
            drop_quizzes,
            drop_assignments,
        });
        Ok(scheme.unwrap_or_default())
    }

    /// The learners after `after`; `limit` at most.
    pub(in crate::store) async fn page(
        connection: &mut Connection,
        course: CourseId,
        after: Uuid,
        limit: i64,
        now: Timestamp,
    ) -> std::result::Result<Gradebook, DbError> {
        const ASSIGNMENTS: &str = concat!(placed!(), "WHERE l.course_id = $1 ORDER BY l.place");
        const LEARNERS: &str = concat!(
            learners!(),
            "SELECT p.account_id, a.name, a.email, p.enrolled_at, (SELECT COUNT(*) FROM lesson l JOIN lesson_progress r \
             ON r.lesson_id = l.id AND r.account_id = p.account_id WHERE l.course_id = $1 AND r.completed_at IS NOT NULL) AS finished \
             FROM page p JOIN account a ON a.id = p.account_id ORDER BY p.account_id"
        );
        let scheme = scheme(connection, course).await?;
        let lessons: Vec<LessonRow> = sqlx::query_as("SELECT id, place, title, kind FROM lesson WHERE course_id = $1 ORDER BY place")
            .bind(course.0)
            .fetch_all(&mut *connection)
            .await?;
        let assignments: Vec<AssignmentRow> = sqlx::query_as(ASSIGNMENTS).bind(course.0).fetch_all(&mut *connection).await?;
        let assignments: Vec<PlacedAssignment> = assignments.into_iter().map(Into::into).collect();
        let learners: Vec<LearnerRow> =
            sqlx::query_as(LEARNERS).bind(course.0).bind(after).bind(limit).fetch_all(&mut *connection).await?;
        let scores = scores(connection, course, after, limit).await?;
        let items = items(&lessons, &assignments);
        let count = i64::try_from(lessons.len()).unwrap_or(i64::MAX);
        let full = i64::try_from(learners.len()).unwrap_or(i64::MAX) == limit;
        let next = learners.last().filter(|_| full).map(|last| AccountId(last.account_id));
        let lines = learners.into_iter().map(|learner| line(learner, scheme, &items, count, &assignments, &scores, now)).collect();
        Ok(Gradebook { scheme, items, lines, next })
    }

    async fn scores(connection: &mut Connection, course: CourseId, after: Uuid, limit: i64) -> std::result::Result<Scores, DbError> {
        const QUIZZES: &str = concat!(
            learners!(),
            "SELECT q.account_id, q.lesson_id, MAX(q.percent) FROM page p JOIN lesson l ON l.course_id = $1 \
             JOIN quiz_attempt q ON q.account_id = p.account_id AND q.lesson_id = l.id GROUP BY q.account_id, q.lesson_id"
        );
        const ASSIGNMENTS: &str = concat!(
            learners!(),
            "SELECT u.account_id, u.assignment_id, MAX(CASE WHEN u.status = 'graded' THEN u.final_points END), \
             MAX(CASE WHEN u.status = 'submitted' THEN 1 ELSE 0 END) FROM page p JOIN lesson l ON l.course_id = $1 \
             JOIN assignment s ON s.lesson_id = l.id JOIN submission u ON u.assignment_id = s.id AND u.account_id = p.account_id \
             GROUP BY u.account_id, u.assignment_id"
        );
        const EXTENSIONS: &str = concat!(
            learners!(),
            "SELECT x.account_id, x.assignment_id, x.due_at FROM page p JOIN lesson l ON l.course_id = $1 \
             JOIN assignment s ON s.lesson_id = l.id JOIN assignment_extension x ON x.assignment_id = s.id AND x.account_id = p.account_id"
        );
        let quizzes: Vec<(Uuid, Uuid, i64)> =
            sqlx::query_as(QUIZZES).bind(course.0).bind(after).bind(limit).fetch_all(&mut *connection).await?;
        let assignments: Vec<(Uuid, Uuid, Option<i64>, i32)> =
            sqlx::query_as(ASSIGNMENTS).bind(course.0).bind(after).bind(limit).fetch_all(&mut *connection).await?;
        let extensions: Vec<(Uuid, Uuid, Timestamp)> =
            sqlx::query_as(EXTENSIONS).bind(course.0).bind(after).bind(limit).fetch_all(&mut *connection).await?;
        Ok(Scores {
            quizzes: quizzes.into_iter().map(|(account, lesson, percent)| ((account, lesson), percent)).collect(),
            assignments: assignments.into_iter().map(|(account, id, points, waits)| ((account, id), (points, waits == 1))).collect(),
            extensions: extensions.into_iter().map(|(account, id, due)| ((account, id), due)).collect(),
        })
    }
}
