//! Filling an academy.

use async_trait::async_trait;
use porter_kernel::db::storable;
use sqlx::types::Json;

use super::{AcademyError, Result, Seed, SeedCohort, Seeding};

porter_kernel::for_both_engines! {
    siblings academy, assigning, quizzes;

    #[async_trait]
    impl Seeding for academy::Academy {
        async fn seed(&self, seed: &Seed) -> Result<()> {
            let mut tx = self.db.write().await?;
            people(&mut tx, seed).await?;
            courses(&mut tx, seed).await?;
            contents(&mut tx, seed).await?;
            money(&mut tx, seed).await?;
            learning(&mut tx, seed).await?;
            certificates(&mut tx, seed).await?;
            for quiz in &seed.quizzes {
                quizzes::put(&mut tx, quiz.lesson, &quiz.quiz, quiz.at).await?;
            }
            assignments(&mut tx, seed).await?;
            tx.commit().await?;
            Ok(())
        }
    }

    async fn people(tx: &mut engine::Tx, seed: &Seed) -> Result<()> {
        for account in &seed.accounts {
            sqlx::query(
                "INSERT INTO account (id, email, name, role, status, password_hash, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(account.id.0)
            .bind(storable(&account.email))
            .bind(storable(&account.name))
            .bind(account.role.as_str())
            .bind(account.status.as_str())
            .bind(storable(&account.password_hash))
            .bind(account.created_at)
            .execute(&mut **tx)
            .await?;
        }
        Ok(())
    }

    async fn courses(tx: &mut engine::Tx, seed: &Seed) -> Result<()> {
        for course in &seed.courses {
            sqlx::query(
                "INSERT INTO course (id, slug, title, summary, signatory, signatory_role, price_minor, currency, pass_percent, starts_at, published, admission) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            )
            .bind(course.id.0)
            .bind(storable(&course.slug))
            .bind(storable(&course.title))
            .bind(storable(&course.summary))
            .bind(storable(&course.signatory))
            .bind(storable(&course.signatory_role))
            .bind(course.price.minor)
            .bind(storable(&course.price.currency))
            .bind(course.pass_percent)
            .bind(course.starts_at)
            .bind(course.published)
            .bind(if course.price.minor == 0 { "free" } else { "paid" })
            .execute(&mut **tx)
            .await?;
        }
        for lesson in &seed.lessons {
            sqlx::query("INSERT INTO lesson (id, course_id, place, title, kind, minutes) VALUES ($1, $2, $3, $4, $5, $6)")
                .bind(lesson.id.0)
                .bind(lesson.course.0)
                .bind(lesson.position)
                .bind(storable(&lesson.title))
                .bind(lesson.kind.as_str())
                .bind(lesson.minutes)
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    async fn contents(tx: &mut engine::Tx, seed: &Seed) -> Result<()> {
        for text in &seed.course_texts {
            sqlx::query("UPDATE course SET description = $2, level = $3, language = $4, admission = $5 WHERE id = $1")
                .bind(text.course.0)
                .bind(storable(&text.description))
                .bind(text.level.as_str())
                .bind(storable(&text.language))
                .bind(text.admission.as_str())
                .execute(&mut **tx)
                .await?;
            for needed in &text.needs {
                sqlx::query("INSERT INTO course_prerequisite (course_id, needs_id) VALUES ($1, $2)")
                    .bind(text.course.0)
                    .bind(needed.0)
                    .execute(&mut **tx)
                    .await?;
            }
        }
        for module in &seed.modules {
            sqlx::query("INSERT INTO module (id, course_id, place, title) VALUES ($1, $2, $3, $4)")
                .bind(module.id.0)
                .bind(module.course.0)
                .bind(module.place)
                .bind(storable(&module.title))
                .execute(&mut **tx)
                .await?;
        }
        for text in &seed.lesson_texts {
            sqlx::query("UPDATE lesson SET module_id = $2, body = $3, media = $4, captions = $5 WHERE id = $1")
                .bind(text.lesson.0)
                .bind(text.module.map(|module| module.0))
                .bind(storable(&text.body))
                .bind(text.media.as_deref().map(storable))
                .bind(text.captions.as_deref().map(storable))
                .execute(&mut **tx)
                .await?;
        }
        for SeedCohort { id, course, dates } in &seed.cohorts {
            sqlx::query(
                "INSERT INTO cohort (id, course_id, name, starts_at, ends_at, enrol_from, enrol_until, seats) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(id.0)
            .bind(course.0)
            .bind(storable(&dates.name))
            .bind(dates.starts_at)
            .bind(dates.ends_at)
            .bind(dates.enrol_from)
            .bind(dates.enrol_until)
            .bind(dates.seats)
            .execute(&mut **tx)
            .await?;
        }
        for (account, course) in &seed.teaching {
            sqlx::query("INSERT INTO course_instructor (course_id, account_id) VALUES ($1, $2)")
                .bind(course.0)
                .bind(account.0)
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    async fn money(tx: &mut engine::Tx, seed: &Seed) -> Result<()> {
        for order in &seed.orders {
            sqlx::query(
                "INSERT INTO orders (id, number, account_id, course_id, total_minor, currency, status, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(order.id.0)
            .bind(storable(&order.number))
            .bind(order.account.0)
            .bind(order.course.0)
            .bind(order.total.minor)
            .bind(storable(&order.total.currency))
            .bind(order.status.as_str())
            .bind(order.created_at)
            .execute(&mut **tx)
            .await?;
        }
        for charge in &seed.charges {
            sqlx::query(
                "INSERT INTO charge (id, order_id, amount_minor, currency, method, status, charged_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(charge.id)
            .bind(charge.order.0)
            .bind(charge.amount.minor)
            .bind(storable(&charge.amount.currency))
            .bind(storable(&charge.method))
            .bind(charge.status.as_str())
            .bind(charge.charged_at)
            .execute(&mut **tx)
            .await?;
        }
        for refund in &seed.refunds {
            sqlx::query(
                "INSERT INTO refund (id, order_id, amount_minor, currency, status, requested_at, decided_at, sent_at, settled_at, reason) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            )
            .bind(refund.id)
            .bind(refund.order.0)
            .bind(refund.amount.minor)
            .bind(storable(&refund.amount.currency))
            .bind(refund.status.as_str())
            .bind(refund.requested_at)
            .bind(refund.decided_at)
            .bind(refund.sent_at)
            .bind(refund.settled_at)
            .bind(refund.reason.as_deref().map(storable))
            .execute(&mut **tx)
            .await?;
        }
        Ok(())
    }

    async fn learning(tx: &mut engine::Tx, seed: &Seed) -> Result<()> {
        for enrolment in &seed.enrolments {
            sqlx::query(
                "INSERT INTO enrolment (account_id, course_id, order_id, status, enrolled_at, activated_at, access_until, stuck_reason) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(enrolment.account.0)
            .bind(enrolment.course.0)
            .bind(enrolment.order.map(|order| order.0))
            .bind(enrolment.status.as_str())
            .bind(enrolment.enrolled_at)
            .bind(enrolment.activated_at)
            .bind(enrolment.access_until)
            .bind(enrolment.stuck_reason.as_deref().map(storable))
            .execute(&mut **tx)
            .await?;
        }
        for progress in &seed.progress {
            sqlx::query("INSERT INTO lesson_progress (account_id, lesson_id, percent, completed_at, updated_at) VALUES ($1, $2, $3, $4, $5)")
                .bind(progress.account.0)
                .bind(progress.lesson.0)
                .bind(progress.percent)
                .bind(progress.completed_at)
                .bind(progress.updated_at)
                .execute(&mut **tx)
                .await?;
        }
        for attempt in &seed.attempts {
            sqlx::query("INSERT INTO quiz_attempt (account_id, lesson_id, attempt, percent, submitted_at) VALUES ($1, $2, $3, $4, $5)")
                .bind(attempt.account.0)
                .bind(attempt.lesson.0)
                .bind(attempt.attempt)
                .bind(attempt.percent)
                .bind(attempt.submitted_at)
                .execute(&mut **tx)
                .await?;
        }
        Ok(())
    }

    async fn certificates(tx: &mut engine::Tx, seed: &Seed) -> Result<()> {
        for certificate in &seed.certificates {
            let written = sqlx::query(
                "INSERT INTO certificate (id, account_id, course_id, course_title, learner_name, signatory, signatory_role, code, issued_at) \
                 SELECT $1, a.id, c.id, c.title, a.name, c.signatory, c.signatory_role, $4, $5 FROM account a, course c \
                 WHERE a.id = $2 AND c.id = $3",
            )
            .bind(certificate.id)
            .bind(certificate.account.0)
            .bind(certificate.course.0)
            .bind(storable(&certificate.code))
            .bind(certificate.issued_at)
            .execute(&mut **tx)
            .await?;
            if written.rows_affected() != 1 {
                return Err(AcademyError::NotFound);
            }
        }
        for request in &seed.certificate_requests {
            sqlx::query(
                "INSERT INTO certificate_request (account_id, course_id, status, requested_at, reason) VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(request.account.0)
            .bind(request.course.0)
            .bind(request.status.as_str())
            .bind(request.requested_at)
            .bind(request.reason.as_deref().map(storable))
            .execute(&mut **tx)
            .await?;
        }
        Ok(())
    }

    async fn assignments(tx: &mut engine::Tx, seed: &Seed) -> Result<()> {
        for one in &seed.assignments {
            assigning::put(tx, one.id, one.lesson, &one.assignment).await?;
        }
        for one in &seed.submissions {
            let decided = one.decided.as_ref();
            sqlx::query(
                "INSERT INTO submission (id, assignment_id, account_id, version, status, answer, created_at, submitted_at, revision, decided_by, decided_at, \
                 marks, remark, raw_points, final_points) VALUES ($1, $2, $3, 1, $4, $5, $6, $6, $7, $8, $9, $10, $11, $12, $13)",
            )
            .bind(one.id.0)
            .bind(one.assignment.0)
            .bind(one.account.0)
            .bind(one.status.as_str())
            .bind(storable(&one.answer))
            .bind(one.submitted_at)
            .bind(i64::from(decided.is_some()))
            .bind(decided.map(|it| it.0.0))
            .bind(decided.map(|it| it.1))
            .bind(decided.map(|it| Json(&it.2)))
            .bind(decided.map(|it| storable(&it.3)).unwrap_or_default())
            .bind(decided.map(|it| it.4))
            .bind(decided.map(|it| it.5))
            .execute(&mut **tx)
            .await?;
        }
        Ok(())
    }
}
